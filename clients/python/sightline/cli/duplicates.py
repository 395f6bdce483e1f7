"""`duplicates`: finds images that are the same or nearly so."""

from itertools import islice
from typing import Annotated

import typer
from rich.table import Table

from sightline import NotFound, Sightline
from sightline.cli.options import AsJson, Collection, SaveTo, Server, examples
from sightline.cli.output import console, plain_table, print_json, save_picture
from sightline.sheet import Row, Tile, draw_sheet
from sightline.v1 import image_pb2
from sightline.v1.search_service_pb2 import FindDuplicatesResponse

Group = FindDuplicatesResponse.Group
_DRAWN = 8  # images of a group on a contact sheet


def groups_table(client: Sightline, groups: list[Group]) -> Table:
    """One line an image: its group's number and similarity at the oldest, then file, size and name."""
    numbers = ("", "similarity", "pixels", "bytes")
    table = plain_table(*numbers[:2], "file", *numbers[2:], "name", right=numbers)
    for number, group in enumerate(groups, 1):
        for place, name in enumerate(group.images):
            heading = (str(number), f"{group.similarity:.3f}") if place == 0 else ("", "")
            image = _image(client, name)
            if image is None:
                table.add_row(*heading, "", "", "", name)
            else:
                file = "/".join(part for part in (image.folder, image.display_name) if part)
                size = f"{image.width} × {image.height}"
                table.add_row(*heading, file, size, f"{image.size_bytes:,}", name)
    return table


def group_row(client: Sightline, group: Group) -> Row:
    """A group as a row of a contact sheet."""
    tiles = []
    for name in group.images[:_DRAWN]:
        if (image := _image(client, name)) is not None:
            content = client.image_content(name, max_pixels=448).data
            said = (image.display_name or name, f"{image.width} × {image.height}")
            tiles.append(Tile(picture=content, width=image.width, height=image.height, lines=said))
    return Row(heading=f"{len(group.images)} images, similarity {group.similarity:.3f}", tiles=tiles)


def _image(client: Sightline, name: str) -> image_pb2.Image | None:
    """None where it was deleted meanwhile."""
    try:
        return client.get_image(name)
    except NotFound:
        return None


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        epilog=examples(
            "sightline duplicates --save duplicates.png",
            "sightline duplicates --min-similarity 1",
            "sightline duplicates -f 'folder = \"travel\"' --json | jq -r '.images[1:][]'",
        )
    )
    def duplicates(
        min_similarity: Annotated[
            float | None,
            typer.Option(
                min=0.01,
                max=1,
                help="Of the embeddings; 1: copies alone. Else 0.95, or 0.85 where perceptual hashes agree.",
            ),
        ] = None,
        filter: Annotated[
            str, typer.Option("--filter", "-f", help="""AIP-160, such as 'folder = "street"'.""")
        ] = "",
        limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Groups at most.")] = None,
        collection: Collection = "default",
        save: SaveTo = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Find groups of pictures that are the same or nearly so, the oldest of each first."""
        kept: list[Group] = []
        with Sightline(server) as client:
            found = client.find_duplicates(
                collection=collection, min_similarity=min_similarity or 0.0, filter=filter
            )
            for group in islice(found, limit):
                if as_json:
                    print_json(group)
                if save is not None or not as_json:
                    kept.append(group)
            if not as_json and kept:
                console.stdout.print(groups_table(client, kept))
            elif not as_json:
                console.stderr.print("no duplicates")
            if save is not None and kept:
                save_picture(draw_sheet([group_row(client, group) for group in kept]), save)
