"""The room `s6`."""
