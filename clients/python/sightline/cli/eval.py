"""`eval`: measures a running stack on pictures whose answers are known."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from sightline import Sightline
from sightline.cli.options import AsJson, Server, Timeout, examples, picture_path
from sightline.cli.output import (
    console,
    plain_table,
    print_json,
    progress_bars,
    save_picture,
    say_error,
)
from sightline.evaluation.collection import Plan
from sightline.evaluation.dataset import Dataset, read_dataset
from sightline.evaluation.picture import draw_report
from sightline.evaluation.report import (
    LOWER_IS_BETTER,
    Difference,
    Masks,
    Report,
    ReportError,
    differences,
    read_report,
)
from sightline.evaluation.run import evaluate

CLOSEST = 0.0005  # differences below it are printed as 0


def figures_table(report: Report) -> Table:
    """One line a kind of query."""
    numbers = (
        "queries",
        "R@1",
        "R@5",
        "R@10",
        "mAP",
        "MRR",
        "ECE",
        "p50 ms",
        "p95 ms",
        "box IoU",
        "mask IoU",
    )
    table = plain_table("", *numbers, right=numbers)
    for kind, figures in report.kinds.items():
        ious = ["" if iou is None else f"{iou:.3f}" for iou in (figures.box_iou, figures.mask_iou)]
        shares = (*figures.recall.values(), figures.map, figures.mrr, figures.ece)
        times = (f"{figures.p50_ms:.1f}", f"{figures.p95_ms:.1f}")
        table.add_row(kind, f"{figures.queries:,}", *(f"{share:.3f}" for share in shares), *times, *ious)
    return table


def masks_table(masks: Masks) -> Table:
    """How well things are cut out, in one line."""
    numbers = ("things", "automatic", "found", "click", "box", "p50 ms", "p95 ms")
    table = plain_table("mean mask IoU", *numbers, right=numbers)
    shares = (masks.automatic, masks.found, masks.click, masks.box)
    times = (f"{masks.p50_ms:.1f}", f"{masks.p95_ms:.1f}")
    table.add_row("", f"{masks.things:,}", *(f"{share:.3f}" for share in shares), *times)
    return table


def relevance_table(report: Report) -> Table:
    """One line a kind of query: the relevance that fits, as a pack's description takes it."""
    table = plain_table("relevance that fits", "scale", "bias", right=("scale", "bias"))
    for kind, figures in report.kinds.items():
        shown = [f"{value:.2f}" for value in figures.fitted] if figures.fitted else ["", ""]
        table.add_row(kind, *shown)
    return table


def differences_table(found: list[Difference], tolerance: float) -> Table:
    """One line a figure: before, after, the difference, and whether it is lost beyond the tolerance."""
    numbers = ("before", "after", "difference")
    table = plain_table("figure", *numbers, "", right=numbers)
    for each in found:
        change = each.after - each.before
        verdict = ""
        if each.worse > tolerance:
            verdict = "[red]worse[/]"
        elif each.worse < -tolerance:
            verdict = "[green]better[/]"
        shown = "0" if abs(change) < CLOSEST else f"{change:+.3f}"
        table.add_row(each.name, f"{each.before:.3f}", f"{each.after:.3f}", shown, verdict)
    return table


def parse_bounds(bounds: list[str]) -> dict[str, float]:
    """`KIND.NAME=VALUE` as a table. Raises typer.BadParameter."""
    parsed: dict[str, float] = {}
    for bound in bounds:
        name, sign, value = bound.partition("=")
        try:
            parsed[name] = float(value)
        except ValueError:
            sign = ""
        if not sign or not name or parsed[name] != parsed[name]:
            raise typer.BadParameter(f"--fail-below {bound}: it is KIND.NAME=VALUE, as captions.recall@5=0.8")
    return parsed


def broken_bounds(report: Report, bounds: dict[str, float]) -> list[str]:
    """What to say of each figure that misses its bound. Errors and times have to be at most theirs."""
    said = []
    for name, bound in bounds.items():
        value = report.figure(name)
        lower = name.partition(".")[2] in LOWER_IS_BETTER
        if value > bound if lower else value < bound:
            said.append(f"{name} is {value:.3f}, {'above' if lower else 'below'} {bound:g}")
    return said


@contextmanager
def orderly_end() -> Iterator[None]:
    """SIGTERM ends the block as an exception does, so that what was added is taken out again; status 143."""
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def measure(server: str | None, timeout: float | None, dataset: Dataset, plan: Plan) -> Report:
    """Runs a data set with progress bars on standard error."""
    with (
        orderly_end(),
        Sightline(server, timeout=timeout) as client,
        progress_bars(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        ) as bars,
    ):
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        return evaluate(client, dataset, plan, progress)


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        "eval",
        epilog=examples(
            "sightline eval docs/gallery --picture figures.png",
            "sightline eval docs/gallery --compare before.json --fail-below captions.recall@5=0.65",
        ),
    )
    def evaluation(
        dataset: Annotated[
            Path,
            typer.Argument(
                help="A JSON-lines file, a folder with answers.jsonl, a folder of pictures in folders named"
                " by label or beside .txt captions; or an earlier report (.json)."
            ),
        ],
        collection: Annotated[
            str, typer.Option("--collection", "-c", help="Use or make this one; else one of its own.")
        ] = "",
        keep: Annotated[bool, typer.Option("--keep", help="Leave what it added.")] = False,
        embedder: Annotated[str, typer.Option(help="Pack of the collection that it makes.")] = "",
        segmenter: Annotated[str, typer.Option(help="Pack that segments in it.")] = "",
        rerank: Annotated[
            bool, typer.Option("--rerank", help="Have the matcher rank the best hits of each text anew.")
        ] = False,
        matcher: Annotated[str, typer.Option(help="Pack that reranks, if not the embedder's own.")] = "",
        depth: Annotated[int, typer.Option(min=10, max=200, help="Hits a query.")] = 100,
        first: Annotated[int, typer.Option(min=0, help="Only so many pictures; 0: all.")] = 0,
        compare: Annotated[
            str,
            typer.Option(
                metavar="OTHER",
                help="What it was before, or what else it could be: an earlier report (FILE.json), an"
                " embedding pack, or another collection (collections/NAME).",
            ),
        ] = "",
        tolerance: Annotated[
            float, typer.Option(min=0, max=1, help="How much worse than OTHER is no failure.")
        ] = 0.01,
        fail_below: Annotated[
            list[str] | None,
            typer.Option(metavar="KIND.NAME=VALUE", help="Fail below (errors, times: above) it. Repeatable."),
        ] = None,
        calibrate: Annotated[
            bool,
            typer.Option(
                "--calibrate",
                help="Show the relevance that fits these answers: \\[embedder.relevance] of the pack for"
                " whole pictures, \\[embedder.region_relevance] for regions.",
            ),
        ] = False,
        picture: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE", help="Draw recall and reliability: PNG by its name.", callback=picture_path
            ),
        ] = None,
        timeout: Timeout = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Measure how well it finds: recall, mAP, MRR, mask IoU, calibration, latency, on known answers.

        Exit status 1 where a figure misses --fail-below, or is worse than OTHER's by more than --tolerance.
        """
        bounds = parse_bounds(fail_below or [])
        before = read_report(Path(compare)) if compare.endswith(".json") else None
        plan = Plan(
            collection=collection,
            embedder=embedder,
            segmenter=segmenter,
            matcher=matcher,
            rerank=rerank or bool(matcher),
            depth=depth,
            keep=keep,
        )
        if dataset.suffix == ".json":
            report = read_report(dataset)
            if compare and before is None:
                raise ReportError("a report is compared with another report, FILE.json")
        else:
            other = replace(plan, embedder=compare)
            if compare.startswith("collections/"):
                other = replace(
                    plan,
                    collection=compare.removeprefix("collections/"),
                    embedder="",
                    segmenter="",
                    matcher="",
                )
            elif compare and before is None and collection:
                raise typer.BadParameter(
                    "two packs are compared in collections of their own: no --collection"
                )
            held = read_dataset(dataset, first)
            report = measure(server, timeout, held, plan)
            if compare and before is None:
                before = measure(server, timeout, held, other)
        found = list(differences(before, report)) if before is not None else []
        if as_json:
            print_json(report.to_dict())
        else:
            console.stdout.print(
                f"{report.dataset}: {report.pictures:,} pictures, pack {report.embedder},"
                f" {report.depth} hits a query{', reranked' if report.matcher else ''}",
                markup=False,
            )
            if report.kinds:
                console.stdout.print(figures_table(report))
            if report.absent:
                console.stdout.print(
                    f"absent: of {report.absent.queries:,} texts that no picture answers,"
                    f" {report.absent.told:.3f} find nothing above the pack's threshold",
                    highlight=False,
                )
            if report.masks:
                console.stdout.print(masks_table(report.masks))
            if calibrate:
                console.stdout.print(relevance_table(report))
        if before is not None and (before.pictures, before.depth) != (report.pictures, report.depth):
            console.stderr.print(
                "what is compared was measured on other pictures, or with other hits a query"
            )
        if found:
            (console.stderr if as_json else console.stdout).print(differences_table(found, tolerance))
        if picture is not None:
            save_picture(draw_report(report, before), picture)
        failures = broken_bounds(report, bounds)
        failures += [
            f"{each.name} fell from {each.before:.3f} to {each.after:.3f}, beyond {tolerance:g}"
            if each.name.partition(".")[2] not in LOWER_IS_BETTER
            else f"{each.name} rose from {each.before:.3f} to {each.after:.3f}, beyond {tolerance:g}"
            for each in found
            if each.worse > tolerance
        ]
        for failure in failures:
            say_error(failure)
        if failures:
            raise typer.Exit(1)
