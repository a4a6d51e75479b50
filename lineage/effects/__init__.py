"""The room `effects`."""
