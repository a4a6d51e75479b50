"""The room `image`."""
