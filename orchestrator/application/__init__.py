"""The use cases, one a file, over the ports of `ports`."""
