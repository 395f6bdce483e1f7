"""The gRPC face: a thin servicer a service, translation, and the one place where errors become statuses."""
