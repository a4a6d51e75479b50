"""The room `judging`."""
