"""The room `repository`."""
