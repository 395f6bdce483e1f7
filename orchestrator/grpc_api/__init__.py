"""The gRPC face: one thin servicer a service."""
