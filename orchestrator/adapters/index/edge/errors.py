"""What goes wrong in the embedded index, and the gRPC code it answers with."""

import grpc


class EdgeError(Exception):
    """An error that the caller is told of."""

    code = grpc.StatusCode.INTERNAL


class BadRequest(EdgeError):
    """The request makes no sense."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class NoCollection(EdgeError):
    """The collection does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class CollectionExists(EdgeError):
    """The name is taken."""

    code = grpc.StatusCode.ALREADY_EXISTS


class NotServed(EdgeError):
    """A part of Qdrant's contract that this server leaves out."""

    code = grpc.StatusCode.UNIMPLEMENTED


class ShuttingDown(EdgeError):
    """The collection has been closed or deleted under the call."""

    code = grpc.StatusCode.UNAVAILABLE


class DirectoryTaken(Exception):
    """Another process holds the data directory."""
