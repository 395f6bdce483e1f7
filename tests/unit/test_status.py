"""The one table from domain errors to gRPC codes, and the details that travel with them."""

import grpc
import pytest
from google.rpc import error_details_pb2

from orchestrator.domain import errors
from orchestrator.grpc_api.status import CODES, code_of, to_status

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind is not errors.SightlineError])
def test_every_domain_error_has_the_code_that_bears_its_name(kind: type[errors.SightlineError]) -> None:
    status = to_status(kind("why"))
    name = "".join(f"_{c}" if c.isupper() else c for c in kind.__name__).strip("_").upper()
    assert code_of(kind("why")) is grpc.StatusCode[name]
    assert (status.code, status.message) == (grpc.StatusCode[name].value[0], "why")


def test_the_table_has_no_code_twice() -> None:
    assert len(set(CODES.values())) == len(CODES)


def test_a_subclass_has_its_parents_code() -> None:
    class Odd(errors.NotFound):
        pass

    assert code_of(Odd("x")) is grpc.StatusCode.NOT_FOUND


def test_details_name_the_reason_the_fields_and_when_to_try_again() -> None:
    error = errors.ResourceExhausted(
        "full",
        metadata={"limit": "4"},
        violations=(errors.FieldViolation("image.labels[2]", "too long"),),
        retry_after=1.25,
    )
    info, bad, retry, request = to_status(error, "r-1").details
    unpacked = error_details_pb2.ErrorInfo()
    assert info.Unpack(unpacked)
    assert (unpacked.reason, unpacked.domain, dict(unpacked.metadata)) == (
        "TOO_MANY_REQUESTS",
        "sightline",
        {"limit": "4"},
    )
    violations = error_details_pb2.BadRequest()
    assert bad.Unpack(violations)
    assert [(v.field, v.description) for v in violations.field_violations] == [
        ("image.labels[2]", "too long")
    ]
    delay = error_details_pb2.RetryInfo()
    assert retry.Unpack(delay)
    assert (delay.retry_delay.seconds, delay.retry_delay.nanos) == (1, 250_000_000)
    which = error_details_pb2.RequestInfo()
    assert request.Unpack(which)
    assert which.request_id == "r-1"


@pytest.mark.parametrize("error", [ValueError("the secret path"), errors.SightlineError("the secret path")])
def test_an_error_that_is_not_for_callers_tells_them_nothing(error: Exception) -> None:
    status = to_status(error, "r-2")
    assert status.code == grpc.StatusCode.INTERNAL.value[0]
    assert b"secret" not in status.SerializeToString()
    assert "r-2" in status.message
