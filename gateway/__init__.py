"""A generic gRPC to HTTP gateway: serves what bears `google.api.http`, from the server's own descriptors."""
