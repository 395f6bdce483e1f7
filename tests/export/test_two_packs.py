"""Two packs at once: the starter, and one that embeds pictures alone and knows real photographs."""

from pathlib import Path

import pytest

from model_repository.export.onnx_embedder import main
from sightline import FailedPrecondition, NewImage, Sightline
from sightline.v1.search_service_pb2 import SearchRequest
from tests.fixtures.service import ROOT
from tests.fixtures.stack import with_starter

SHARED = ROOT.parent / "shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared photographs beside the checkout")
PACK = "mobilenet-v2"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the starter and an image-only pack in `models/` and `packs/`."""
    models, packs = with_starter(root := tmp_path_factory.mktemp("two-packs"))
    source = SHARED / "models" / "mobilenet_v2_embed" / "model.onnx"
    places = ["--models", str(models), "--packs", str(packs)]
    assert main(["--model", str(source), "--pack", PACK, "--resize", "squash", *places]) == 0
    return root


@pytest.fixture(scope="module")
def photographs(client: Sightline) -> list[Path]:
    """Real photographs in `collections/photographs`, which the image-only pack embeds."""
    files = sorted((SHARED / "photos" / "coco").glob("*.jpg")) + sorted(
        (SHARED / "photos" / "kodak").glob("*.*")
    )
    client.create_collection("photographs", embedder=PACK, segmentation="off")
    new = (NewImage(picture=file, image_id=f"photograph-{n}") for n, file in enumerate(files))
    results = list(client.create_images(new, collection="photographs"))
    assert len(results) >= 40
    assert [result.error for result in results if result.image is None] == []
    return files


def test_a_photograph_finds_itself_changed(
    client: Sightline, photographs: list[Path], tmp_path: Path
) -> None:
    """Half as large, brighter, cropped at its edges: the first hit is still where it comes from."""
    from PIL import Image, ImageEnhance

    right = 0
    for number, file in enumerate(photographs):
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
        width, height = picture.size
        cut = picture.crop((width // 20, height // 20, width - width // 20, height - height // 20))
        changed = ImageEnhance.Brightness(cut.resize((width // 2, height // 2))).enhance(1.2)
        changed.save(tmp_path / "changed.jpg", quality=60)
        hits = client.search_page(request(content=(tmp_path / "changed.jpg").read_bytes())).hits
        right += hits[0].image.endswith(f"/photograph-{number}")
    assert right / len(photographs) >= 0.95, f"{right} of {len(photographs)}"


def test_words_cannot_be_asked_of_it(client: Sightline, photographs: list[Path]) -> None:
    with pytest.raises(FailedPrecondition, match="has no text tower"):
        client.search_page(SearchRequest(parent="collections/photographs", text="a dog"))


def test_the_other_pack_goes_on_beside_it(client: Sightline, photographs: list[Path]) -> None:
    drawing = ROOT / "docs" / "gallery" / "nature" / "nature-021.jpg"
    client.create_collection("drawings", embedder="starter", segmentation="off")
    client.create_image(drawing, collection="drawings")
    assert len(client.search_page(SearchRequest(parent="collections/drawings", text="a rainbow")).hits) == 1


def test_a_vector_of_another_pack_is_refused(client: Sightline, photographs: list[Path]) -> None:
    theirs = SearchRequest(parent="collections/photographs")
    theirs.vector.values.extend([0.1] * 128)
    with pytest.raises(FailedPrecondition, match="1280"):
        client.search_page(theirs)


def request(content: bytes) -> SearchRequest:
    """A search of photographs by a picture."""
    asked = SearchRequest(parent="collections/photographs", page_size=3)
    asked.image.content = content
    return asked
