"""Installs the starter's matcher beside its towers.

``python -m model_repository.train.export_matcher --out DIR`` compares it with torch, on ONNX Runtime and on
Triton, first. Its weights, most of them the towers' own over again, are kept as float16
and computed with as float32.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from model_repository.export.blip_graphs import export_matcher
from model_repository.export.blip_itm import LIMIT, matcher_config
from model_repository.export.install import staging
from model_repository.export.parity import Case, ParityError, gate
from model_repository.export.staged_parity import check_staged
from model_repository.train.batches import EASY_VIEWS, draw_views
from model_repository.train.checkpoints import load_checkpoint
from model_repository.train.clip_files import MODELS, PACK, PACKS, installed_tokenizer, read_installed_clip
from model_repository.train.concepts import load_stock
from model_repository.train.image_tower import CONTEXT_LENGTH
from model_repository.train.matcher import Matcher
from model_repository.train.scenes import Painter
from model_repository.train.statements import statements
from model_repository.train.text_tower import tokenise
from model_repository.train.texts import phrasebook
from model_repository.train.train_matcher import nearest_names
from model_repository.train.views import IMAGE_SIZE

_SEED, _PICTURES = 50_000_000, 24
_LEAST_KEPT_SHORT = 1024  # numbers in a tensor


@torch.no_grad()
def round_weights(matcher: Matcher) -> None:
    """Round every weight to what a float16 holds."""
    for weight in matcher.parameters():
        weight.copy_(weight.half().float())


def keep_short(path: Path) -> None:
    """Keep the larger float32 weights of an ONNX file as float16, each cast before its use: ONNX Runtime does
    so once, when it loads the file."""
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < _LEAST_KEPT_SHORT:
            continue
        name, short = weight.name, f"{weight.name}_float16"
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), short))
        casts.append(helper.make_node("Cast", [short], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@torch.no_grad()
def cases(matcher: Matcher, out: Path) -> list[Case]:
    """Drawings with texts that fit them and that do not, and torch's logits."""
    stock = load_stock(out / "stock")
    book = phrasebook(stock.concepts)
    tokenizer = installed_tokenizer()
    near = nearest_names(matcher, tokenizer, book)
    views, *_ = draw_views(stock, Painter(stock), _SEED, EASY_VIEWS, _PICTURES)
    pixels = np.stack([view.pixels for view in views])
    rng = np.random.default_rng(_SEED)
    found = []
    for name, texts in zip(
        ("texts that fit", "texts that do not"),
        zip(*(statements(view, book, near, rng) for view in views), strict=True),
        strict=True,
    ):
        ids = tokenise(tokenizer, list(texts))
        logits = matcher(torch.as_tensor(pixels), ids).numpy()
        found.append(Case(name, {"pixels": pixels, "input_ids": ids.numpy()}, {"itm_logits": logits}))
    return found


def install_matcher(out: Path, models: Path = MODELS, packs: Path = PACKS) -> str:
    """Export, compare and install the matcher that ``out/matcher.pt`` holds; the pack's revision.

    FileNotFoundError before it is trained, ParityError for a graph that drifts.
    """
    kept = load_checkpoint(out / "matcher.pt")
    if kept is None:
        raise FileNotFoundError(f"{out / 'matcher.pt'}: train the matcher first")
    matcher = Matcher(read_installed_clip()).eval()
    matcher.load_state_dict(kept["weights"], strict=False)
    round_weights(matcher)
    name = f"{PACK}_itm"
    with staging(PACK, models, packs) as staged:
        path = staged.add_model(matcher_config(name, IMAGE_SIZE)) / "model.onnx"
        export_matcher(matcher, IMAGE_SIZE, CONTEXT_LENGTH, path)
        keep_short(path)
        compared = {name: cases(matcher, out)}
        gate(check_staged(staged.tree, compared, compared, LIMIT, None))
        described = {
            "model": name,
            "image_size": IMAGE_SIZE,
            "resize": "squash",
            "resample": "bicubic",
            "tokenizer": f"{PACK}/tokenizer.json",
            "context_length": CONTEXT_LENGTH,
            "pad_token_id": 0,
        }
        return staged.install("matcher", described, {})


def main() -> int:
    """Parse the command line and install; 1 with one line on stderr where the graph drifts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the training")
    try:
        print(f"{PACK}: revision {install_matcher(parser.parse_args().out)}")
    except (FileNotFoundError, ParityError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
