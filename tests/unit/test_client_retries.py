"""What service_config.json has the SDK ask again: pictures of any size too."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from sightline import Sightline
from sightline.v1 import image_pb2, image_service_pb2, image_service_pb2_grpc


class Flaky(image_service_pb2_grpc.ImageServiceServicer):
    """Is not there for the first two calls."""

    def __init__(self) -> None:
        self.received: list[image_service_pb2.CreateImageRequest] = []

    def CreateImage(
        self, request: image_service_pb2.CreateImageRequest, context: grpc.ServicerContext
    ) -> image_pb2.Image:
        self.received.append(request)
        if len(self.received) < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        return image_pb2.Image(name="collections/default/images/one")


@pytest.fixture
def flaky() -> Iterator[tuple[Flaky, str]]:
    service = Flaky()  # type: ignore[abstract]
    options = [("grpc.max_receive_message_length", 1 << 26)]
    server = grpc.server(ThreadPoolExecutor(2), options=options)
    image_service_pb2_grpc.add_ImageServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield service, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.mark.parametrize("size", [1000, 3 << 20, 32 << 20], ids=["1 kB", "3 MiB", "32 MiB"])
def test_a_create_is_asked_again_whatever_its_picture_weighs(flaky: tuple[Flaky, str], size: int) -> None:
    service, address = flaky
    with Sightline(address, timeout=30) as client:
        assert client.create_image(bytes(size)).name == "collections/default/images/one"
    assert len(service.received) == 3
    assert {request.request_id for request in service.received} == {service.received[0].request_id} != {""}
