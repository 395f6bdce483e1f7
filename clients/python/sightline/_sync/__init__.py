# Made from _async/__init__.py by generate_sync.py. Do not edit.
"""The client without asyncio."""
