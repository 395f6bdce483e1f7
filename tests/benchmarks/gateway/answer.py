"""A search and its ten-hit answer, as photographs give it: every side is measured with them."""

from __future__ import annotations

import random

from sightline.v1 import search_service_pb2 as pb

PATH = "/v1/collections/photos:search"
QUERY = b'{"text": "two people on a bench beside a river", "pageSize": 10, "filter": "folder = \\"street\\""}'

_LABELS = ("bench", "river", "person", "bicycle", "tree", "bridge", "boat", "dog")


def request() -> pb.SearchRequest:
    """What QUERY and PATH ask for."""
    return pb.SearchRequest(
        parent="collections/photos",
        text="two people on a bench beside a river",
        page_size=10,
        filter='folder = "street"',
    )


def answer(hits: int = 10) -> pb.SearchResponse:
    """The same answer every time."""
    chance = random.Random(4)
    response = pb.SearchResponse(
        hits=[_hit(chance, rank) for rank in range(hits)],
        next_page_token="eyJvZmZzZXQiOjEwLCJxIjoiNWY2YTJjIn0",
        total_size=48_213,
        query_understanding=pb.QueryUnderstanding(
            text="two people on a bench beside a river", filter='folder = "street"'
        ),
    )
    for name in ("embed", "nearest_neighbours", "hydrate", "rerank"):
        stage = response.stages.add(name=name)
        stage.duration.FromMicroseconds(chance.randint(200, 30_000))
    return response


def _hit(chance: random.Random, rank: int) -> pb.Hit:
    image = f"collections/photos/images/{chance.getrandbits(128):032x}"
    left, top = chance.uniform(0, 900), chance.uniform(0, 700)
    score = chance.uniform(0.2, 0.4) - rank / 100
    hit = pb.Hit(
        image=image,
        region=f"{image}/regions/{chance.getrandbits(64):016x}",
        score=score,
        relevance=chance.random(),
        components=pb.Hit.Components(vector=score, rerank=chance.random()),
        folder="street/2026/harbour",
        caption=f"two people sit on a {chance.choice(_LABELS)} near the water – evening, Zürich",
        width=1920,
        height=1280,
        thumbnail_uri=f"/v1/{image}:thumbnail",
        display_name=f"IMG_{chance.randint(1000, 9999)}.jpg",
    )
    hit.box.x_min, hit.box.y_min, hit.box.x_max, hit.box.y_max = left, top, left + 240.5, top + 310.25
    for label in chance.sample(_LABELS, 3):
        hit.predicted_labels.add(label=label, score=chance.random())
    hit.labels.add(label=chance.choice(_LABELS), score=1)
    return hit
