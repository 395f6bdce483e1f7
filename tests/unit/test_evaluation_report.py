"""Reports: to JSON and back, their differences, their bounds, and the picture of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from sightline.cli import app
from sightline.evaluation.dataset import Thing
from sightline.evaluation.metrics import reliability_bins
from sightline.evaluation.picture import COLOURS, draw_report
from sightline.evaluation.report import Absent, Figures, Masks, Report, ReportError, differences, read_report
from sightline.evaluation.run import match_regions
from sightline.v1 import region_pb2
from sightline.v1.search_service_pb2 import Hit

FIGURES = Figures(
    queries=4,
    recall={1: 0.25, 5: 0.5, 10: 0.75},
    map=0.4,
    mrr=0.5,
    ece=0.1,
    reliability=reliability_bins([0.05, 0.35, 0.75], [False, True, True]),
    p50_ms=8,
    p95_ms=20,
)
REGIONS = replace(FIGURES, things=3, box_iou=0.8, mask_iou=0.7)
REPORT = Report(
    dataset="shelf",
    pictures=9,
    embedder="starter",
    segmenter="starter",
    depth=100,
    kinds={"captions": FIGURES, "regions": REGIONS},
)
WORSE = replace(
    REPORT, kinds={"captions": replace(FIGURES, map=0.35, ece=0.2, p50_ms=99), "regions": REGIONS}
)


def write(report: Report, path: Path) -> str:
    path.write_text(json.dumps(report.to_dict()))
    return str(path)


def test_a_report_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert read_report(Path(write(REPORT, tmp_path / "report.json"))) == REPORT
    told = replace(REPORT, absent=Absent(queries=3, told=0.9))
    assert read_report(Path(write(told, tmp_path / "told.json"))) == told
    assert told.figure("absent.told") == 0.9
    (lost,) = (
        each for each in differences(told, replace(told, absent=Absent(queries=3, told=0.5))) if each.worse
    )
    assert lost.name == "absent.told"
    assert lost.worse == pytest.approx(0.4)
    cut = Masks(things=3, automatic=0.8, found=0.9, click=0.7, box=0.85, p50_ms=9, p95_ms=20)
    masked = replace(REPORT, masks=cut)
    assert read_report(Path(write(masked, tmp_path / "masked.json"))) == masked
    (lost,) = (
        each for each in differences(masked, replace(masked, masks=replace(cut, click=0.6))) if each.worse
    )
    assert lost.name == "masks.click"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"kinds": {"captions": {"recall": 1}}}', '{"kinds": {}}']
)
def test_what_is_no_report_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(ReportError, match=r"x\.json is no report"):
        read_report(tmp_path / "x.json")


def test_reports_on_different_pictures_are_said_to_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [
        write(REPORT, tmp_path / "a.json"),
        write(replace(REPORT, pictures=8), tmp_path / "b.json"),
        write(REPORT, tmp_path / "c.json"),
    ]
    said = {}
    for other in reports[1:]:
        done = CliRunner().invoke(app, ["eval", reports[0], "--compare", other])
        assert done.exit_code == 0
        said[other] = "".join(capsys.readouterr()) + done.output
    assert ["other pictures" in each for each in said.values()] == [True, False]


def test_figures_go_by_their_names() -> None:
    assert REPORT.figure("captions.recall@5") == 0.5
    assert REPORT.figure("regions.mask_iou") == 0.7
    with pytest.raises(ReportError, match=r"no figure captions\.mask_iou; there are captions\.recall@1"):
        REPORT.figure("captions.mask_iou")


def test_differences_know_which_way_is_worse_and_do_not_judge_times() -> None:
    worse = {each.name: each.worse for each in differences(REPORT, WORSE)}
    assert worse["captions.map"] == pytest.approx(0.05)
    assert worse["captions.ece"] == pytest.approx(0.1)
    assert worse["captions.p50_ms"] == 0
    assert worse["regions.mask_iou"] == 0
    with pytest.raises(ReportError, match="in common"):
        list(differences(replace(REPORT, kinds={}), REPORT))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 1, "captions.map fell from 0.400 to 0.350, beyond 0.01"),
        (["--tolerance", "0.2"], 0, ""),
        (["--tolerance", "0.2", "--fail-below", "captions.mrr=0.6"], 1, "captions.mrr is 0.500, below 0.6"),
        (["--tolerance", "0.2", "--fail-below", "captions.ece=0.15"], 1, "captions.ece is 0.200, above 0.15"),
        (["--tolerance", "0.2", "--fail-below", "captions.ece=0.25"], 0, ""),
        (["--fail-below", "captions.mrr"], 2, "KIND.NAME=VALUE"),
        (["--fail-below", "captions.mrr=nan"], 2, "KIND.NAME=VALUE"),
    ],
)
def test_two_reports_are_compared_without_a_server(
    arguments: list[str], code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [write(WORSE, tmp_path / "after.json"), "--compare", write(REPORT, tmp_path / "before.json")]
    done = CliRunner().invoke(app, ["eval", *reports, "--picture", str(tmp_path / "both.png"), *arguments])
    assert done.exit_code == code, done.output
    captured = "".join(capsys.readouterr()) + done.output
    assert said in captured
    if code < 2:
        with Image.open(tmp_path / "both.png") as picture:
            assert picture.size == (1280, 640)


def pixels(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    found = picture.getcolors(picture.width * picture.height)
    assert found is not None
    return sum(count for count, held in found if held == colour)


def test_each_kind_is_drawn_in_its_colour() -> None:
    for kind in ("captions", "regions"):
        picture = draw_report(replace(REPORT, kinds={kind: REPORT.kinds[kind]}))
        assert picture.mode == "RGB"
        assert pixels(picture, COLOURS[kind]) > 200
        assert sum(pixels(picture, colour) for other, colour in COLOURS.items() if other != kind) == 0


def test_a_curve_is_where_its_figures_are() -> None:
    def point(recall: float) -> tuple[int, ...] | float | None:
        figures = replace(FIGURES, recall={1: recall, 5: recall, 10: recall})
        drawn = draw_report(replace(REPORT, kinds={"captions": figures}))
        return drawn.getpixel((72 + 420 // 2, 112 + 420 // 2))  # k = 5, recall 0.5

    assert point(0.5) == COLOURS["captions"]
    assert point(0.9) != COLOURS["captions"]


def test_a_thing_is_found_once_and_in_its_picture_only() -> None:
    def hit(image: str, left: float) -> Hit:
        return Hit(image=image, box=region_pb2.Box(x_min=left, y_min=0, x_max=left + 10, y_max=10))

    truths = [("one", Thing(name="x", box=(0, 0, 10, 10))), ("one", Thing(name="x", box=(50, 0, 60, 10)))]
    hits = [hit("one", 1), hit("other", 0), hit("one", 0), hit("one", 6), hit("one", 51)]
    right, ranking = match_regions(hits, truths)
    assert right == [True, False, True, False, True]
    assert ranking == [True, False, False, False, True]
