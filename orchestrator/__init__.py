"""The gRPC service: coordinates segmentation, embedding and vector indexing."""
