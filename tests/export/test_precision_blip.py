"""BLIP's packs in float16 and int8: the same contract, smaller, near torch's float32, or not installed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from transformers import BlipForConditionalGeneration, BlipForImageTextRetrieval

from model_repository.export import (
    blip_caption,
    blip_caption_parity,
    blip_graphs,
    blip_itm,
    onnx_writer,
    precision,
    staged_parity,
)
from model_repository.export.precision import MATCH, Precision
from tests.export.blip_checkpoints import SIDE, SPECIAL, TOKENS, no_triton, save_small
from tests.export.exporting import export
from tests.fixtures.official_image import parse_config

CONVERTED = [Precision.FP16, Precision.INT8]
PARTS = [
    ("matcher", "tiny-itm", ["itm"]),
    ("captioner", "tiny-caption", ["caption_encoder", "caption_decoder"]),
]
EXPORTERS = {"tiny-itm": (blip_itm, "itm"), "tiny-caption": (blip_caption, "caption")}


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkpoints `itm` and `caption`."""
    root = tmp_path_factory.mktemp("checkpoints")
    save_small(root / "itm", BlipForImageTextRetrieval)
    captioner = save_small(root / "caption", BlipForConditionalGeneration)
    captioner.text_decoder.cls.predictions.bias[SPECIAL["[SEP]"]] = 7  # some captions end early
    captioner.save_pretrained(root / "caption")
    return root


@pytest.fixture(scope="module", autouse=True)
def each_graph_is_traced_once() -> Any:
    """What torch exports of a checkpoint is the same in every precision, and takes the longest."""
    written: dict[str, bytes] = {}

    def write(module: Any, examples: Any, sizes: Any, outputs: Any, path: Path) -> None:
        name = type(module).__name__
        if name not in written:
            onnx_writer.write_onnx(module, examples, sizes, outputs, path)
            written[name] = path.read_bytes()
        path.write_bytes(written[name])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blip_graphs, "write_onnx", write)
        yield


@pytest.fixture(scope="module")
def exported(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Precision, Path]:
    """Both packs in every precision, but for the captioner in int8. float16 was compared on a Triton, too."""
    roots = {}
    for each in Precision:
        root = roots[each] = tmp_path_factory.mktemp(each.value)
        with pytest.MonkeyPatch.context() as patched:
            if each is not Precision.FP16:
                patched.setattr(staged_parity, "staged_triton", no_triton)
                patched.setattr(blip_caption_parity, "staged_triton", no_triton)
            for pack, (exporter, name) in EXPORTERS.items():
                if (each, pack) != (Precision.INT8, "tiny-caption"):
                    asked = ["--precision", each.value]
                    assert export(exporter, checkpoints / name, root, *asked, pack=pack) == 0
    return roots


def graph(root: Path, model: str) -> Path:
    return root / "models" / model / "1" / "model.onnx"


def match(root: Path, pixels: np.ndarray, input_ids: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(graph(root, "tiny-itm_itm"), providers=["CPUExecutionProvider"])
    (logits,) = session.run(["itm_logits"], {"pixels": pixels, "input_ids": input_ids})
    return np.asarray(logits, np.float64)


@pytest.mark.parametrize("each", CONVERTED)
def test_a_match_is_as_likely(exported: dict[Precision, Path], each: Precision) -> None:
    rng = np.random.default_rng(6)
    pixels = rng.integers(0, 256, (8, SIDE, SIDE, 3), np.uint8)
    texts = rng.integers(1, TOKENS, (8, 9))
    expected, found = (match(exported[which], pixels, texts) for which in (Precision.FP32, each))
    limit, distance = each.limit(0, MATCH)
    assert 0 < distance.between(found, expected) <= limit


@pytest.mark.parametrize(
    ("each", "part", "pack", "models"),
    [(Precision.INT8, *PARTS[0]), *((Precision.FP16, *part) for part in PARTS)],
)
def test_it_is_smaller_and_says_what_it_is(
    exported: dict[Precision, Path], each: Precision, part: str, pack: str, models: list[str]
) -> None:
    described = tomllib.loads((exported[each] / "packs" / f"{pack}.toml").read_text())
    assert described[part]["precision"] == each.value
    for name in models:
        whole, small = (graph(exported[which], f"{pack}_{name}") for which in (Precision.FP32, each))
        assert small.stat().st_size < 0.75 * whole.stat().st_size
        config = parse_config((small.parents[1] / "config.pbtxt").read_text())
        cpu_alone = config.instance_group[0].kind == 2  # type: ignore[attr-defined]  # KIND_CPU
        assert cpu_alone == (each is Precision.INT8)


@pytest.mark.parametrize(
    ("pack", "drifts", "distance"),
    [
        ("tiny-itm", "drifts: itm_logits on ONNX Runtime", MATCH.name),
        # Random weights, of which no token stands out: a rounding to 8 bits has another say.
        ("tiny-caption", "drifts: token_ids on ONNX Runtime", precision.TOKENS),
    ],
)
def test_what_differs_by_more_is_refused(
    checkpoints: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pack: str,
    drifts: str,
    distance: str,
) -> None:
    exporter, name = EXPORTERS[pack]
    monkeypatch.setitem(precision.ALLOWED[Precision.INT8], MATCH.name, 1e-6)
    assert export(exporter, checkpoints / name, tmp_path, "--precision", "int8", pack=pack) == 1
    said = capsys.readouterr().err
    assert drifts in said
    assert distance in said
    assert list(tmp_path.iterdir()) == []
