"""Runs a data set over a stack: adds its pictures, asks its queries, measures what is found.

Only the pictures are sent. Their captions and labels are the answers, and stay here.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sightline import Sightline
from sightline._inputs import Target
from sightline.evaluation.collection import EvaluationError, Plan, Progress, filled_collection
from sightline.evaluation.dataset import Record, Thing
from sightline.evaluation.metrics import (
    Box,
    average_precision,
    box_iou,
    expected_calibration_error,
    fit_logistic,
    mask_iou,
    mean,
    percentile,
    recall_at,
    reciprocal_rank,
    reliability_bins,
)
from sightline.evaluation.report import CUTS, Figures, Report
from sightline.masks import decode_runs
from sightline.v1.search_service_pb2 import Hit

RIGHT_IOU = 0.5
CALIBRATED_HITS = 10
BINS = 10


@dataclass(slots=True)
class _Tally:
    """What the queries of one kind gave."""

    rankings: list[tuple[list[bool], int]] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    outcomes: list[bool] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    box_ious: list[float] = field(default_factory=list)
    mask_ious: list[float] = field(default_factory=list)

    def add(self, hits: Sequence[Hit], right: Sequence[bool], ranking: list[bool], relevant: int) -> None:
        """Counts one query: its hits, which of them are right, and which are new findings."""
        self.rankings.append((ranking, relevant))
        self.outcomes += right[:CALIBRATED_HITS]
        self.scores += [hit.score for hit in hits[:CALIBRATED_HITS]]
        self.confidences += [min(max(hit.relevance, 0.0), 1.0) for hit in hits[:CALIBRATED_HITS]]

    def figures(self) -> Figures:
        """The means."""
        bins = reliability_bins(self.confidences, self.outcomes, bins=BINS)
        milliseconds = [1000 * spent for spent in self.seconds]
        return Figures(
            queries=len(self.rankings),
            recall={cut: mean([recall_at(*each, cut) for each in self.rankings]) for cut in CUTS},
            map=mean([average_precision(*each) for each in self.rankings]),
            mrr=mean([reciprocal_rank(ranking) for ranking, _ in self.rankings]),
            ece=expected_calibration_error(bins),
            reliability=bins,
            fitted=fit_logistic(self.scores, self.outcomes),
            p50_ms=percentile(milliseconds, 0.5),
            p95_ms=percentile(milliseconds, 0.95),
            things=len(self.box_ious),
            box_iou=mean(self.box_ious) if self.box_ious else None,
            mask_iou=mean(self.mask_ious) if self.mask_ious else None,
        )


def evaluate(
    client: Sightline, records: Sequence[Record], name: str, plan: Plan, progress: Progress
) -> Report:
    """The figures of a data set. What it added is deleted again whatever happens, unless the plan keeps it.

    Texts are searched for among whole pictures: each caption and query is relevant to the pictures that
    have it, each label to all pictures with that label. Names of things are searched for among regions too:
    a region is right where its box has an IoU of at least 0.5 with a thing of that name (as PASCAL VOC
    counts: each thing is found once, and a second region for it is a miss). Box and mask IoU are the best
    that any hit in the thing's picture has with it; 0 without one. Calibration is over the first 10 hits of
    each query: their relevance against whether they are right. Raises EvaluationError and CallError.
    """
    with filled_collection(client, records, plan, progress) as (collection, names):
        held = client.get_collection(collection)
        kinds: dict[str, Figures] = {}
        for kind, texts in _texts(records).items():
            if texts:
                kinds[kind] = _ask_images(client, collection, names, kind, texts, plan, progress)
        things = _things(records)
        if things:
            kinds["regions"] = _ask_regions(client, collection, names, things, plan, progress)
    return Report(
        dataset=name,
        pictures=len(records),
        embedder=held.embedder.rpartition("/")[2],
        segmenter=held.segmenter.rpartition("/")[2],
        depth=plan.depth,
        kinds=kinds,
    )


def _texts(records: Sequence[Record]) -> dict[str, dict[str, set[str]]]:
    """A kind of query → text → the keys of the relevant pictures."""
    texts: dict[str, dict[str, set[str]]] = {
        kind: defaultdict(set) for kind in ("captions", "labels", "queries")
    }
    for record in records:
        for kind, said in (
            ("captions", record.captions),
            ("labels", record.labels),
            ("queries", record.queries),
        ):
            for text in said:
                texts[kind][text].add(record.key)
    return texts


def _things(records: Sequence[Record]) -> dict[str, list[tuple[str, Thing]]]:
    """A name → the things of that name, each with its picture's key."""
    things: dict[str, list[tuple[str, Thing]]] = defaultdict(list)
    for record in records:
        for thing in record.things:
            things[thing.name].append((record.key, thing))
    return things


def _search(client: Sightline, collection: str, text: str, regions: bool, depth: int) -> list[Hit]:
    target: Target = "regions" if regions else "images"
    return list(client.search(text, collection=collection, target=target, limit=depth))


def _ask_images(
    client: Sightline,
    collection: str,
    names: dict[str, str],
    kind: str,
    texts: dict[str, set[str]],
    plan: Plan,
    progress: Progress,
) -> Figures:
    tally = _Tally()
    for done, (text, keys) in enumerate(texts.items(), 1):
        relevant = {names[key] for key in keys}
        began = time.perf_counter()
        hits = _search(client, collection, text, False, plan.depth)
        tally.seconds.append(time.perf_counter() - began)
        right = [hit.image in relevant for hit in hits]
        tally.add(hits, right, right, len(relevant))
        progress(f"searching: {kind}", done, len(texts))
    return tally.figures()


def _ask_regions(
    client: Sightline,
    collection: str,
    names: dict[str, str],
    things: dict[str, list[tuple[str, Thing]]],
    plan: Plan,
    progress: Progress,
) -> Figures:
    tally = _Tally()
    for done, (name, found) in enumerate(things.items(), 1):
        truths = [(names[key], thing) for key, thing in found]
        began = time.perf_counter()
        hits = _search(client, collection, name, True, plan.depth)
        tally.seconds.append(time.perf_counter() - began)
        right, ranking = match_regions(hits, truths)
        tally.add(hits, right, ranking, len(truths))
        for image, thing in truths:
            inside = [hit for hit in hits if hit.image == image]
            tally.box_ious.append(max((box_iou(_box(hit), thing.box) for hit in inside), default=0.0))
            if thing.runs:
                tally.mask_ious.append(max((_mask_iou(hit, thing) for hit in inside), default=0.0))
        progress("searching: regions", done, len(things))
    return tally.figures()


def match_regions(hits: Sequence[Hit], truths: Sequence[tuple[str, Thing]]) -> tuple[list[bool], list[bool]]:
    """For each hit, whether it is on a thing, and whether on one that no hit before it was matched with.

    A hit is matched with the thing it overlaps most, as in PASCAL VOC (Everingham et al., 2010, section 4.2).
    """
    right: list[bool] = []
    ranking: list[bool] = []
    taken: set[int] = set()
    for hit in hits:
        overlaps = [
            (box_iou(_box(hit), thing.box), index)
            for index, (image, thing) in enumerate(truths)
            if image == hit.image
        ]
        best, index = max(overlaps, default=(0.0, -1))
        right.append(best >= RIGHT_IOU)
        ranking.append(right[-1] and index not in taken)
        if right[-1]:
            taken.add(index)
    return right, ranking


def _box(hit: Hit) -> Box:
    return hit.box.x_min, hit.box.y_min, hit.box.x_max, hit.box.y_max


def _mask_iou(hit: Hit, thing: Thing) -> float:
    if not hit.HasField("mask") or not hit.mask.counts:
        return 0.0
    try:
        return mask_iou(decode_runs(hit.mask.counts), thing.runs)
    except ValueError as error:
        raise EvaluationError(f"{hit.region}: {error}: is the data set's mask of this picture?") from error
