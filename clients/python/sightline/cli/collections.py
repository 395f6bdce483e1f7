"""`collections`: lists, creates, changes and deletes collections."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict
from rich.table import Table

from sightline import Segmentation, Sightline, Unavailable
from sightline._inputs import collection_name
from sightline.cli import transfers
from sightline.cli.options import STDIN, AsJson, Server, complete_collection, complete_pack, examples
from sightline.cli.output import console, plain_table, print_json
from sightline.v1 import collection_pb2

NewId = Annotated[str, typer.Argument(metavar="ID", help="Id of the collection.")]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the collection.", autocompletion=complete_collection)
]
DisplayName = Annotated[str | None, typer.Option(help="What people call it.")]
Segmenter = Annotated[
    str | None, typer.Option(metavar="PACK", help="Pack that segments.", autocompletion=complete_pack)
]
Segment = Annotated[
    Segmentation | None, typer.Option("--segmentation", case_sensitive=False, help="Of each new image.")
]
Matcher = Annotated[
    str | None, typer.Option(metavar="PACK", help="Pack whose matcher reranks.", autocompletion=complete_pack)
]
Captioner = Annotated[
    str | None, typer.Option(metavar="PACK", help="Pack that writes captions.", autocompletion=complete_pack)
]
Labels = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Labels to choose from, one a line, - for standard input; empty: the pack's.",
    ),
]


def read_labels(path: Path) -> list[str]:
    """The lines of a file that are not blank, each once."""
    text = sys.stdin.read() if path == STDIN else path.read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def collections_table(found: list[collection_pb2.Collection]) -> Table:
    """One line a collection: id, what it holds, its packs, how many labels it brings."""
    numbers = ("images", "regions", "texts", "labels")
    packs = ("embedder", "segmenter", "matcher", "captioner")
    table = plain_table("id", "images", "regions", "texts", *packs, "labels", right=numbers)
    for each in found:
        table.add_row(
            each.name.partition("/")[2],
            f"{each.image_count:,}",
            f"{each.region_count:,}",
            f"{each.text_count:,}",
            *(getattr(each, pack) for pack in packs),
            f"{len(each.labels_vocabulary):,}" if each.labels_vocabulary else "",
        )
    return table


def settings_of(
    display_name: str | None,
    segmenter: str | None,
    segmentation: Segmentation | None,
    matcher: str | None,
    captioner: str | None,
    labels: Path | None,
) -> tuple[collection_pb2.Collection, list[str]]:
    """What was said of a collection, and the names of the fields that were."""
    collection = collection_pb2.Collection()
    given = {
        "display_name": display_name,
        "segmenter": segmenter,
        "matcher": matcher,
        "captioner": captioner,
    }
    fields = [name for name, value in given.items() if value is not None]
    for name in fields:
        setattr(collection, name, given[name])
    if segmentation is not None:
        collection.segmentation = collection_pb2.Collection.Segmentation.Value(segmentation.upper())
        fields.append("segmentation")
    if labels is not None:
        collection.labels_vocabulary.extend(read_labels(labels))
        fields.append("labels_vocabulary")
    return collection, fields


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="List, create, change and delete collections.")
    app.add_typer(group, name="collections")
    transfers.register(group)

    @group.command("list", epilog=examples("sightline collections list --json | jq .name"))
    def list_(server: Server = None, as_json: AsJson = False) -> None:
        """List the collections."""
        with Sightline(server) as client:
            found = list(client.list_collections())
        if as_json:
            for each in found:
                print_json(each)
        else:
            console.stdout.print(collections_table(found))

    @group.command(
        epilog=examples(
            "sightline collections create shop --embedder clip-vit-b32 --labels goods.txt",
            "sightline collections create drafts --segmentation off",
        )
    )
    def create(
        id: NewId,
        display_name: DisplayName = None,
        embedder: Annotated[
            str, typer.Option(metavar="PACK", help="Pack that embeds.", autocompletion=complete_pack)
        ] = "",
        segmenter: Segmenter = None,
        segmentation: Segment = None,
        matcher: Matcher = None,
        captioner: Captioner = None,
        labels: Labels = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Create a collection. Packs left out are the server's."""
        said, _ = settings_of(display_name, segmenter, segmentation, matcher, captioner, labels)
        with Sightline(server) as client:
            made = client.create_collection(
                id,
                display_name=said.display_name,
                embedder=embedder,
                segmenter=said.segmenter,
                segmentation=segmentation,
                matcher=said.matcher,
                captioner=said.captioner,
                labels_vocabulary=said.labels_vocabulary,
            )
        report(made, as_json, "created")

    @group.command(
        epilog=examples(
            "sightline collections update shop --captioner blip-caption",
            "sort -u goods.txt | sightline collections update shop --labels -",
        )
    )
    def update(
        id: Id,
        display_name: DisplayName = None,
        segmenter: Segmenter = None,
        segmentation: Segment = None,
        matcher: Matcher = None,
        captioner: Captioner = None,
        labels: Labels = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Change a collection. Other labels or another captioner come to what is there, in the background."""
        said, fields = settings_of(display_name, segmenter, segmentation, matcher, captioner, labels)
        if not fields:
            raise typer.BadParameter("say what to change")
        said.name = collection_name(id)
        with Sightline(server) as client:
            changed = client.update_collection(said, fields)
            statistics = None
            with suppress(Unavailable):  # the change is made, whether the index answers or not
                statistics = client.collection_statistics(changed.name)
        report(changed, as_json, "changed", statistics)

    @group.command(epilog=examples("sightline collections delete drafts --force"))
    def delete(
        id: Id,
        force: Annotated[bool, typer.Option("--force", help="Delete all that it holds, too.")] = False,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Delete a collection."""
        with Sightline(server) as client:
            client.delete_collection(id, force=force)
        if as_json:
            print_json({"deleted": collection_name(id)})
        console.stderr.print(f"deleted {collection_name(id)}", markup=False)


def report(
    collection: collection_pb2.Collection,
    as_json: bool,
    done: str,
    statistics: collection_pb2.CollectionStatistics | None = None,
) -> None:
    """Says what became of a collection, and what its statistics say is still to be done."""
    if as_json:
        told = {} if statistics is None else {"statistics": MessageToDict(statistics)}
        print_json(MessageToDict(collection) | told)
        return
    console.stderr.print(f"{done} {collection.name}", markup=False)
    console.stdout.print(collections_table([collection]))
    if statistics is not None and (left := still_to_do(statistics)):
        asked = f"`sightline show {statistics.name}` says how many are left"
        console.stderr.print(f"in the background: {left}; {asked}", markup=False)


def still_to_do(statistics: collection_pb2.CollectionStatistics) -> str:
    """How many images wait for a caption and for labels; empty where none does."""
    waiting = {
        "caption": statistics.uncaptioned_image_count,
        "label": statistics.unlabelled_image_count,
    }
    return ", ".join(f"{count:,} images to {what}" for what, count in waiting.items() if count)
