"""`show`: what is known of an image, a region, a text record or a collection."""

import io
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from PIL import Image

from sightline import Sightline, View
from sightline.cli.options import AsJson, Pictures, Server, examples
from sightline.cli.output import console, plain_table, print_json, show_picture


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(
        epilog=examples(
            "sightline show collections/default",
            "sightline show collections/default/images/animals-001 --save animals.png",
            "sightline show collections/default/images/animals-001/regions/1 --view cutout --save cut.png",
        )
    )
    def show(
        name: Annotated[
            str,
            typer.Argument(
                help="collections/C, …/statistics, …/images/I, …/regions/R or …/texts/T, as hits name them."
            ),
        ],
        view: Annotated[View, typer.Option(help="Of a region.")] = "crop",
        save: Annotated[
            Path | None, typer.Option("--save", metavar="FILE", help="Write its file here.")
        ] = None,
        uri: Annotated[
            bool, typer.Option("--uri", help="Of an image: a URL of its file, good for an hour.")
        ] = False,
        pictures: Pictures = False,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Show an image, a region, a text record, a collection or its statistics by its name."""
        parts = name.split("/")
        if uri and len(parts) != 4:
            raise typer.BadParameter("--uri is for an image")
        with Sightline(server) as client:
            if uri:
                where = client.image_uri(name)
                if as_json:
                    print_json({"uri": where})
                else:
                    console.stdout.out(where, highlight=False)
                return
            found: Message
            if len(parts) == 2:
                found = client.get_collection(name)
            elif len(parts) == 3 and parts[2] == "statistics":
                found = client.collection_statistics("/".join(parts[:2]))
            elif len(parts) == 4 and parts[2] == "texts":
                found = client.get_text(name)
            elif len(parts) == 4:
                found = client.get_image(name)
            elif len(parts) == 6:
                found = client.get_region(name)
            else:
                raise typer.BadParameter(f"{name!r} is no name of an image, a region, a text or a collection")
            if as_json:
                print_json(found)
            else:
                table = plain_table("field", "value", header=False)
                for field, value in MessageToDict(found, preserving_proto_field_name=True).items():
                    table.add_row(f"[dim]{field}[/]", _short(value))
                console.stdout.print(table)
            if len(parts) < 4 or parts[2] == "texts" or (save is None and not pictures):
                return
            if len(parts) == 6:
                content = client.region_content(name, view=view)
            else:
                content = client.image_content(name)
            if save is not None:
                save.write_bytes(content.data)
                console.stderr.print(
                    f"wrote {save} ({content.content_type}, {len(content.data):,} bytes)", markup=False
                )
            if pictures:
                with Image.open(io.BytesIO(content.data)) as picture:
                    show_picture(picture.convert("RGB"))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + " …"
