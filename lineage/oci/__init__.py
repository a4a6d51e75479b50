"""Real images: layouts, archives and registries read into the same tree and settings that folding makes."""
