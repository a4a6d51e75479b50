"""The room `remote`."""
