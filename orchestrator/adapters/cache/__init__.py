"""Caches: bytes by key, bounded in size and age."""
