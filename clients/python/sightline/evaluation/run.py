"""Runs a data set over a stack: adds its pictures, asks its queries, takes away what was added.

Only the pictures are sent. Their captions and labels are the answers, and stay here.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sightline import AlreadyExists, NewImage, NotFound, Sightline
from sightline._inputs import Target
from sightline.errors import SightlineError
from sightline.evaluation.dataset import Record, Thing
from sightline.evaluation.metrics import (
    Box,
    average_precision,
    box_iou,
    expected_calibration_error,
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

Progress = Callable[[str, int, int], None]
RIGHT_IOU = 0.5
CALIBRATED_HITS = 10
BINS = 10


class EvaluationError(SightlineError):
    """A run that cannot give figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run: over which collection or packs, how many hits a query, and whether to keep the pictures.

    Without a collection, one is made under a name of its own.
    """

    collection: str = ""
    embedder: str = ""
    segmenter: str = ""
    depth: int = 100
    keep: bool = False


@dataclass(slots=True)
class _Tally:
    """What the queries of one kind gave."""

    rankings: list[tuple[list[bool], int]] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    outcomes: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    box_ious: list[float] = field(default_factory=list)
    mask_ious: list[float] = field(default_factory=list)

    def add(self, hits: Sequence[Hit], right: Sequence[bool], ranking: list[bool], relevant: int) -> None:
        """Counts one query: its hits, which of them are right, and which are new findings."""
        self.rankings.append((ranking, relevant))
        self.outcomes += right[:CALIBRATED_HITS]
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
    with _collection(client, records, plan, progress) as (collection, names):
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


@contextmanager
def _collection(
    client: Sightline, records: Sequence[Record], plan: Plan, progress: Progress
) -> Iterator[tuple[str, dict[str, str]]]:
    """A collection with the records' pictures, and the image names by the records' keys."""
    collection = plan.collection or f"eval-{time.time_ns():x}"
    made = not plan.collection  # a name of its own is nobody else's: it goes even if its answer never came
    missing: list[str] = []
    names = {record.key: f"collections/{collection}/images/{_image_id(record)}" for record in records}
    try:
        try:
            client.create_collection(
                collection,
                display_name="sightline eval",
                embedder=plan.embedder,
                segmenter=plan.segmenter,
                segmentation="quick" if _things(records) else "off",
            )
            made = True
        except AlreadyExists:
            made = False
            if plan.embedder or plan.segmenter:
                raise EvaluationError(
                    f"collections/{collection} exists already, and keeps its packs: name another"
                ) from None
        present: set[str] = set()
        if not made:
            present = {image.name for image in client.list_images(collection=collection, page_size=1000)}
        absent = [record for record in records if names[record.key] not in present]
        missing = [names[record.key] for record in absent]
        _add(client, absent, names, collection, progress)
        yield collection, names
    finally:
        if not plan.keep:
            if made:
                with suppress(NotFound):
                    client.delete_collection(collection, force=True)
            else:
                for image in missing:
                    client.delete_image(image, allow_missing=True)


def _add(
    client: Sightline, records: Sequence[Record], names: dict[str, str], collection: str, progress: Progress
) -> None:
    images = (
        NewImage(
            picture=record.path,
            image_id=names[record.key].rpartition("/")[2],
            display_name=record.path.name,
        )
        for record in records
    )
    results = client.create_images(images, collection=collection)
    for done, result in enumerate(results, 1):
        if not result.ok:
            raise EvaluationError(f"{records[result.index].path} was not added: {result.error}")
        progress("adding pictures", done, len(records))


def _image_id(record: Record) -> str:
    """An id that the same file in the same place of a data set gets again."""
    digest = hashlib.sha256(f"{record.key}\0".encode())
    with record.path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return f"eval-{digest.hexdigest()[:32]}"


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
