"""What BLIP's exporters make, beside the starter in one mesh, as users meet it: captions and reranking."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    BertTokenizer,
    BlipForConditionalGeneration,
    BlipForImageTextRetrieval,
    BlipImageProcessorPil,
)

from model_repository.export import blip_caption, blip_itm
from sightline import NewImage, RerankOptions, Sightline
from sightline.v1.search_service_pb2 import SearchRequest
from tests.export.blip_checkpoints import SPECIAL, save_small
from tests.export.exporting import export
from tests.fixtures.stack import Stack, with_starter

pytestmark = pytest.mark.timeout(1200)  # two exports and a mesh come before the first test

ITM, CAPTION = "tiny-itm", "tiny-caption"
TEXT = "Two red cars on a tree"
MATCHER_WEIGHT, VECTOR_WEIGHT = 0.7, 0.3

_random = np.random.default_rng(1)
PICTURES = [Image.fromarray(_random.integers(0, 256, (45 + 9 * each, 60, 3), np.uint8)) for each in range(8)]


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkpoints `itm` and `caption`; in `models/` and `packs/` the starter and both."""
    root = tmp_path_factory.mktemp("blip-served")
    save_small(root / "itm", BlipForImageTextRetrieval)
    captioner = save_small(root / "caption", BlipForConditionalGeneration)
    captioner.text_decoder.cls.predictions.bias[SPECIAL["[SEP]"]] = 7  # some captions end early
    captioner.save_pretrained(root / "caption")
    with_starter(root)
    assert export(blip_itm, root / "itm", root, pack=ITM) == 0
    assert export(blip_caption, root / "caption", root, pack=CAPTION) == 0
    return root


@pytest.fixture(scope="module")
def captions(root: Path) -> list[str]:
    """What the publisher's own classes say of the pictures."""
    seen = BlipImageProcessorPil.from_pretrained(root / "caption")(PICTURES, return_tensors="pt")
    model = BlipForConditionalGeneration.from_pretrained(root / "caption").eval()
    with torch.inference_mode():
        said = model.generate(pixel_values=seen["pixel_values"], do_sample=False, max_new_tokens=20)
    tokenizer = BertTokenizer.from_pretrained(root / "caption")
    captions = [each.strip() for each in tokenizer.batch_decode(said[:, 1:], skip_special_tokens=True)]
    assert len(set(captions)) >= 4  # else the pictures said nothing
    return captions


@pytest.fixture(scope="module")
def matches(root: Path) -> list[float]:
    """How likely each picture shows the text, by the publisher's own classes."""
    seen = BlipImageProcessorPil.from_pretrained(root / "itm")(PICTURES, return_tensors="pt")
    tokens = BertTokenizer.from_pretrained(root / "itm")([TEXT] * len(PICTURES), return_tensors="pt")
    model = BlipForImageTextRetrieval.from_pretrained(root / "itm").eval()
    with torch.inference_mode():
        logits = model(
            pixel_values=seen["pixel_values"],
            input_ids=tokens["input_ids"],
            attention_mask=tokens["attention_mask"],
        ).itm_score
    matches: list[float] = logits.softmax(dim=1)[:, 1].tolist()
    assert np.ptp(matches) > 0.05  # else the pictures said nothing
    return matches


@pytest.fixture(scope="module")
def shop(client: Sightline) -> str:
    """A collection of three packs with the pictures in it, all but the last created over gRPC."""
    made = client.create_collection("shop", segmentation="off", matcher=ITM, captioner=CAPTION)
    assert (made.embedder, made.matcher, made.captioner) == ("starter", ITM, CAPTION)
    new = (NewImage(picture=png(each), image_id=f"p{place}") for place, each in enumerate(PICTURES[:-1]))
    assert [each.error for each in client.create_images(new, collection="shop") if each.image is None] == []
    return made.name


@pytest.fixture(scope="module")
def gateway(served: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served.gateway_url}/v1", timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def last(gateway: httpx.Client, shop: str) -> dict[str, str]:
    """The last picture, created over HTTP."""
    answer = gateway.post(
        f"/{shop}/images",
        params={"imageId": f"p{len(PICTURES) - 1}"},
        content=png(PICTURES[-1]),
        headers={"content-type": "image/png"},
    )
    assert answer.is_success, answer.text
    made: dict[str, str] = answer.json()
    return made


def test_all_three_packs_are_told_of_and_served(client: Sightline) -> None:
    packs = {pack.name.removeprefix("packs/"): pack for pack in client.list_packs()}
    assert packs.keys() == {"starter", ITM, CAPTION}
    assert all(pack.ready for pack in packs.values())
    assert packs[CAPTION].captioner.max_tokens == 20


def test_every_new_image_is_captioned_as_torch_does(
    client: Sightline, gateway: httpx.Client, shop: str, last: dict[str, str], captions: list[str]
) -> None:
    assert last["caption"] == captions[-1]
    for place, caption in enumerate(captions):
        assert client.get_image(f"{shop}/images/p{place}").caption == caption
        assert gateway.get(f"/{shop}/images/p{place}").json().get("caption", "") == caption


def test_scores_are_those_of_torchs_matcher_and_the_cosine(
    client: Sightline, gateway: httpx.Client, shop: str, last: dict[str, str], matches: list[float]
) -> None:
    pictures = client.embed_pictures([png(each) for each in PICTURES], collection="shop")
    (asked,) = client.embed_texts([TEXT], collection="shop")
    cosines = [float(np.dot(each.values, asked.values)) for each in pictures]
    scores = {
        f"{shop}/images/p{place}": MATCHER_WEIGHT * match + VECTOR_WEIGHT * cosine
        for place, (match, cosine) in enumerate(zip(matches, cosines, strict=True))
    }
    answer = client.search_page(SearchRequest(parent=shop, text=TEXT, rerank=True))
    assert list(answer.skipped_stages) == []
    assert {hit.image: hit.score for hit in answer.hits} == pytest.approx(scores, abs=1e-3)
    assert [hit.score for hit in answer.hits] == sorted((hit.score for hit in answer.hits), reverse=True)
    for hit in answer.hits:
        place = int(hit.image.rpartition("p")[2])
        assert hit.components.rerank == pytest.approx(matches[place], abs=1e-3)
        assert hit.components.vector == pytest.approx(cosines[place], abs=1e-3)
    plain = client.search_page(SearchRequest(parent=shop, text=TEXT))
    assert [hit.image for hit in plain.hits] != [hit.image for hit in answer.hits]  # it changed the order

    told = gateway.post(f"/{shop}:search", json={"text": TEXT, "rerank": True}).json()["hits"]
    assert [hit["image"] for hit in told] == [hit.image for hit in answer.hits]
    assert {hit["image"]: hit["score"] for hit in told} == pytest.approx(scores, abs=1e-3)


def test_weights_are_the_callers_to_choose(
    client: Sightline, shop: str, last: dict[str, str], matches: list[float]
) -> None:
    only = RerankOptions(matcher_weight=1, vector_weight=0)
    hits = list(client.search(TEXT, collection="shop", rerank=only))
    expected = sorted(range(len(matches)), key=lambda place: -matches[place])
    assert [hit.image for hit in hits] == [f"{shop}/images/p{place}" for place in expected]
    assert [hit.score for hit in hits] == pytest.approx([matches[place] for place in expected], abs=1e-3)


def test_a_captioner_that_is_set_later_captions_what_is_there(
    client: Sightline, gateway: httpx.Client, captions: list[str]
) -> None:
    collection = client.create_collection("later", segmentation="off")
    new = [NewImage(picture=png(each), image_id=f"p{place}") for place, each in enumerate(PICTURES)]
    new[0] = replace(new[0], caption="mine")
    assert all(each.image is not None for each in client.create_images(new, collection="later"))
    assert [image.caption for image in client.list_images(collection="later", filter="NOT caption:*")] == [
        ""
    ] * 7
    changed = gateway.patch(
        f"/{collection.name}", params={"updateMask": "captioner"}, json={"captioner": CAPTION}
    )
    assert changed.is_success, changed.text
    deadline = time.monotonic() + 240
    while client.collection_statistics("later").uncaptioned_image_count:
        assert time.monotonic() < deadline, "not captioned in time"
        time.sleep(0.2)
    images = {image.name: image for image in client.list_images(collection="later")}
    found = [images[f"{collection.name}/images/p{place}"] for place in range(len(PICTURES))]
    assert [image.caption for image in found] == ["mine", *captions[1:]]
    assert [image.captioner for image in found] == ["", *[CAPTION] * 7]
