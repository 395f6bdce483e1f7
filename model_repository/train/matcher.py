"""The starter's matcher: says whether a text fits a picture, looking at both word by word and patch by patch.

CLIP's towers as they are trained, frozen, and on top of them layers in which the text's words attend to the
picture's patches, as in BLIP's image-text matching (Li et al., 2022).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPModel

from model_repository.train.image_tower import WIDTH, embed_patches

LAYERS, HEADS = 2, 4


class Matcher(nn.Module):
    """``forward``: pixels uint8 ``(N, S, S, 3)`` and token ids int64 ``(N, L)``, padded with nought → logits
    float32 ``(N, 2)`` of (mismatch, match)."""

    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip.requires_grad_(False)
        layer = nn.TransformerDecoderLayer(
            WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="relu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerDecoder(layer, LAYERS, norm=nn.LayerNorm(WIDTH))
        self.words, self.patches = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH + 1, 2)

    def learnt(self) -> dict[str, Tensor]:
        """The weights that are not CLIP's."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("clip.")}

    def see(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """CLIP's image embeddings ``(N, D)`` and its patches ``(N, P, WIDTH)``."""
        return embed_patches(self.clip, pixels, None)

    def read(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """CLIP's text embeddings ``(N, D)`` and its words ``(N, L, WIDTH)``."""
        found = self.clip.text_model(input_ids=ids)
        embeddings = functional.normalize(self.clip.text_projection(found.pooler_output), dim=-1)
        return embeddings, found.last_hidden_state

    def compare(self, ids: Tensor, seen: tuple[Tensor, Tensor], told: tuple[Tensor, Tensor]) -> Tensor:
        """Logits ``(N, 2)`` of what was seen and read."""
        cosine = (seen[0] * told[0]).sum(-1, keepdim=True)
        states = self.layers(
            self.words(told[1]), self.patches(seen[1]), tgt_key_padding_mask=ids == 0, tgt_is_causal=False
        )
        # CLIP pools a text at its end token, which has the largest id.
        end = ids.argmax(1)[:, None, None].expand(-1, 1, states.shape[-1])
        logits: Tensor = self.head(torch.cat([states.gather(1, end)[:, 0], cosine], -1))
        return logits

    def forward(self, pixels: Tensor, input_ids: Tensor) -> Tensor:
        """As the class says."""
        return self.compare(input_ids, self.see(pixels), self.read(input_ids))
