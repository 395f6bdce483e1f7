"""What sources say is cut to what the catalog keeps."""

import json
from datetime import datetime

from orchestrator.adapters.sources.describe import describe
from orchestrator.application.index_image import check_description
from orchestrator.domain.image import Description


def test_folders_and_names_come_from_the_path() -> None:
    said = describe(path="street/2026/sign.jpg", caption="a sign", labels=["sign", "sign", ""])
    assert (said.folder, said.display_name, said.caption) == ("street/2026", "sign.jpg", "a sign")
    assert [label.label for label in said.labels] == ["sign"]
    assert describe(path="sign.jpg").folder == ""


def test_everything_too_long_or_unfit_is_cut() -> None:
    said = describe(
        path="/".join(["f" * 200] * 10 + ["n" * 900]),
        source_uri="https://x/" + "y" * 5000,
        caption="c\0" + "\ud800" + "x" * 5000,
        labels=[f"{n}" + "l" * 500 for n in range(500)],
        metadata={
            "long": "x" * 20_000,
            "not a number": float("nan"),
            "when": datetime(2026, 1, 2),
            "bytes": b"x",
            "deep": json.loads("[" * 50 + "]" * 50),
            "large": 1 << 80,
            "\0": 1,
        },
    )
    assert said.folder == "/".join(["f" * 200] * 5)
    assert (len(said.display_name), said.source_uri, len(said.caption)) == (500, "", 2000)
    assert (len(said.labels), {len(label.label) for label in said.labels}) == (100, {200})
    assert said.caption.startswith("c?x")
    assert set(said.metadata) == {"not a number", "when", "bytes", "deep", "large"}
    assert said.metadata["not a number"] is None
    assert said.metadata["large"] == str(1 << 80)
    check_description(said)
    json.dumps(said.metadata, allow_nan=False)


def test_nothing_said_is_the_empty_description() -> None:
    assert describe() == Description()
