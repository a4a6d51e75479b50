"""The room `profiles`."""
