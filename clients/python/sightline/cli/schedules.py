"""`schedules`: imports that are run again and again."""

from typing import Annotated

import typer

from sightline import Sightline
from sightline._inputs import collection_name
from sightline.cli.importing import (
    Coco,
    Column,
    DeleteMissing,
    Folder,
    Kind,
    Limit,
    Listing,
    Pattern,
    Roboflow,
    SkipDuplicates,
    Split,
    follow,
    read_sources,
    say_status,
)
from sightline.cli.jobs import print_operations
from sightline.cli.options import AsJson, Collection, Server, examples
from sightline.cli.output import console, plain_table, print_json
from sightline.v1 import schedule_pb2

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the schedule.")]


def schedule_name(id: str, collection: str) -> str:
    """The name of a schedule by its name or id."""
    return id if "/" in id else f"{collection_name(collection)}/schedules/{id}"


def print_schedules(found: list[schedule_pb2.Schedule]) -> None:
    """A line each."""
    if console.as_json:
        for each in found:
            print_json(each)
        return
    table = plain_table("id", "cron", "time zone", "source", "next run", "last run", "error")
    for each in found:
        kind = each.source.WhichOneof("source") or ""
        times = [
            f"{getattr(each, field).ToDatetime():%Y-%m-%d %H:%M}" if each.HasField(field) else ""
            for field in ("next_run_time", "last_run_time")
        ]
        table.add_row(
            each.name.rpartition("/")[2],
            each.cron,
            each.time_zone or "UTC",
            kind,
            "paused" if each.paused else times[0],
            times[1],
            each.last_error,
        )
    console.stdout.print(table)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Create, list, pause and run scheduled imports.")
    app.add_typer(group, name="schedules")

    @group.command(
        epilog=examples(
            "sightline schedules create nightly ~/Pictures '30 2 * * *' --delete-missing",
            "sightline schedules create news https://example.org/feed.xml '*/15 * * * *' -c news",
            "sightline schedules create berlin s3://bucket/new '0 8 * * MON' --time-zone Europe/Berlin",
        )
    )
    def create(
        id: Id,
        source: Annotated[str, typer.Argument(metavar="SOURCE", help="As `sightline import` takes it.")],
        cron: Annotated[str, typer.Argument(metavar="CRON", help="Five fields, such as '30 2 * * *'.")],
        collection: Collection = "default",
        time_zone: Annotated[str, typer.Option(metavar="ZONE", help="IANA name; else UTC.")] = "",
        display_name: Annotated[str, typer.Option(help="What people call it.")] = "",
        paused: Annotated[bool, typer.Option("--paused", help="Start no runs by itself yet.")] = False,
        folder: Folder = "",
        delete_missing: DeleteMissing = False,
        skip_duplicates: SkipDuplicates = False,
        kind: Kind = None,
        pattern: Pattern = "",
        coco: Coco = "",
        roboflow: Roboflow = "",
        column: Column = None,
        split: Split = "",
        listing: Listing = "",
        limit: Limit = 0,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Create a schedule."""
        (asked,) = read_sources(
            [source],
            kind,
            pattern=pattern,
            coco=coco,
            roboflow=roboflow,
            columns=column,
            split=split,
            listing=listing,
            limit=limit,
        )
        with Sightline(server) as client:
            made = client.create_schedule(
                id,
                asked,
                cron,
                collection=collection,
                time_zone=time_zone,
                display_name=display_name,
                folder=folder,
                delete_missing=delete_missing,
                skip_duplicates=skip_duplicates,
                paused=paused,
            )
        print_schedules([made])

    @group.command("list", epilog=examples("sightline schedules list -c news"))
    def list_(collection: Collection = "default", server: Server = None, as_json: AsJson = False) -> None:
        """List the schedules of a collection."""
        with Sightline(server) as client:
            print_schedules(list(client.list_schedules(collection=collection)))

    @group.command(epilog=examples("sightline schedules show nightly --json"))
    def show(
        id: Id, collection: Collection = "default", server: Server = None, as_json: AsJson = False
    ) -> None:
        """Show a schedule."""
        with Sightline(server) as client:
            print_schedules([client.get_schedule(schedule_name(id, collection))])

    def set_paused(id: str, collection: str, server: str | None, paused: bool) -> None:
        changed = schedule_pb2.Schedule(name=schedule_name(id, collection), paused=paused)
        with Sightline(server) as client:
            print_schedules([client.update_schedule(changed, ["paused"])])

    @group.command(epilog=examples("sightline schedules pause nightly"))
    def pause(
        id: Id, collection: Collection = "default", server: Server = None, as_json: AsJson = False
    ) -> None:
        """Let a schedule start no runs by itself."""
        set_paused(id, collection, server, True)

    @group.command(epilog=examples("sightline schedules resume nightly"))
    def resume(
        id: Id, collection: Collection = "default", server: Server = None, as_json: AsJson = False
    ) -> None:
        """Let a schedule that was paused run at its next time."""
        set_paused(id, collection, server, False)

    @group.command(epilog=examples("sightline schedules run nightly"))
    def run(
        id: Id,
        collection: Collection = "default",
        wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until it has ended.")] = True,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Run a schedule now. Exit status 1 where an item failed."""
        with Sightline(server) as client:
            operation = client.run_schedule(schedule_name(id, collection))
            if not wait:
                say_status(operation.status())
            elif follow(operation):
                raise typer.Exit(1)

    @group.command(epilog=examples("sightline schedules delete nightly"))
    def delete(
        id: Id, collection: Collection = "default", server: Server = None, as_json: AsJson = False
    ) -> None:
        """Delete a schedule. What it imported stays."""
        name = schedule_name(id, collection)
        with Sightline(server) as client:
            client.delete_schedule(name)
        if as_json:
            print_json({"deleted": name})
        else:
            console.stderr.print(f"deleted {name}", markup=False)

    @group.command(epilog=examples("sightline schedules history nightly"))
    def history(
        id: Id, collection: Collection = "default", server: Server = None, as_json: AsJson = False
    ) -> None:
        """List the runs of a schedule, the newest first."""
        with Sightline(server) as client:
            name = schedule_name(id, collection)
            print_operations(list(client.list_operations(filter=f'schedule = "{name}"')))
