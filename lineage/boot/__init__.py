"""The room `boot`."""
