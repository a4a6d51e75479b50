"""The command line: arguments in, findings out."""
