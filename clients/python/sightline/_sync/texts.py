# Made from _async/texts.py by generate_sync.py. Do not edit.
"""Calls on text records."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import ParseError

from sightline._inputs import NewText, collection_name, create_text_request, to_new_text
from sightline._sync.calls import Calls
from sightline.errors import AlreadyExists, CallError, InvalidArgument
from sightline.results import CreateTextResult
from sightline.v1 import text_pb2, text_service_pb2
from sightline.v1.text_service_pb2 import BatchCreateTextsRequest, CreateTextRequest

TEXTS_A_BATCH = 256


class Texts(Calls):
    """`sightline.v1.TextService`."""

    def create_text(
        self, new: NewText | str, *, collection: str = "default", validate_only: bool = False
    ) -> text_pb2.Text:
        """Embeds and indexes a text; its content alone will do.

        With `validate_only` nothing is stored, and `truncated` says whether the text tower reads it all.
        Raises InvalidArgument, AlreadyExists, NotFound for the collection, FailedPrecondition where its pack
        has no text tower, ResourceExhausted, Unavailable.
        """
        request = create_text_request(to_new_text(new), collection, validate_only=validate_only)
        return self._call(self._texts.CreateText, request)

    def create_texts(
        self, texts: Iterable[NewText | str], *, collection: str = "default"
    ) -> Iterator[CreateTextResult]:
        """Creates many text records, 256 a call; a result an item, in their order.

        One that is refused is a result with an error; the others go on. Raises what else `create_text`
        raises: of the items without a result some may have been created.
        """
        given = enumerate(map(to_new_text, texts))
        while batch := list(itertools.islice(given, TEXTS_A_BATCH)):
            results: dict[int, CreateTextResult] = {}
            requests: dict[int, CreateTextRequest] = {}
            for index, new in batch:
                try:
                    requests[index] = create_text_request(new, collection)
                except (TypeError, ValueError, ParseError) as error:  # this item's fault alone
                    results[index] = CreateTextResult(index=index, new=new, error=error)
            made = self._create_each(collection, requests)
            for index, new in batch:
                outcome = made.get(index)
                if isinstance(outcome, CallError):
                    results[index] = CreateTextResult(index=index, new=new, error=outcome)
                elif outcome is not None:
                    results[index] = CreateTextResult(index=index, new=new, text=outcome)
                yield results[index]

    def _create_each(
        self, collection: str, requests: dict[int, CreateTextRequest]
    ) -> dict[int, text_pb2.Text | CallError]:
        """Together, and where one is refused each by itself: a batch is created wholly or not at all."""
        if not requests:
            return {}
        batch = BatchCreateTextsRequest(parent=collection_name(collection), requests=requests.values())
        try:
            answer = self._call(self._texts.BatchCreateTexts, batch)
        except (AlreadyExists, InvalidArgument):
            pass
        else:
            return dict(zip(requests, answer.texts, strict=True))
        made: dict[int, text_pb2.Text | CallError] = {}
        for index, request in requests.items():
            try:
                made[index] = self._call(self._texts.CreateText, request)
            except (AlreadyExists, InvalidArgument) as error:
                made[index] = error
        return made

    def get_text(self, name: str) -> text_pb2.Text:
        """Gets a text record. Raises NotFound."""
        return self._call(self._texts.GetText, text_service_pb2.GetTextRequest(name=name))

    def list_texts(
        self, *, collection: str = "default", filter: str = "", page_size: int = 0
    ) -> Iterator[text_pb2.Text]:
        """The text records of a collection that a filter finds, the oldest first, fetched a page at a time.

        `filter`: AIP-160, as in `search`. `page_size`: at most; 0 is the server's. Raises InvalidArgument,
        NotFound.
        """
        request = text_service_pb2.ListTextsRequest(
            parent=collection_name(collection), filter=filter, page_size=page_size
        )
        while True:
            page = self._call(self._texts.ListTexts, request)
            for text in page.texts:
                yield text
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def update_text(self, text: text_pb2.Text, fields: Sequence[str]) -> text_pb2.Text:
        """Writes the named fields; another `content` is embedded. With its etag, only over what was read.

        Raises Aborted, InvalidArgument, NotFound, FailedPrecondition, Unavailable.
        """
        request = text_service_pb2.UpdateTextRequest(text=text, update_mask=FieldMask(paths=fields))
        return self._call(self._texts.UpdateText, request)

    def delete_text(self, name: str, *, allow_missing: bool = False) -> None:
        """Deletes a text record. Raises NotFound."""
        request = text_service_pb2.DeleteTextRequest(name=name, allow_missing=allow_missing)
        self._call(self._texts.DeleteText, request)
