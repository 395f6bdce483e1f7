"""A pack's own vocabulary of labels."""

from orchestrator.adapters.triton.pack_table import Table
from orchestrator.domain.errors import InvalidArgument
from orchestrator.domain.labels import Labelling, check_words


def read_labelling(table: Table | None) -> Labelling:
    """How a pack labels, from its table `[labels]`; without one, with the words of collections alone.

    `vocabulary` names a file below the packs' folder, one label a line. Raises PackError.
    """
    if table is None:
        return Labelling()
    path = table.path.parent / table.text("vocabulary")
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        words = check_words([line for line in lines if line], path.name)
    except (OSError, UnicodeDecodeError, InvalidArgument) as error:
        raise table.problem("vocabulary", f"cannot be read: {error}") from error
    prompt = table.text("prompt", "{}")
    if "{}" not in prompt:
        raise table.problem("prompt", "must hold {}, where the label stands")
    threshold = table.number("threshold", -1.0)
    return Labelling(
        words=words,
        prompt=prompt,
        threshold=None if threshold < 0 else threshold,
        most=table.whole("most", 1, 100, Labelling().most),
    )
