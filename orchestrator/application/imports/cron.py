"""When a schedule runs: cron expressions in time zones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from orchestrator.domain.errors import InvalidArgument

_FIELDS = 5


def next_time(cron: str, time_zone: str, after: datetime, *, field: str = "schedule") -> datetime:
    """The first time of a cron expression of five fields behind a moment, in UTC.

    Where clocks are put forward, a time that is left out comes right behind; where put back, one that
    comes twice counts once. Raises InvalidArgument, naming the field.
    """
    try:
        zone = ZoneInfo(time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidArgument.field(
            f"{field}.time_zone", f"{time_zone!r} is no IANA time zone, such as Europe/Berlin"
        ) from error
    if len(cron.split()) != _FIELDS:
        raise InvalidArgument.field(
            f"{field}.cron", "has five fields: minute, hour, day of the month, month, day of the week"
        )
    try:
        found: datetime = next(CronSim(cron, after.astimezone(zone)))
    except CronSimError as error:
        raise InvalidArgument.field(f"{field}.cron", f"{cron!r} is no cron expression: {error}") from error
    except StopIteration as error:
        raise InvalidArgument.field(f"{field}.cron", f"{cron!r} names a day that never comes") from error
    return found.astimezone(UTC)
