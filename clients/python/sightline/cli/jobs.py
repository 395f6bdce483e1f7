"""`jobs`: lists operations, shows imports and their items, and steers them."""

from typing import Annotated

import typer
from google.longrunning import operations_pb2
from google.protobuf.json_format import MessageToDict

from sightline import ItemState, Sightline
from sightline.cli.importing import follow, say_status
from sightline.cli.options import AsJson, Server, examples
from sightline.cli.output import console, plain_table, print_json
from sightline.v1 import import_pb2

Id = Annotated[str, typer.Argument(metavar="ID", help="Id or name of the operation.")]


def operation_name(id: str) -> str:
    """The name of an operation by its name or id."""
    return id if "/" in id else f"operations/{id}"


def to_status(operation: operations_pb2.Operation) -> import_pb2.ImportMetadata | None:
    """How an import stands; None where the operation is none."""
    status = import_pb2.ImportMetadata()
    return status if operation.metadata.Unpack(status) else None


def print_operations(found: list[operations_pb2.Operation]) -> None:
    """A line each."""
    if console.as_json:
        for operation in found:
            print_json(MessageToDict(operation))
        return
    table = plain_table("id", "state", "collection", "done", "failed", "pending", "since", "schedule")
    for operation in found:
        status = to_status(operation)
        state = "failed" if operation.HasField("error") else "done" if operation.done else "running"
        row = [operation.name.partition("/")[2], state]
        if status is not None:
            counts = status.counts
            ended = counts.done + counts.unchanged + counts.duplicate
            row[1] = import_pb2.ImportMetadata.State.Name(status.state).lower()
            row += [status.collection.partition("/")[2], f"{ended:,}", f"{counts.failed:,}"]
            row += [f"{counts.pending:,}", f"{status.create_time.ToDatetime():%Y-%m-%d %H:%M}"]
            row.append(status.schedule.rpartition("/")[2])
        table.add_row(*row)
    console.stdout.print(table)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="List, show and steer imports and other operations.")
    app.add_typer(group, name="jobs")

    @group.command("list", epilog=examples("sightline jobs list --running", "sightline jobs list --json"))
    def list_(
        running: Annotated[bool, typer.Option("--running", help="Those alone that have not ended.")] = False,
        filter: Annotated[
            str, typer.Option("--filter", "-f", help="Such as 'schedule = \"…\" AND state = FAILED'.")
        ] = "",
        limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """List operations, the newest first."""
        terms = [filter] if filter else []
        terms += ["done = false"] if running else []
        with Sightline(server) as client:
            found = []
            for operation in client.list_operations(filter=" AND ".join(terms), page_size=min(limit, 1000)):
                found.append(operation)
                if len(found) == limit:
                    break
        print_operations(found)

    @group.command(epilog=examples("sightline jobs show 01h…"))
    def show(id: Id, server: Server = None, as_json: AsJson = False) -> None:
        """Show how an operation stands."""
        with Sightline(server) as client:
            operation = client.get_operation(operation_name(id))
        status = to_status(operation)
        if status is None:
            print_json(MessageToDict(operation))
            return
        say_status(status)
        if operation.HasField("error") and not as_json:
            console.stderr.print(f"  {operation.error.message}", markup=False)

    @group.command(epilog=examples("sightline jobs items 01h… --state failed --json | jq -r .key"))
    def items(
        id: Id,
        state: Annotated[
            ItemState | None, typer.Option(case_sensitive=False, help="Those of a state alone.")
        ] = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """List the items of an import, in the order of its source."""
        with Sightline(server) as client:
            for item in client.import_operation(id).items(state, page_size=1000):
                if as_json:
                    print_json(item)
                    continue
                said = import_pb2.ImportItem.State.Name(item.state).lower()
                if item.skip_reason:
                    said = import_pb2.ImportItem.SkipReason.Name(item.skip_reason).lower()
                about = item.error.message or item.image
                console.stdout.print(f"{said:<10} {item.key}  {about}", markup=False)

    @group.command(epilog=examples("sightline jobs retry 01h…", "sightline jobs retry 01h… photos/a.jpg"))
    def retry(
        id: Id,
        keys: Annotated[
            list[str] | None, typer.Argument(metavar="[KEY]...", help="Items; all that failed if none.")
        ] = None,
        server: Server = None,
        as_json: AsJson = False,
    ) -> None:
        """Try the failed items of an import again."""
        with Sightline(server) as client:
            retried = client.import_operation(id).retry(keys or [])
        if as_json:
            print_json({"retried": retried})
        else:
            console.stdout.print(f"{retried:,} tried again")

    @group.command(epilog=examples("sightline jobs pause 01h…"))
    def pause(id: Id, server: Server = None, as_json: AsJson = False) -> None:
        """Pause an import."""
        with Sightline(server) as client:
            say_status(client.import_operation(id).pause())

    @group.command(epilog=examples("sightline jobs resume 01h…"))
    def resume(id: Id, server: Server = None, as_json: AsJson = False) -> None:
        """Go on with an import that was paused."""
        with Sightline(server) as client:
            say_status(client.import_operation(id).resume())

    @group.command(epilog=examples("sightline jobs cancel 01h…"))
    def cancel(id: Id, server: Server = None, as_json: AsJson = False) -> None:
        """Cancel an operation. What an import had imported stays."""
        with Sightline(server) as client:
            client.cancel_operation(operation_name(id))
        if as_json:
            print_json({"cancelled": operation_name(id)})
        else:
            console.stderr.print(f"cancelled {operation_name(id)}", markup=False)

    @group.command(epilog=examples("sightline jobs watch 01h…"))
    def watch(id: Id, server: Server = None, as_json: AsJson = False) -> None:
        """Show an import until it has ended: a progress bar; with --json a line at every change."""
        with Sightline(server) as client:
            operation = client.import_operation(id)
            if not as_json:
                failed = follow(operation)
            else:
                for status in operation.watch():
                    print_json(status)
                failed = operation.status().counts.failed
        if failed:
            raise typer.Exit(1)
