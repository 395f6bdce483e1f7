"""Tests over the whole mesh."""
