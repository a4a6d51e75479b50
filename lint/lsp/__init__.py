"""The room `lsp`."""
