"""WordPiece tokens to text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

CONTINUES = "##"
# What stands beside the word before it, by the list of the tokenizers library.
ATTACHED = (".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re")


def detokenize(token_ids: Iterable[int], vocabulary: Sequence[str]) -> str:
    """The text that the tokens say; those that say nothing are empty in `vocabulary`, or not in it."""
    pieces = [vocabulary[each] for each in token_ids if each < len(vocabulary) and vocabulary[each]]
    text = "".join(pieces[:1])
    for piece in pieces[1:]:
        if piece.startswith(CONTINUES):
            text += piece[len(CONTINUES) :]
        else:
            text += piece if piece.startswith(ATTACHED) else f" {piece}"
    return text
