"""The room `dockerfile`."""
