"""A generic gRPC to HTTP gateway: serves whatever bears `google.api.http`, from the server's own descriptors."""
