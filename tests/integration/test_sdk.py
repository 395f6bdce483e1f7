"""The SDK against a server: asyncio and synchronous alike."""

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseError
from PIL import Image

import sightline
from orchestrator.application.predict_anew import predict_anew_once
from orchestrator.application.recaption import Recaptioner
from sightline import AsyncSightline, Hybrid, NewImage, NewText, Sightline
from sightline.errors import NO_SERVER
from tests.fixtures.server import RunningServer
from tests.fixtures.triton import free_ports


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)


async def test_words_are_asked_for(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        for caption in ("invoice 2041", "a holiday"):
            await client.create_image(NewImage(picture=picture(RED), caption=caption))
        words = Hybrid(lexical_weight=1)
        (hit,) = [hit async for hit in client.search("invoice", hybrid=words)]
        assert (hit.caption, hit.score, hit.components.lexical > 0) == ("invoice 2041", 1.0, True)
        hits = [hit async for hit in client.search("invoice", hybrid=True)]
        assert [hit.components.lexical > 0 for hit in hits] == [True, False]
        plain = [hit async for hit in client.search("invoice")]
        assert not any(hit.components.HasField("lexical") for hit in plain)


async def test_labels_and_reranking_are_asked_for(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        made = await client.create_collection(
            "shop", matcher="judge", captioner="judge", segmentation="off", labels_vocabulary=["red", "blue"]
        )
        assert (made.matcher, list(made.labels_vocabulary)) == ("judge", ["red", "blue"])
        red = await client.create_image(NewImage(picture=picture(RED), labels=["mine"]), collection="shop")
        assert red.caption == "a red picture"
        assert [label.label for label in red.predicted_labels] == ["red"]
        assert red.predicted_labels[0].score > 0.5
        (hit,) = [hit async for hit in client.search("red", collection="shop", filter='labels:"red"')]
        assert [label.label for label in (*hit.labels, *hit.predicted_labels)] == ["mine", "red"]
        assert not hit.components.HasField("rerank")
        options = sightline.RerankOptions(candidates=1, vector_weight=0)
        (hit,) = [hit async for hit in client.search("red", collection="shop", rerank=options)]
        assert hit.score == pytest.approx(0.7 * hit.components.rerank)
        (hit,) = [hit async for hit in client.search("red", collection="shop", rerank=True)]
        assert hit.score == pytest.approx(0.7 * hit.components.rerank + 0.3 * hit.components.vector)
        red.labels.extend(red.predicted_labels)
        changed = await client.update_image(red, ["labels"])
        assert [label.label for label in changed.labels] == ["mine", "red"]
        (embedded,) = await client.embed_texts(["red"], collection="shop")
        assert [hit.image async for hit in client.search(vector=embedded, collection="shop")] == [red.name]
        embedded.pack = "other"
        with pytest.raises(sightline.FailedPrecondition):
            _ = [hit async for hit in client.search(vector=embedded, collection="shop")]


async def test_a_captioner_comes_to_what_is_there(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        collection = await client.create_collection("shop", segmentation="off")
        plain = await client.create_image(picture(RED), collection="shop")
        mine = await client.create_image(NewImage(picture=picture(BLUE), caption="mine"), collection="shop")
        assert (await client.collection_statistics("shop")).uncaptioned_image_count == 0
        collection.captioner = "judge"
        await client.update_collection(collection, ["captioner"])
        assert (await client.collection_statistics("shop")).uncaptioned_image_count == 1
        assert await predict_anew_once(server.ports, Recaptioner()) == 1
        assert (await client.collection_statistics("shop")).uncaptioned_image_count == 0
        written = await client.get_image(plain.name)
        assert (written.caption, written.captioner) == ("a red picture", "judge")
        assert await client.get_image(mine.name) == mine
        written.caption = "a fish"
        assert (await client.update_image(written, ["caption"])).captioner == ""


async def test_what_is_created_is_found_listed_changed_and_deleted(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        await client.wait_until_serving(timeout=10)
        red = await client.create_image(
            NewImage(picture=picture(RED), image_id="red", folder="flat", labels=["red"])
        )
        await client.create_image(
            NewImage(picture=picture(BLUE), image_id="blue", metadata={"shop": {"id": 7}})
        )
        assert (red.width, red.height, red.content_type) == (64, 48, "image/png")

        found = [hit async for hit in client.search("red", limit=2)]
        assert found[0].image == red.name
        assert [hit.image async for hit in client.search(image=picture(BLUE), limit=1)] == [
            "collections/default/images/blue"
        ]
        assert [hit.image async for hit in client.search("red", filter="metadata.shop.id = 7")] == [
            "collections/default/images/blue"
        ]

        red.caption = "all red"
        changed = await client.update_image(red, ["caption"])
        assert changed.caption == "all red"
        with pytest.raises(sightline.Aborted):
            await client.update_image(red, ["caption"])

        assert {image.name async for image in client.list_images(page_size=1)} == {
            "collections/default/images/red",
            "collections/default/images/blue",
        }
        assert (await client.image_content(red.name)).data == picture(RED)
        small = await client.image_content(red.name, max_pixels=16)
        assert Image.open(io.BytesIO(small.data)).size == (16, 12)

        await client.delete_image(red.name)
        with pytest.raises(sightline.NotFound):
            await client.get_image(red.name)


async def test_an_upload_in_chunks_makes_the_same_image(server: RunningServer) -> None:
    noise = io.BytesIO()
    Image.effect_noise((600, 400), 90).convert("RGB").save(noise, "PNG")
    assert len(noise.getvalue()) > 3 * 65536
    async with AsyncSightline(server.address) as client:
        image = await client.upload_image(NewImage(picture=noise.getvalue(), image_id="noise"))
        assert (await client.image_content(image.name)).data == noise.getvalue()


async def test_a_bulk_answers_each_item_by_itself(server: RunningServer, tmp_path: Path) -> None:
    images = [NewImage(picture=picture((10 * n, 0, 0)), image_id=f"n{n}") for n in range(12)]
    images.insert(5, NewImage(picture=b"no picture"))
    images.append(NewImage(picture=tmp_path / "missing.png"))
    async with AsyncSightline(server.address) as client:
        results = [result async for result in client.create_images(images, in_flight=3)]
        assert sorted(result.index for result in results) == list(range(14))
        failed = {result.index: result.error for result in results if not result.ok}
        assert isinstance(failed[5], sightline.InvalidArgument)
        assert failed[5].field_violations
        assert isinstance(failed[13], FileNotFoundError)
        assert len(failed) == 2


def bad_and_good(directory: Path) -> list[NewImage]:
    """Items that are never sent, and one at the end that is."""
    sparse = directory / "large.png"
    with sparse.open("wb") as file:
        file.truncate(32 * 1024 * 1024 + 1)
    return [
        NewImage(picture=sparse),
        NewImage(picture=bytes(32 * 1024 * 1024 + 1)),
        NewImage(picture=directory),
        NewImage(picture=picture(RED), metadata={"when": object()}),
        NewImage(picture=picture(RED), image_id="good"),
    ]


def check_bad_and_good(results: list[sightline.CreateResult]) -> None:
    errors = {result.index: result.error for result in results}
    assert sorted(errors) == list(range(5))
    for index in (0, 1):
        assert isinstance(errors[index], sightline.InvalidArgument)
        assert "33,554,433 bytes" in str(errors[index])
    assert isinstance(errors[2], IsADirectoryError)
    assert isinstance(errors[3], ParseError)
    assert errors[4] is None


class ShelfError(Exception):
    """What the caller's own code raises."""


def images_that_end_badly() -> Iterator[NewImage]:
    yield NewImage(picture=picture(RED), image_id="before")
    raise ShelfError("the shelf fell down")


async def test_an_item_that_cannot_be_sent_ends_nothing(server: RunningServer, tmp_path: Path) -> None:
    async with AsyncSightline(server.address) as client:
        check_bad_and_good(
            [result async for result in client.create_images(bad_and_good(tmp_path), in_flight=1)]
        )
        with pytest.raises(sightline.InvalidArgument, match="33,554,433 bytes"):
            await client.create_image(tmp_path / "large.png")


async def test_an_item_that_cannot_be_sent_ends_nothing_without_asyncio(
    server: RunningServer, tmp_path: Path
) -> None:
    def work() -> list[sightline.CreateResult]:
        with Sightline(server.address) as client:
            return list(client.create_images(bad_and_good(tmp_path), in_flight=1))

    check_bad_and_good(await asyncio.to_thread(work))


async def test_what_the_callers_iterable_raises_reaches_the_caller(server: RunningServer) -> None:
    created: list[str] = []

    async def work_with_asyncio() -> None:
        async with AsyncSightline(server.address) as client:
            async for result in client.create_images(images_that_end_badly()):
                created.append(result.new.image_id)

    def work() -> None:
        with Sightline(server.address) as client:
            created.extend(result.new.image_id for result in client.create_images(images_that_end_badly()))

    with pytest.raises(ShelfError, match="fell down"):
        await work_with_asyncio()
    with pytest.raises(ShelfError, match="fell down"):
        await asyncio.to_thread(work)
    assert created == ["before", "before"]


async def test_no_file_is_read_on_the_event_loop(server: RunningServer, tmp_path: Path) -> None:
    pipe = tmp_path / "slow.png"
    os.mkfifo(pipe)

    async def write() -> None:
        await asyncio.to_thread(pipe.write_bytes, picture(BLUE))

    # Opening a pipe waits for its other end: on the loop, `write` would never have its turn.
    async with AsyncSightline(server.address) as client:
        created, _ = await asyncio.wait_for(asyncio.gather(client.create_image(pipe), write()), 20)
        uploaded, _ = await asyncio.wait_for(asyncio.gather(client.upload_image(pipe), write()), 20)
        segmented, _ = await asyncio.wait_for(asyncio.gather(client.segment_picture(pipe), write()), 20)
        embedded, _ = await asyncio.wait_for(asyncio.gather(client.embed_pictures([pipe]), write()), 20)
    assert created.width == uploaded.width == segmented.width == 64
    assert len(embedded) == 1


async def test_a_bulk_holds_no_more_in_flight_than_asked_for(server: RunningServer) -> None:
    taken, answered, most = 0, 0, 0

    def images() -> Iterator[NewImage]:
        nonlocal taken, most
        for n in range(10):
            taken += 1
            most = max(most, taken - answered)
            yield NewImage(picture=picture((n, n, n)))

    async with AsyncSightline(server.address) as client:
        async for _ in client.create_images(images(), in_flight=2):
            answered += 1
    assert taken == 10
    # One more may be drawn from the iterable while it waits for its turn.
    assert most <= 3


async def test_the_synchronous_client_does_the_same(server: RunningServer) -> None:
    def work() -> None:
        with Sightline(server.address) as client:
            client.wait_until_serving(timeout=10)
            results = list(client.create_images([NewImage(picture=picture(c)) for c in (RED, GREEN, BLUE)]))
            assert all(result.ok for result in results)
            best = next(client.search("green"))
            assert best.image == results[[r.index for r in results].index(1)].image.name  # type: ignore[union-attr]
            with pytest.raises(sightline.NotFound):
                client.get_image("collections/default/images/none")
            with pytest.raises(sightline.InvalidArgument):
                list(client.search("x", filter="folder = "))
            with pytest.raises(ValueError, match="exactly one"):
                list(client.search("x", image=b"y"))

    await asyncio.to_thread(work)


async def test_leaving_a_bulk_early_ends_its_stream(server: RunningServer) -> None:
    def work() -> int:
        with Sightline(server.address) as client:
            images = (NewImage(picture=picture((n, 0, 0))) for n in range(200))
            for result in client.create_images(images, in_flight=2):
                return result.index
        return -1

    assert await asyncio.wait_for(asyncio.to_thread(work), 20) >= 0


async def test_no_server_is_a_clear_error() -> None:
    async with AsyncSightline("127.0.0.1:1", timeout=2) as client:
        assert not await client.is_serving()
        with pytest.raises((sightline.Unavailable, sightline.DeadlineExceeded)):
            await client.get_collection()


async def test_nobody_at_the_address_is_said_as_such() -> None:
    (port,) = free_ports(1)
    async with AsyncSightline(f"127.0.0.1:{port}", timeout=20) as client:
        with pytest.raises(sightline.Unavailable) as caught:
            await client.get_image("collections/default/images/none")
    assert (caught.value.message, caught.value.reason) == (f"nobody answers at 127.0.0.1:{port}", NO_SERVER)


async def test_what_an_unavailable_server_says_is_kept(server: RunningServer) -> None:
    server.models.gone = True
    async with AsyncSightline(server.address, timeout=20) as client:
        with pytest.raises(sightline.Unavailable, match="models do not answer") as caught:
            await client.segment_picture(picture(RED))
    assert caught.value.reason != NO_SERVER


async def test_texts_are_created_found_listed_changed_and_deleted(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        assert (await client.create_text("red " * 40, validate_only=True)).truncated
        note = await client.create_text(NewText(content="a red car", text_id="car", labels=["car"]))
        assert [label.label for label in note.labels] == ["car"]
        given: list[NewText | str] = [
            "blue",
            NewText(content="again", text_id="car"),
            NewText(content="odd", metadata={"x": object()}),
            " ",
            NewText(content="green", folder="notes", metadata={"k": 1}),
        ]
        results = [result async for result in client.create_texts(given)]
        assert [result.index for result in results] == [0, 1, 2, 3, 4]
        assert [type(result.error) for result in results] == [
            *(type(None), sightline.AlreadyExists, ParseError, sightline.InvalidArgument, type(None))
        ]
        assert results[1].new.text_id == "car"
        many = [result.ok async for result in client.create_texts(f"white {n}" for n in range(300))]
        assert many == [True] * 300
        found = [text.content async for text in client.list_texts(filter='folder = "notes"', page_size=1)]
        assert found == ["green"]
        assert len([text async for text in client.list_texts(page_size=100)]) == 303
        hits = [hit async for hit in client.search("red", target="texts", limit=1)]
        assert [(hit.text, hit.content) for hit in hits] == [(note.name, "a red car")]
        note.content = "a purple car"
        await client.update_text(note, ["content"])
        hits = [hit async for hit in client.search("purple", target="images_and_texts", limit=1)]
        assert [hit.text for hit in hits] == [note.name]
        assert (await client.get_text(note.name)).content == "a purple car"
        await client.delete_text(note.name)
        with pytest.raises(sightline.NotFound):
            await client.get_text(note.name)
        await client.delete_text(note.name, allow_missing=True)


async def test_duplicates_are_found_page_by_page(server: RunningServer) -> None:
    async with AsyncSightline(server.address) as client:
        for name, colour in {"a": RED, "b": BLUE, "c": RED, "d": BLUE, "e": GREEN}.items():
            await client.create_image(NewImage(picture=picture(colour), image_id=name))
        groups = [group async for group in client.find_duplicates(page_size=1)]
        assert [[name[-1] for name in group.images] for group in groups] == [["a", "c"], ["b", "d"]]
        assert [group.similarity for group in groups] == [1, 1]
        assert [group async for group in client.find_duplicates(filter='folder = "x"')] == []
        with pytest.raises(sightline.InvalidArgument) as caught:
            _ = [group async for group in client.find_duplicates(min_similarity=2)]
        assert caught.value.field_violations[0].field == "min_similarity"
