"""The text model that every embedder pack has before its tower."""
