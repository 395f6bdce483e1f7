"""How a servicer's method answers: timed, and with its errors as status codes."""

import functools
import logging
import time
from collections.abc import Callable
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from orchestrator.adapters.index.edge.errors import EdgeError

log = logging.getLogger(__name__)

Servicer = TypeVar("Servicer")
Request = TypeVar("Request")
Response = TypeVar("Response", bound=Message)


def answering(
    method: Callable[[Servicer, Request], Response],
) -> Callable[[Servicer, Request, grpc.ServicerContext], Response]:
    """Times a method and turns its errors into status codes. Nothing of another error reaches the caller."""

    @functools.wraps(method)
    def answer(self: Servicer, request: Request, context: grpc.ServicerContext) -> Response:
        started = time.perf_counter()
        try:
            response = method(self, request)
        except EdgeError as error:
            context.abort(error.code, str(error))
        except Exception:
            log.exception("%s failed", method.__name__)
            context.abort(grpc.StatusCode.INTERNAL, "the index failed; its log says why")
        if "time" in response.DESCRIPTOR.fields_by_name:
            setattr(response, "time", time.perf_counter() - started)  # noqa: B010 - not every answer has it
        return response

    return answer
