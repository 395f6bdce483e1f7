"""Collections from one engine to another while they are served."""
