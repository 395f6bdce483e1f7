"""`demo`: the main job on the sample gallery, from nothing to a contact sheet of results."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sightline import NewImage, Sightline
from sightline.cli import stack
from sightline.cli.add import Tally, add_images, report
from sightline.cli.options import AsJson, Pictures, examples, picture_path
from sightline.cli.output import console, print_json, save_picture, show_picture
from sightline.cli.search import box_text, row, tile, where
from sightline.gallery import Answer, Thing, overlap, read_gallery
from sightline.sheet import Row, Tile, draw_sheet
from sightline.v1.search_service_pb2 import Hit

SHOWN = 5
TEXTS = ("a rainbow", "a baby chick", "a strawberry")
TEXTS_FOR_REGIONS = ("a pineapple", "an orange triangle")
LEAST_RIGHT = 0.6


@dataclass(slots=True)
class Score:
    """Searches whose first hit showed what was asked for, by the gallery's answers."""

    right: int = 0
    asked: int = 0


def thing_of(text: str) -> str:
    """The thing that a query names: "a koala" → "koala"."""
    return text.removeprefix("an ").removeprefix("a ")


class Demo:
    """A handful of searches over a gallery whose answers are known."""

    def __init__(self, client: Sightline, answers: list[Answer]) -> None:
        self.client = client
        self.answers = {f"{answer.folder}/{answer.path.name}": answer for answer in answers}
        self.score = Score()
        self.rows: list[Row] = []

    def ask_text(self, text: str, *, regions: bool) -> None:
        """One text query."""
        name = thing_of(text)
        hits = list(self.client.search(text, target="regions" if regions else "images", limit=SHOWN))
        self._tell(f"“{text}”, {'regions' if regions else 'images'}", hits, name)

    def ask_picture(self, hit: Hit, name: str) -> None:
        """One picture query: the crop of a region that was found, sent as a file."""
        crop = self.client.image_content(hit.image, crop=hit.box).data
        query = Tile(picture=crop, width=hit.width, height=hit.height, lines=("the query: a picture",))
        hits = list(self.client.search(image=crop, target="regions", limit=SHOWN - 1))
        self._tell(f"regions like this picture of a {name}", hits, name, query)

    def ask_region(self, hit: Hit, name: str) -> None:
        """One region query: what else looks like a stored region."""
        query = tile(self.client, hit)
        hits = list(self.client.search(name=hit.region, target="regions", limit=SHOWN - 1))
        self._tell(f"regions like this region, a {name}", hits, name, query)

    def _tell(self, heading: str, hits: list[Hit], name: str, query: Tile | None = None) -> None:
        console.text.print(f"\n[bold]{heading}[/]")
        for rank, hit in enumerate(hits):
            right = self._shows(hit, name)
            if rank == 0:
                self.score.asked += 1
                self.score.right += right
            sign = "[green]✓[/]" if right else "[dim]·[/]"
            box = f"  box {box_text(hit)}" if hit.region else ""
            console.text.print(f"  {sign} {hit.score:.3f}  relevance {hit.relevance:.2f}{box}  {where(hit)}")
        self.rows.append(row(self.client, heading, hits, query))

    def _shows(self, hit: Hit, name: str) -> bool:
        answer = self.answers.get(where(hit))
        things: tuple[Thing, ...] = answer.things if answer else ()
        return any(
            thing.name == name and (not hit.HasField("box") or overlap(hit.box, thing) >= 0.5)
            for thing in things
        )


def index_gallery(client: Sightline, answers: list[Answer]) -> None:
    """Adds the gallery's pictures under ids of their own; those that are there are left as they are."""
    present = {image.name.rpartition("/")[2] for image in client.list_images(page_size=1000)}
    files = [(answer.path, answer.folder) for answer in answers if answer.path.stem not in present]
    if not files:
        console.text.print(f"the {len(answers)} pictures of the sample gallery are indexed")
        return
    captions = {answer.path: answer.caption for answer in answers}
    images = [
        NewImage(picture=path, image_id=path.stem, folder=folder, caption=captions[path])
        for path, folder in files
    ]
    tally, began = Tally(), time.monotonic()
    for result in add_images(client, images, len(images)):
        report(result, files[result.index][0], tally)
    spent = time.monotonic() - began
    rate = f"{tally.added / spent:.1f} a second, segmentation included"
    console.text.print(f"indexed {tally.added} pictures in {spent:.0f} s ({rate})")


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command(epilog=examples("sightline demo", "sightline demo --save sheet.png --json"))
    def demo(
        save: Annotated[
            Path, typer.Option("--save", metavar="FILE", help="The contact sheet.", callback=picture_path)
        ] = Path("demo.png"),
        gallery: Annotated[Path | None, typer.Option(help="Another gallery, with its answers.jsonl.")] = None,
        pictures: Pictures = False,
        as_json: AsJson = False,
    ) -> None:
        """Start the stack, index the sample gallery, search it, and draw what was found.

        The gallery is in a checkout of the repository, docs/gallery: elsewhere, --gallery says where it is.
        """
        answers = read_gallery(gallery)
        stack.start()
        with Sightline() as client:
            index_gallery(client, answers)
            run = Demo(client, answers)
            for text in TEXTS:
                run.ask_text(text, regions=False)
            for text in TEXTS_FOR_REGIONS:
                run.ask_text(text, regions=True)
            name = thing_of(TEXTS_FOR_REGIONS[0])
            best = next(client.search(TEXTS_FOR_REGIONS[0], target="regions", limit=1))
            run.ask_picture(best, name)
            run.ask_region(best, name)
        sheet = draw_sheet(run.rows)
        console.text.print(f"\n{run.score.right} of {run.score.asked} first hits show what was asked for")
        save_picture(sheet, save)
        if pictures:
            show_picture(sheet)
        hint = 'sightline search "a sunflower" -t regions'
        console.text.print(f"the stack is running: try [bold]{hint}[/]; [bold]make down[/] stops it")
        if as_json:
            print_json({"asked": run.score.asked, "right": run.score.right, "sheet": str(save)})
        if run.score.right < LEAST_RIGHT * run.score.asked:
            raise typer.Exit(1)
