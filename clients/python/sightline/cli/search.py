"""`search`: finds images, regions and text records."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sightline import Hybrid, NotFound, RerankOptions, Sightline, Target
from sightline.cli.options import (
    AsJson,
    Collection,
    Pictures,
    SaveTo,
    Server,
    Timeout,
    examples,
    read_input,
)
from sightline.cli.output import console, plain_table, print_json, save_picture, show_picture
from sightline.sheet import Row, Tile, draw_sheet
from sightline.v1 import search_service_pb2

DEFAULT_CANDIDATES = 20


def where(hit: search_service_pb2.Hit) -> str:
    """The file that a person knows: folder and display name, else the image's id."""
    name = hit.display_name or (hit.image or hit.text).rpartition("/")[2]
    return f"{hit.folder}/{name}" if hit.folder else name


def box_text(hit: search_service_pb2.Hit) -> str:
    """The box as `x_min,y_min,x_max,y_max`; empty without one."""
    if not hit.HasField("box"):
        return ""
    return ",".join(f"{edge:.0f}" for edge in (hit.box.x_min, hit.box.y_min, hit.box.x_max, hit.box.y_max))


def hits_table(hits: list[search_service_pb2.Hit]) -> Table:
    """One line a hit: rank, score, relevance, box, file, caption or content, and its name."""
    regions = any(hit.region for hit in hits)
    numbers = ("", "score", "relevance")
    table = plain_table(*numbers, *(["box"] if regions else []), "file", "caption", "name", right=numbers)
    for rank, hit in enumerate(hits, 1):
        cells = [str(rank), f"{hit.score:.3f}", f"{hit.relevance:.2f}"]
        said, name = hit.caption or " ".join(hit.content.split()), hit.region or hit.image or hit.text
        table.add_row(*cells, *([box_text(hit)] if regions else []), where(hit), said, name)
    return table


def tile(client: Sightline, hit: search_service_pb2.Hit) -> Tile | None:
    """The hit as a picture; None of a text, and where the image was deleted meanwhile."""
    if not hit.image:
        return None
    try:
        content = client.image_content(hit.image, max_pixels=448)
    except NotFound:
        return None
    return Tile(
        picture=content.data,
        width=hit.width,
        height=hit.height,
        box=hit.box if hit.HasField("box") else None,
        mask=hit.mask if hit.HasField("mask") else None,
        lines=(f"{hit.score:.3f}   relevance {hit.relevance:.2f}", where(hit)),
    )


def row(
    client: Sightline, heading: str, hits: list[search_service_pb2.Hit], query: Tile | None = None
) -> Row:
    """One search as a row of a contact sheet."""
    tiles = [found for hit in hits if (found := tile(client, hit)) is not None]
    return Row(heading=heading, tiles=tiles, query=query)


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        epilog=examples(
            'sightline search "a red umbrella" --save hits.png',
            'sightline search "invoice 2041" --hybrid',
            'sightline search "a pineapple" -t regions -n 5 --json | jq .image',
            'sightline search "a day at the sea" -t images_and_texts',
            "sightline search --image query.jpg -f 'folder = \"travel\" AND width > 400'",
            "curl -s https://example.org/a.jpg | sightline search --image -",
            "sightline search --region collections/default/images/animals-001/regions/1 -t regions",
        )
    )
    def search(
        text: Annotated[str | None, typer.Argument(help="What it shows, in words.")] = None,
        image: Annotated[
            Path | None,
            typer.Option("--image", "-i", help="What looks like this file, - for standard input."),
        ] = None,
        region: Annotated[
            str | None,
            typer.Option(
                "--region", "-r", metavar="NAME", help="What is like this stored region, image or text."
            ),
        ] = None,
        target: Annotated[Target, typer.Option("--target", "-t", help="What to find.")] = "images",
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Hits at most.")] = 10,
        filter: Annotated[
            str,
            typer.Option("--filter", "-f", help="""AIP-160, such as 'folder = "street" AND width > 800'."""),
        ] = "",
        min_relevance: Annotated[
            float, typer.Option(min=0, max=1, help="The least relevance of a hit.")
        ] = 0.0,
        rerank: Annotated[
            bool, typer.Option("--rerank", help="Look at the best hits again with the collection's matcher.")
        ] = False,
        candidates: Annotated[
            int, typer.Option(min=1, max=100, help="Hits that --rerank looks at.")
        ] = DEFAULT_CANDIDATES,
        allow_skip: Annotated[
            bool,
            typer.Option("--allow-skip", help="With --rerank: do without a matcher where there is none."),
        ] = False,
        hybrid: Annotated[
            bool, typer.Option("--hybrid", help="Match the text's words too, and fuse both orders.")
        ] = False,
        vector_weight: Annotated[
            float, typer.Option(min=0, help="What the embedding counts, with --lexical-weight.")
        ] = 0.0,
        lexical_weight: Annotated[
            float, typer.Option(min=0, help="What words count: weights instead of ranks.")
        ] = 0.0,
        collection: Collection = "default",
        save: SaveTo = None,
        pictures: Pictures = False,
        timeout: Timeout = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Find pictures, the things in them, or texts: by text, by picture, or by what is stored."""
        if sum(given is not None for given in (text, image, region)) != 1:
            raise typer.BadParameter("give exactly one of TEXT, --image and --region")
        weights = Hybrid(vector_weight=vector_weight, lexical_weight=lexical_weight)
        worded = hybrid or bool(vector_weight or lexical_weight)
        options = RerankOptions(candidates=candidates, allow_skip=allow_skip)
        with Sightline(server, timeout=timeout) as client:
            hits = list(
                client.search(
                    text,
                    image=read_input(image) if image is not None else None,
                    name=region,
                    collection=collection,
                    target=target,
                    filter=filter,
                    limit=limit,
                    min_relevance=min_relevance,
                    rerank=options if rerank else False,
                    hybrid=weights if worded else False,
                )
            )
            if rerank and hits and not any(hit.components.HasField("rerank") for hit in hits):
                console.stderr.print("reranking was skipped")
            if as_json:
                for hit in hits:
                    print_json(hit)
            elif hits:
                console.stdout.print(hits_table(hits))
            else:
                console.stderr.print("nothing found")
            if hits and (save is not None or pictures):
                sheet = draw_sheet([row(client, text or str(image or region), hits)])
                if save is not None:
                    save_picture(sheet, save)
                if pictures:
                    show_picture(sheet)
