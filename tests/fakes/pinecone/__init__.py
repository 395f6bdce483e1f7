"""A stand-in for Pinecone's cloud: its published HTTP contract, over an exact index in memory."""

from tests.fakes.pinecone.cloud import Cloud, Weather
from tests.fakes.pinecone.server import running_pinecone

__all__ = ["Cloud", "Weather", "running_pinecone"]
