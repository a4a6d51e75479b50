"""The room `shared`."""
