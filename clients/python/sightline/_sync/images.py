# Made from _async/images.py by generate_sync.py. Do not edit.
"""Calls on images."""

import itertools
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence

import google_crc32c
import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import ParseError

from sightline._channel import CHUNK_BYTES
from sightline._inputs import (
    BoxLike,
    NewImage,
    PictureFile,
    collection_name,
    create_request,
    describe,
    picture_chunks,
    to_box,
    to_new_image,
)
from sightline._sync.calls import Calls
from sightline.errors import CallError, from_rpc_error, from_status
from sightline.results import CreateResult
from sightline.v1 import image_pb2, image_service_pb2
from sightline.v1.image_service_pb2 import BulkCreateImagesRequest, UploadImageRequest


class Images(Calls):
    """`sightline.v1.ImageService`."""

    def create_image(
        self, new: NewImage | PictureFile, *, collection: str = "default", validate_only: bool = False
    ) -> image_pb2.Image:
        """Stores, segments, embeds and indexes a picture; a path, a URL or bytes alone will do.

        With `validate_only` nothing is stored. Raises InvalidArgument, AlreadyExists, NotFound for the
        collection, ResourceExhausted, Unavailable, OSError for a file that cannot be read.
        """
        given = to_new_image(new)
        request = create_request(given, collection, validate_only=validate_only)
        return self._call(self._images.CreateImage, request)

    def upload_image(self, new: NewImage | PictureFile, *, collection: str = "default") -> image_pb2.Image:
        """As `create_image`, the file in chunks of 64 KiB, with a checksum, none held longer than it is sent.

        For links that bear no large messages. Raises what it raises.
        """
        given = to_new_image(new)
        start = UploadImageRequest.Start(
            parent=collection_name(collection),
            image_id=given.image_id,
            image=describe(given),
            request_id=str(uuid.uuid4()),
        )
        chunks = picture_chunks(given.picture, CHUNK_BYTES)
        first = next(chunks, b"")
        broken: list[Exception] = []

        def parts() -> Iterator[UploadImageRequest]:
            yield UploadImageRequest(start=start)
            chunk, checksum = first, 0
            while chunk:
                yield UploadImageRequest(chunk=chunk)
                checksum = google_crc32c.extend(checksum, chunk)
                try:
                    chunk = next(chunks, b"")
                except (CallError, OSError) as error:  # without `finish` the server creates nothing
                    broken.append(error)
                    return
            yield UploadImageRequest(finish=UploadImageRequest.Finish(crc32c=checksum))

        try:
            return self._call(self._images.UploadImage, parts())
        except CallError as error:
            if broken:
                raise broken[0] from error
            raise

    def create_images(
        self, images: Iterable[NewImage | PictureFile], *, collection: str = "default", in_flight: int = 16
    ) -> Iterator[CreateResult]:
        """Creates many images over one stream, at most `in_flight` at a time; a result an item, in any order.

        Each result is there as soon as its image is: counting them shows how far it is. There is no deadline.

        A file that cannot be read or is no picture is a result with an error; the others go on. Raises
        CallError when the stream itself breaks: items without a result may or may not have been created. What
        `images` itself raises is raised here, after the results of those that it gave before, and so is
        TypeError for what is no image. Raises ValueError for `in_flight` below 1.
        """
        if in_flight < 1:
            raise ValueError(f"in_flight is {in_flight}: it is 1 or more")
        self._check_open()
        given = iter(images)
        free = threading.Semaphore(in_flight)
        waiting: dict[int, NewImage] = {}
        unread: list[CreateResult] = []
        broken: list[Exception] = []

        def requests() -> Iterator[BulkCreateImagesRequest]:
            try:
                for index in itertools.count():
                    try:
                        new = to_new_image(next(given))
                    except StopIteration:
                        return
                    free.acquire()
                    try:
                        request = create_request(new, collection)
                    except (CallError, OSError, ValueError, ParseError) as error:  # this item's fault alone
                        unread.append(CreateResult(index=index, new=new, error=error))
                        free.release()
                        continue
                    waiting[index] = new
                    yield BulkCreateImagesRequest(index=index, request=request)
            except Exception as error:  # grpc would tell the caller CANCELLED
                broken.append(error)

        stream = self._images.BulkCreateImages(requests(), metadata=self._metadata)
        try:
            for answer in stream:
                free.release()
                while unread:
                    yield unread.pop(0)
                new = waiting.pop(answer.index)
                if answer.WhichOneof("result") == "image":
                    self._tokens.note(answer.consistency_token, answer.image)
                    yield CreateResult(index=answer.index, new=new, image=answer.image)
                else:
                    yield CreateResult(index=answer.index, new=new, error=from_status(answer.error))
        except grpc.RpcError as error:
            raise from_rpc_error(error, self.address) from error
        finally:
            stream.cancel()
            free.release()  # the requests' side may wait for it, and must see that the stream has ended
        while unread:
            yield unread.pop(0)
        if broken:
            raise broken[0]

    def get_image(self, name: str) -> image_pb2.Image:
        """Gets an image. Raises NotFound."""
        return self._call(self._images.GetImage, image_service_pb2.GetImageRequest(name=name))

    def list_images(
        self, *, collection: str = "default", filter: str = "", order_by: str = "", page_size: int = 0
    ) -> Iterator[image_pb2.Image]:
        """The images of a collection that a filter finds, fetched a page at a time.

        `filter`: AIP-160, as in `search`. `order_by`: AIP-132, such as "create_time desc". `page_size`: at
        most; 0 is the server's. Raises InvalidArgument, NotFound.
        """
        request = image_service_pb2.ListImagesRequest(
            parent=collection_name(collection), filter=filter, order_by=order_by, page_size=page_size
        )
        while True:
            page = self._call(self._images.ListImages, request)
            for image in page.images:
                yield image
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def update_image(self, image: image_pb2.Image, fields: Sequence[str]) -> image_pb2.Image:
        """Writes the named fields. With its etag, only over what was read. Raises Aborted, NotFound."""
        request = image_service_pb2.UpdateImageRequest(image=image, update_mask=FieldMask(paths=fields))
        return self._call(self._images.UpdateImage, request)

    def delete_image(self, name: str, *, allow_missing: bool = False) -> None:
        """Deletes an image and its regions. Raises NotFound."""
        request = image_service_pb2.DeleteImageRequest(name=name, allow_missing=allow_missing)
        self._call(self._images.DeleteImage, request)

    def image_content(self, name: str, *, max_pixels: int = 0, crop: BoxLike | None = None) -> HttpBody:
        """The file (`data`, `content_type`), or an upright picture made of it.

        `max_pixels`: the longer side at most; 0: as it is. `crop`: a box of the upright picture. Raises
        NotFound, InvalidArgument, DataLoss where the stored file is gone.
        """
        request = image_service_pb2.GetImageContentRequest(name=name, max_pixels=max_pixels)
        if crop is not None:
            request.crop.CopyFrom(to_box(crop))
        return self._call(self._images.GetImageContent, request)

    def image_uri(self, name: str, *, seconds: float = 3600) -> str:
        """A URL of the server's bucket from which anybody can fetch the file, for so long, at most 7 days.

        Raises NotFound; FailedPrecondition where the server keeps pictures in a directory.
        """
        request = image_service_pb2.GenerateImageUriRequest(name=name)
        request.ttl.FromNanoseconds(int(seconds * 1e9))
        return (self._call(self._images.GenerateImageUri, request)).uri
