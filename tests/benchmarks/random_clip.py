"""A CLIP ViT-B/32 of random weights as a checkpoint: `python -m tests.benchmarks.random_clip FOLDER`.

Needs torch. What a tower costs does not depend on what it has learnt.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPModel

from tests.benchmarks.queries import WORDS
from tests.fixtures.tokenizer import write_tokenizer

SEED = 20_260
BEGIN, END = 49_406, 49_407  # where CLIP's own vocabulary has them


def write(folder: Path) -> None:
    """Writes weights, tokenizer and preprocessing in transformers' layout."""
    torch.manual_seed(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    text = {"bos_token_id": BEGIN, "eos_token_id": END, "pad_token_id": END}
    CLIPModel(CLIPConfig(text_config=text)).save_pretrained(folder)  # the defaults are ViT-B/32's
    vocabulary = {word: number for number, word in enumerate(["<unknown>", *WORDS])}
    words = {**vocabulary, "<begin>": BEGIN, "<end>": END}
    write_tokenizer(folder / "tokenizer.json", words, unknown="<unknown>", around=("<begin>", "<end>"))
    preprocessing = {
        "size": {"shortest_edge": 224},
        "crop_size": {"height": 224, "width": 224},
        "resample": 3,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
