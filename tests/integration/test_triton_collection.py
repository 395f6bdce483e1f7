"""A collection of three packs over a real Triton: images are embedded, labelled, captioned and reranked."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.cache.memory import MemoryCache
from orchestrator.adapters.triton.client import TritonSession
from orchestrator.adapters.triton.models import TritonModels
from orchestrator.application.collections import create_collection, update_collection
from orchestrator.application.images import get_image
from orchestrator.application.index_image import CreateImage, create_image
from orchestrator.application.ports import Ports
from orchestrator.application.predict_anew import predict_anew_once
from orchestrator.application.query import TextQuery
from orchestrator.application.relabel import Labeller
from orchestrator.application.rerank import Rerank
from orchestrator.application.search import SearchQuery, search
from orchestrator.domain.collection import Segmentation
from orchestrator.domain.names import CollectionName, ImageName
from tests.fixtures.pictures import png
from tests.fixtures.triton import RunningTriton, running_triton
from tests.integration import test_triton_adapter as embedder
from tests.integration import test_triton_captioner as captioner
from tests.integration import test_triton_matcher as matcher

PARENT = CollectionName("shop")
GREEN = "#00ff00"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    models, packs = root / "models", root / "packs"
    embedder.write_towers(models)
    embedder.write_pack(packs)
    (packs / "tiny" / "labels.txt").write_text("red\ngreen\n")
    with (packs / "tiny.toml").open("a") as file:
        file.write('\n[labels]\nvocabulary = "tiny/labels.txt"\nmost = 1\n')
    matcher.write_matcher(models)
    matcher.write_pack(packs)
    captioner.write_captioner(models)
    (packs / "tiny-caption.toml").write_text(captioner.PACK)
    return root


@pytest.fixture(scope="module")
def triton(repository: Path) -> Iterator[RunningTriton]:
    with running_triton(repository / "models") as running:
        yield running


@pytest.fixture
async def shop(ports: Ports, repository: Path, triton: RunningTriton) -> AsyncIterator[Ports]:
    session = TritonSession(triton.grpc_address)
    models = TritonModels(session, repository / "packs", repository / "models", MemoryCache())
    shop = replace(ports, models=models, default_embedder="tiny", default_segmenter="")
    await create_collection(
        shop,
        collection_id="shop",
        segmentation=Segmentation.OFF,
        matcher="tiny-itm",
        captioner="tiny-caption",
    )
    yield shop
    await session.close()


async def test_every_model_has_its_say(shop: Ports) -> None:
    drawn = {
        "red": png("red"),
        "green": png(GREEN),
        "reddish": png("red", {GREEN: (0, 0, 40, 63)}),
        "greenish": png(GREEN, {"red": (0, 0, 40, 63)}),
    }
    for name, content in drawn.items():
        await create_image(shop, CreateImage(parent=PARENT, image_id=name, content=content))
    image = await get_image(shop, ImageName("shop", "red"))
    assert image.description.caption == "mostly rød, 1 together"
    (label,) = image.predicted_labels
    assert label.label == "red"
    assert label.score > 0.99

    query = SearchQuery(parent=PARENT, query=TextQuery("green"), rerank=Rerank(), filter='labels: "green"')
    result = await search(shop, query, seconds=60)
    assert result.skipped_stages == ()
    assert [hit.image.name.image for hit in result.hits] == ["green", "greenish"]
    assert [hit.match for hit in result.hits] == pytest.approx([1.0, 0.99], abs=0.02)
    assert all(hit.score == pytest.approx(0.7 * (hit.match or 0) + 0.3 * hit.cosine) for hit in result.hits)

    await update_collection(shop, name=PARENT, changes={"labels_vocabulary": ("blue", "red")})
    assert await predict_anew_once(shop, Labeller()) == len(drawn)
    assert (await get_image(shop, ImageName("shop", "green"))).predicted_labels == ()
    assert (await search(shop, query)).hits == ()
