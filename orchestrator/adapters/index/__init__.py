"""Vector indexes: one adapter over Qdrant's gRPC contract, and a local server that answers it."""
