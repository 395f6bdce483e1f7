"""Runs a data set over a stack: adds its pictures, asks its queries, measures what is found.

Only the pictures are sent. Their captions and labels are the answers, and stay here.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sightline import Sightline
from sightline.evaluation.collection import Plan, Progress, filled_collection, folder_of
from sightline.evaluation.dataset import Dataset, Record, Thing
from sightline.evaluation.masks import about, iou_with, measure_masks
from sightline.evaluation.metrics import (
    Box,
    average_precision,
    box_iou,
    expected_calibration_error,
    fit_logistic,
    mean,
    percentile,
    recall_at,
    reciprocal_rank,
    reliability_bins,
)
from sightline.evaluation.report import CUTS, Absent, Figures, Report
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


@dataclass(frozen=True, slots=True)
class _Question:
    """A text for whole pictures, or a picture that looks for its like, and the keys of what is right."""

    right: frozenset[str]
    text: str = ""
    picture: str = ""
    group: str = ""


def evaluate(client: Sightline, dataset: Dataset, plan: Plan, progress: Progress) -> Report:
    """The figures of a data set. What it added is deleted again whatever happens, unless the plan keeps it.

    Texts are searched for among whole pictures: each caption and query is relevant to the pictures that
    have it, each label to all pictures with that label; captions and queries of a group ("contrasts") among
    the pictures of the group alone. Pictures that show the same ("pictures") are searched for by one another.
    Names of things are searched for among regions too: a region is right where its box has an IoU of at least
    0.5 with a thing of that name (as PASCAL VOC counts: each thing is found once, and a second region for it
    is a miss). Box and mask IoU are the best that any hit in the thing's picture has with it; 0 without one.
    Where masks are known, the segmenter is measured against them (`measure_masks`).
    Calibration is over the first 10 hits of each query: their relevance against whether they are right.
    Raises EvaluationError and CallError.
    """
    records = dataset.records
    with filled_collection(client, records, plan, progress) as (collection, names):
        held = client.get_collection(collection)
        embedder = held.embedder.rpartition("/")[2]
        kinds: dict[str, Figures] = {}
        for kind, questions in _questions(records).items():
            if questions:
                kinds[kind] = _ask_images(client, collection, names, kind, questions, plan, progress)
        things = _things(records)
        if things:
            kinds["regions"] = _ask_regions(client, collection, names, things, plan, progress)
        absent = None
        if dataset.absent:
            threshold = client.get_pack(embedder).embedder.relevance_threshold
            absent = _ask_absent(client, collection, dataset.absent, threshold, plan, progress)
        masks = measure_masks(client, records, names, progress) if held.segmenter else None
    return Report(
        dataset=dataset.name,
        pictures=len(records),
        embedder=embedder,
        segmenter=held.segmenter.rpartition("/")[2],
        depth=plan.depth,
        matcher=(held.matcher or held.embedder).rpartition("/")[2] if plan.rerank else "",
        kinds=kinds,
        absent=absent,
        masks=masks,
    )


def _questions(records: Sequence[Record]) -> dict[str, list[_Question]]:
    """What to ask, a kind of query at a time."""
    alone = [record for record in records if not record.group]
    questions = {
        "captions": _texts((text, record) for record in alone for text in record.captions),
        "labels": _texts((text, record) for record in alone for text in record.labels),
        "queries": _texts((text, record) for record in alone for text in record.queries),
        "contrasts": _texts(
            (text, record)
            for record in records
            if record.group
            for text in (*record.captions, *record.queries)
        ),
    }
    alike: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.same:
            alike[record.same].add(record.key)
    questions["pictures"] = [
        _Question(frozenset(alike[record.same] - {record.key}), picture=record.key)
        for record in records
        if len(alike.get(record.same, ())) > 1
    ]
    return questions


def _texts(said: Iterable[tuple[str, Record]]) -> list[_Question]:
    """Each text once (once a group), with all pictures that it is said of."""
    right: dict[tuple[str, str], set[str]] = defaultdict(set)
    for text, record in said:
        right[text, record.group].add(record.key)
    return [_Question(frozenset(keys), text=text, group=group) for (text, group), keys in right.items()]


def _things(records: Sequence[Record]) -> dict[str, list[tuple[str, Thing]]]:
    """A name → the things of that name, each with its picture's key."""
    things: dict[str, list[tuple[str, Thing]]] = defaultdict(list)
    for record in records:
        for thing in () if record.group else record.things:
            things[thing.name].append((record.key, thing))
    return things


def _ask_images(
    client: Sightline,
    collection: str,
    names: dict[str, str],
    kind: str,
    questions: Sequence[_Question],
    plan: Plan,
    progress: Progress,
) -> Figures:
    tally = _Tally()
    for done, question in enumerate(questions, 1):
        relevant = {names[key] for key in question.right}
        own = names.get(question.picture)
        began = time.perf_counter()
        found = client.search(
            question.text or None,
            name=own,
            collection=collection,
            filter=f'folder = "{folder_of(question.group)}"' if question.group else "",
            limit=plan.depth + (own is not None),
            rerank=plan.rerank and own is None,
        )
        hits = [hit for hit in found if hit.image != own][: plan.depth]
        tally.seconds.append(time.perf_counter() - began)
        right = [hit.image in relevant for hit in hits]
        tally.add(hits, right, right, len(relevant))
        progress(f"searching: {kind}", done, len(questions))
    return tally.figures()


def _ask_absent(
    client: Sightline,
    collection: str,
    texts: Sequence[str],
    threshold: float,
    plan: Plan,
    progress: Progress,
) -> Absent:
    told = 0
    for done, text in enumerate(texts, 1):
        hits = client.search(text, collection=collection, limit=1, rerank=plan.rerank)
        told += all(hit.relevance < threshold for hit in hits)
        progress("searching: absent", done, len(texts))
    return Absent(queries=len(texts), told=told / len(texts))


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
        hits = list(
            client.search(name, collection=collection, target="regions", limit=plan.depth, rerank=plan.rerank)
        )
        tally.seconds.append(time.perf_counter() - began)
        right, ranking = match_regions(hits, truths)
        tally.add(hits, right, ranking, len(truths))
        for key, thing in found:
            inside = [hit for hit in hits if hit.image == names[key]]
            tally.box_ious.append(max((box_iou(_box(hit), thing.box) for hit in inside), default=0.0))
            if thing.runs:
                with about(key):
                    tally.mask_ious.append(max((iou_with(hit.mask, thing) for hit in inside), default=0.0))
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
