"""Fetching from the web, behind a guard: what may be reached, how much of it, and how politely."""
