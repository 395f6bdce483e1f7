"""The whole mesh on one machine: Triton, the index, the orchestrator and the gateway, started and watched.

Needs the extra `server`. Nothing here is imported by the client.
"""
