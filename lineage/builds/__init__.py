"""The room `builds`."""
