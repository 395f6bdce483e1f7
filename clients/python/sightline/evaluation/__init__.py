"""Measures a running stack on pictures whose answers are known."""
