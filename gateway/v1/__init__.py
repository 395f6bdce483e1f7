"""Generated Python module of gateway/v1/annotations.proto, for servers whose protos carry its option."""
