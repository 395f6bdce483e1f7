"""`segment`: cuts a picture into regions."""

from pathlib import Path
from typing import Annotated

import typer

from sightline import Sightline
from sightline._inputs import read_picture
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
from sightline.sheet import Tile, draw_marked

FULL_TIMEOUT = 600.0
"""Seconds for the whole published grid, which takes minutes on a processor."""


def numbers(text: str, count: int) -> list[float]:
    """Numbers joined by commas. Raises BadParameter unless there are `count`."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) != count:
        raise typer.BadParameter(f"{text!r} is not {count} numbers joined by commas")
    return found


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        epilog=examples(
            "sightline segment photo.jpg --save masks.png",
            "sightline segment photo.jpg --point 120,80 --not-point 10,10 --json",
            "sightline segment collections/default/images/animals-001 --box 10,10,200,150 --keep",
        )
    )
    def segment(
        picture: Annotated[
            str,
            typer.Argument(
                metavar="FILE|NAME", help="A picture file, - for standard input, or a stored image."
            ),
        ],
        point: Annotated[
            list[str] | None, typer.Option("--point", metavar="X,Y", help="A point on the thing.")
        ] = None,
        not_point: Annotated[
            list[str] | None, typer.Option("--not-point", metavar="X,Y", help="A point beside the thing.")
        ] = None,
        box: Annotated[
            list[str] | None,
            typer.Option("--box", metavar="X,Y,X,Y", help="A box around a thing: x_min,y_min,x_max,y_max."),
        ] = None,
        full: Annotated[
            bool, typer.Option("--full", help="SAM 2's published grid: slow, so 600 seconds by default.")
        ] = False,
        keep: Annotated[
            bool, typer.Option("--keep", help="Keep the regions of a stored image, searchable.")
        ] = False,
        collection: Collection = "default",
        save: SaveTo = None,
        pictures: Pictures = False,
        timeout: Timeout = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Find the regions of a picture: all of them, or what lies under points or in boxes."""
        points = [(found[0], found[1]) for text in point or [] for found in [numbers(text, 2)]]
        beside = [(found[0], found[1]) for text in not_point or [] for found in [numbers(text, 2)]]
        boxes = [
            (found[0], found[1], found[2], found[3]) for text in box or [] for found in [numbers(text, 4)]
        ]
        stored = picture.startswith("collections/")
        if keep and not stored:
            raise typer.BadParameter("--keep needs a stored image's NAME")
        everything = not (points or beside or boxes)
        seconds = timeout or (FULL_TIMEOUT if full and everything else None)
        given = b"" if stored else read_picture(read_input(Path(picture)))
        with Sightline(server, timeout=seconds) as client:
            if stored:
                answer = client.segment_image(
                    picture, points=points, background_points=beside, boxes=boxes, quick=not full, keep=keep
                )
            else:
                answer = client.segment_picture(
                    given,
                    collection=collection,
                    points=points,
                    background_points=beside,
                    boxes=boxes,
                    quick=not full,
                )
            if as_json:
                print_json(answer)
            else:
                table = plain_table("", "box", "area", "predicted IoU", "stability", "name")
                for rank, region in enumerate(answer.regions, 1):
                    edges = (region.box.x_min, region.box.y_min, region.box.x_max, region.box.y_max)
                    table.add_row(
                        str(rank),
                        ",".join(f"{edge:.0f}" for edge in edges),
                        str(region.area),
                        f"{region.predicted_iou:.2f}",
                        f"{region.stability_score:.2f}",
                        region.name,
                    )
                console.stdout.print(table)
            if save is not None or pictures:
                content = client.image_content(picture, max_pixels=1600).data if stored else given
                tile = Tile(picture=content, width=answer.width, height=answer.height)
                marked = draw_marked(tile, 1600, regions=answer.regions)
                if save is not None:
                    save_picture(marked, save)
                if pictures:
                    show_picture(marked)
