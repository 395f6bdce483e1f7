"""The client over asyncio, written by hand. `sightline._sync` is made from it by `generate_sync.py`."""
