"""How deep JSON nests, by its bytes alone."""

import json

import pytest

from orchestrator.adapters.sources.annotations.depth import DEEPEST, DepthGuard
from orchestrator.domain.errors import InvalidArgument


def send(text: str, size: int) -> None:
    guard, content = DepthGuard(), text.encode()
    for start in range(0, len(content), size):
        guard.send(content[start : start + size])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
def test_brackets_count_outside_of_texts_alone(size: int) -> None:
    texts = ['["{[', "\\", '\\"', '"\\', '\\\\"[[', "é[" * 100]
    send(json.dumps([{text: [text] * 99} for text in texts] * 3), size)
    send("[" * DEEPEST + "]" * DEEPEST + "[" * DEEPEST, size)
    for prefix in ("", '["' + "[" * 5 + '\\\\"', '["\\"[", '):
        with pytest.raises(InvalidArgument):
            send(prefix + '[{"a":' * DEEPEST, size)
