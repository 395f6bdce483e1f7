"""The embedded index: Qdrant Edge shards behind the part of Qdrant's gRPC contract that Sightline uses."""
