"""The room `desktop`."""
