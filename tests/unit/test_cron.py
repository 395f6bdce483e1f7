"""When schedules run: cron expressions, time zones, and days on which clocks change."""

from datetime import UTC, datetime

import pytest

from orchestrator.application.imports.cron import next_time
from orchestrator.domain.errors import InvalidArgument


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        ("30 2 * * *", "", "2026-05-01T02:30:00", "2026-05-02T02:30:00"),
        ("30 2 * * *", "", "2026-05-01T02:29:59", "2026-05-01T02:30:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-05-01T00:00:00", "2026-05-01T00:30:00"),
        ("*/15 * * * *", "", "2026-05-01T00:00:01", "2026-05-01T00:15:00"),
        ("0 8 * * MON", "America/New_York", "2026-01-01T00:00:00", "2026-01-05T13:00:00"),
        # The clocks leave 2:30 out, and it comes right behind; they show it twice, and it comes once.
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00", "2026-03-29T01:00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:00:00", "2026-10-25T00:30:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00", "2026-10-26T01:30:00"),
    ],
)
def test_the_next_time(cron: str, zone: str, after: str, expected: str) -> None:
    found = next_time(cron, zone, datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("", "", "cron"),
        ("* * * *", "", "cron"),
        ("* * * * * *", "", "cron"),
        ("61 * * * *", "", "cron"),
        ("every day at three o'clock", "", "cron"),
        ("0 0 30 2 *", "", "cron"),
        ("0 0 * * *", "Europe/Nowhere", "time_zone"),
        ("0 0 * * *", "../../etc/passwd", "time_zone"),
    ],
)
def test_what_makes_no_sense_is_refused(cron: str, zone: str, field: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        next_time(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))
    assert raised.value.violations[0].field == f"schedule.{field}"
