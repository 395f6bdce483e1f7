"""Automatic masks against those of the `sam2` package: how alike, and how fast."""
