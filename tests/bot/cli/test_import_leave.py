"""`baton leave`: a calendar's entries become leave, and a second run changes nothing."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bot.cli.ical import IcalEntries, IcalFileRefused, read_ical_file
from bot.cli.import_leave import LeaveImportReport, import_leave_file
from bot.settings import Settings
from handlers.text.slack import render
from rules.errors import Refused
from rules.people.permissions import NotAllowed
from rules.presence.leave import LeaveKind, LeavePeriod, leave_period_text
from rules.presence.leave_import import ImportOutcome
from services.desk import Desk
from services.presence import presence
from services.presence.leave_import import import_leave as brought
from storage.outbox.outbox import NOTICE
from storage.presence.time_entries import all_entries
from storage.schema.people import LeaveEntry
from storage.texts import text_from_json
from tests.desks import MONDAY, OFFICE, HeldClock
from tests.services.vpn import ANA, LENA, queued

WARSAW = "Europe/Warsaw"
HOLIDAY = "UID:h1\nDTSTART;VALUE=DATE:20261012\nDTEND;VALUE=DATE:20261017\nSUMMARY:Vacation in Rome"
FRIDAYS = "UID:f1\nDTSTART;VALUE=DATE:20261106\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Friday off"


def written(tmp_path: Path, *events: str, head: str = "") -> Path:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    path = tmp_path / "ana.ics"
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{head}{body}END:VCALENDAR\n", encoding="utf-8")
    return path


def read(tmp_path: Path, *events: str, head: str = "") -> IcalEntries:
    return read_ical_file(written(tmp_path, *events, head=head), MONDAY, WARSAW)


async def imported(desk: Desk, tmp_path: Path, *events: str) -> Counter[ImportOutcome]:
    entries = read_ical_file(written(tmp_path, *events), desk.clock(), WARSAW).entries
    return Counter(step.outcome for step in await desk.execute(brought, ANA, entries))


async def standing(desk: Desk) -> list[tuple[date, str]]:
    rows = await desk.read(all_entries, LeaveEntry, ANA)
    return [((row.begins + timedelta(hours=3)).date(), row.kind) for row in rows if row.cancelled_at is None]


def test_a_whole_day_ends_with_it_by_the_persons_own_clock(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, HOLIDAY).entries

    begins, ends = datetime(2026, 10, 11, 22, 0, tzinfo=UTC), datetime(2026, 10, 16, 22, 0, tzinfo=UTC)
    assert entry.period == LeavePeriod(begins, ends, LeaveKind.HOLIDAY, "Vacation in Rome")


@pytest.mark.parametrize(
    ("event", "hours"),
    [
        ("UID:a\nDTSTART:20261012T090000\nDTEND:20261012T110000", (7, 9)),
        ("UID:a\nDTSTART;TZID=America/New_York:20261012T090000\nDURATION:PT2H", (13, 15)),
        ("UID:a\nDTSTART:20261012T090000Z\nDTEND:20261012T110000Z", (9, 11)),
    ],
)
def test_hours_are_read_where_they_are(tmp_path: Path, event: str, hours: tuple[int, int]) -> None:
    (entry,) = read(tmp_path, event).entries

    assert entry.period.ends is not None
    assert (entry.period.begins.hour, entry.period.ends.hour) == hours


def test_the_calendar_may_say_where_its_times_are(tmp_path: Path) -> None:
    event = "UID:a\nDTSTART:20261012T090000\nDTEND:20261012T110000"

    (tokyo,) = read(tmp_path, event, head="X-WR-TIMEZONE:Asia/Tokyo\n").entries
    (nowhere,) = read(tmp_path, event, head="X-WR-TIMEZONE:Moon/Base\n").entries

    assert (tokyo.period.begins.hour, nowhere.period.begins.hour) == (0, 7)


def test_a_series_is_its_days_with_those_that_moved_or_fell_out(tmp_path: Path) -> None:
    event = FRIDAYS + "\nEXDATE;VALUE=DATE:20261113"
    moved = "UID:f1\nRECURRENCE-ID;VALUE=DATE:20261120\nDTSTART;VALUE=DATE:20261119\nSUMMARY:Friday off"

    found = read(tmp_path, event, moved).entries

    assert [(entry.uid, (entry.period.begins + timedelta(hours=3)).day) for entry in found] == [
        ("f1 @2026-11-06", 6),
        ("f1 @2026-11-20", 19),
    ]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("UID:a\nDTSTART:2026-1x", "ana.ics:5: a: skipped, DTSTART cannot be read"),
        ("UID:a\nSUMMARY:Trip", "ana.ics:5: a (Trip): skipped, it does not say when it begins."),
        ("UID:a\nDTSTART:20261012T090000", "it does not say when it ends."),
        ("UID:a\nDTSTART;VALUE=DATE:20261012\nDTEND;VALUE=DATE:20261010", "it ends before it begins."),
        ("UID:a\nDTSTART;VALUE=DATE:20261012\nDTEND:20261012T090000Z", "it ends before it begins."),
        ("UID:a\nDTSTART:20261012T090000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY", "it repeats more often than daily."),
        ("UID:a\nDTSTART;VALUE=DATE:20261012\nRRULE:FREQ=NEVER", "RRULE cannot be read"),
        ("UID:a\nDTSTART;VALUE=DATE:20261012\nSTATUS:TENTATIVE", "it is not confirmed yet."),
        ("DTSTART;VALUE=DATE:20261012", "it has no UID"),
    ],
)
def test_an_entry_that_cannot_be_believed_is_named_with_its_line_and_why(tmp_path: Path, event: str, why: str) -> None:
    found = read(tmp_path, event, HOLIDAY)

    assert len(found.entries) == 1
    assert why in str(found.faults[0])


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n"])
def test_a_file_that_is_no_calendar_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ana.ics"
    path.write_bytes(content)

    with pytest.raises(IcalFileRefused, match="this is not an iCalendar file"):
        read_ical_file(path, MONDAY, WARSAW)


def test_a_long_name_still_fits(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, HOLIDAY.replace("h1", "h" * 500)).entries

    assert len(entry.uid) <= 200


async def test_a_second_import_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    first = await imported(desk, tmp_path, HOLIDAY, FRIDAYS)
    again = await imported(desk, tmp_path, HOLIDAY, FRIDAYS)

    assert (first, again) == ({ImportOutcome.NEW: 4}, {ImportOutcome.SAME: 4})
    assert len(await desk.read(all_entries, LeaveEntry, ANA)) == 4


async def test_one_that_has_changed_moves_and_one_that_is_cancelled_goes(desk: Desk, tmp_path: Path) -> None:
    await imported(desk, tmp_path, HOLIDAY, FRIDAYS)
    later = HOLIDAY.replace("20261012", "20261013")

    moved = await imported(desk, tmp_path, later, FRIDAYS.replace("COUNT=3", "COUNT=2"))
    gone = await imported(desk, tmp_path, later + "\nSTATUS:CANCELLED")

    assert moved == {ImportOutcome.MOVED: 1, ImportOutcome.SAME: 2, ImportOutcome.CANCELLED: 1}
    assert gone == {ImportOutcome.CANCELLED: 1, ImportOutcome.MISSING: 2}
    assert await standing(desk) == [(date(2026, 11, 6), "leave"), (date(2026, 11, 13), "leave")]


async def test_what_lies_over_leave_entered_here_is_refused(desk: Desk, tmp_path: Path) -> None:
    begins = datetime(2026, 10, 13, 8, 0, tzinfo=UTC)
    await desk.execute(presence.enter_leave, ANA, LeavePeriod(begins, begins + timedelta(hours=3)), by=ANA)

    assert await imported(desk, tmp_path, HOLIDAY) == {ImportOutcome.REFUSED: 1}


async def test_the_lead_reads_once_what_changed(desk: Desk, tmp_path: Path) -> None:
    await imported(desk, tmp_path, HOLIDAY, FRIDAYS)
    await imported(desk, tmp_path, HOLIDAY, FRIDAYS)

    words = [render(text_from_json(row.data["words"])) for row in await queued(desk, NOTICE, to=LENA)]
    assert words == [f"Leave of <@{ANA}> imported from their calendar: 4 new. `/desk` shows who is here."]


def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "desk.yml").write_text(yaml.safe_dump(OFFICE), encoding="utf-8")
    return Settings.model_construct(database_url=database_url, baton_config=tmp_path / "desk.yml")


def next_year(event: str) -> str:
    """The same a few weeks from the real today: the command reads the real clock."""
    day = datetime.now(UTC).date() + timedelta(days=40)
    return event.replace("20261012", f"{day:%Y%m%d}").replace("20261017", f"{day + timedelta(days=5):%Y%m%d}")


async def test_the_command_says_what_it_did_and_a_dry_run_what_it_would(database_url: str, tmp_path: Path) -> None:
    file, here = written(tmp_path, next_year(HOLIDAY), "UID:b"), settings(database_url, tmp_path)

    reports = [await import_leave_file(here, file, ANA, dry_run=dry) for dry in (True, False, False)]

    assert [sums(report) for report in reports] == [(1, 0), (1, 0), (0, 1)]
    assert str(reports[0].lines()[0]) == "ana.ics:11: b: skipped, it does not say when it begins."
    assert str(reports[0].lines()[-1]) == "Dry run: 1 new, 0 moved, 0 cancelled, 0 same, 0 past; 1 skipped."
    assert str(reports[1].lines()[-1]).startswith("Leave: 1 new")


def sums(report: LeaveImportReport) -> tuple[int, int]:
    return report.counts[ImportOutcome.NEW], report.counts[ImportOutcome.SAME]


@pytest.mark.parametrize(("person", "error"), [("ana", Refused), ("U0CLIENT1", NotAllowed)])
async def test_whose_leave_it_is_must_be_of_the_desk(
    database_url: str, tmp_path: Path, person: str, error: type[Refused]
) -> None:
    with pytest.raises(error):
        await import_leave_file(settings(database_url, tmp_path), written(tmp_path, HOLIDAY), person)


async def test_leave_that_was_taken_back_here_stays_taken_back(desk: Desk, tmp_path: Path, clock: HeldClock) -> None:
    await imported(desk, tmp_path, HOLIDAY)
    await desk.execute(presence.cancel_leave, ANA, 1, by=ANA)

    assert await imported(desk, tmp_path, HOLIDAY) == {ImportOutcome.SAME: 1}
    assert await standing(desk) == []


async def test_what_the_file_does_not_hold_any_more_is_named_and_stays_until_it_is_dropped(
    database_url: str, tmp_path: Path
) -> None:
    here, other = settings(database_url, tmp_path), "UID:k1\nDTSTART;VALUE=DATE:20200101"
    await import_leave_file(here, written(tmp_path, next_year(HOLIDAY)), ANA)
    file = written(tmp_path, other)

    named = await import_leave_file(here, file, ANA)
    dropped = await import_leave_file(here, file, ANA, drop=True)
    after = await import_leave_file(here, file, ANA)

    assert [line for line in named.lines() if str(line).startswith("not in this file any more")] != []
    assert [report.counts[ImportOutcome.CANCELLED] for report in (named, dropped, after)] == [0, 1, 0]


async def test_an_entry_that_cannot_be_believed_any_more_is_not_dropped(database_url: str, tmp_path: Path) -> None:
    here = settings(database_url, tmp_path)
    await import_leave_file(here, written(tmp_path, next_year(HOLIDAY)), ANA)

    report = await import_leave_file(here, written(tmp_path, "UID:h1\nSUMMARY:Vacation in Rome"), ANA, drop=True)

    assert (report.counts[ImportOutcome.CANCELLED], len(report.faults)) == (0, 1)


WEEKLY = "UID:w1\n{start}\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Afternoon off"


async def away(desk: Desk) -> list[str]:
    rows = await desk.read(all_entries, LeaveEntry, ANA)
    return sorted(f"{row.begins:%d %H:%M}" for row in rows if row.cancelled_at is None)


@pytest.mark.parametrize(
    ("before", "after", "begins"),
    [
        ("DTSTART:20261005T140000\nDTEND:20261005T180000", "DTSTART:20261005T130000\nDTEND:20261005T170000", "11:00"),
        ("DTSTART:20261005T140000\nDTEND:20261005T180000", "DTSTART:20261005T120000Z\nDTEND:20261005T160000Z", "12:00"),
        ("DTSTART;VALUE=DATE:20261006\nDURATION:P2D", "DTSTART;VALUE=DATE:20261007\nDURATION:P2D", "22:00"),
    ],
    ids=["by an hour", "to UTC", "by a day"],
)
async def test_a_series_that_moved_is_leave_as_the_file_says(
    desk: Desk, tmp_path: Path, before: str, after: str, begins: str
) -> None:
    await imported(desk, tmp_path, WEEKLY.format(start=before))

    counts = await imported(desk, tmp_path, WEEKLY.format(start=after))

    assert counts[ImportOutcome.REFUSED] == 0
    assert [one.partition(" ")[2] for one in await away(desk)] == [begins] * 3
    assert (await imported(desk, tmp_path, WEEKLY.format(start=after)))[ImportOutcome.SAME] == 3


async def test_one_day_may_become_a_series(desk: Desk, tmp_path: Path) -> None:
    await imported(desk, tmp_path, "UID:f1\nDTSTART;VALUE=DATE:20261106")

    await imported(desk, tmp_path, FRIDAYS)

    assert [day.day for day, _ in await standing(desk)] == [6, 13, 20]


@pytest.mark.parametrize("start", ["DTSTART;VALUE=DATE:20261005", "DTSTART:20261005T000000\nDTEND:20261006T000000"])
def test_a_day_of_a_series_lasts_until_it_ends_by_the_persons_own_clock(tmp_path: Path, start: str) -> None:
    file = written(tmp_path, f"UID:w1\n{start}\nRRULE:FREQ=WEEKLY;COUNT=2")
    evening, next_day = datetime(2026, 10, 6, 2, tzinfo=UTC), datetime(2026, 10, 6, 8, tzinfo=UTC)

    seen = [
        [entry.period.begins.day for entry in read_ical_file(file, now, "America/Los_Angeles").entries]
        for now in (evening, next_day)
    ]

    assert seen == [[5, 12], [12]]


@pytest.mark.parametrize(
    ("event", "begins", "ends"),
    [
        ("DTSTART;VALUE=DATE:20261012\nDTEND;VALUE=DATE:99991231", datetime(2026, 10, 11, 22, tzinfo=UTC), None),
        ("DTSTART:20261012T080000Z\nDTEND:99991231T235959Z", datetime(2026, 10, 12, 8, tzinfo=UTC), None),
        ("DTSTART;VALUE=DATE:20261012\nDURATION:P99999999D", datetime(2026, 10, 11, 22, tzinfo=UTC), None),
        (
            "DTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:20261013",
            datetime(1970, 1, 2, tzinfo=UTC),
            datetime(2026, 10, 12, 22, tzinfo=UTC),
        ),
    ],
)
async def test_for_good_has_no_end_and_the_others_of_the_file_come_in(
    desk: Desk, tmp_path: Path, event: str, begins: datetime, ends: datetime | None
) -> None:
    found = read(tmp_path, f"UID:z\n{event}", "UID:b\nDTSTART;VALUE=DATE:20261008")

    assert [(one.period.begins, one.period.ends) for one in found.entries if one.uid == "z"] == [(begins, ends)]
    assert [one.uid for one in found.entries] == ["z", "b"]
    steps = await desk.execute(brought, ANA, found.entries)
    assert all(leave_period_text(one.period.begins, one.period.ends, desk.clock(), WARSAW) for one in steps)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("RRULE:FREQ=WEEKLY;INTERVAL=0", "its INTERVAL is less than 1"),
        ("RRULE:FREQ=DAILY;BYSECOND=0,1,2,3", "it repeats more often than daily"),
        ("RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY", "RRULE is in it more than once"),
        ("DTEND;VALUE=DATE:20261013\nDTEND;VALUE=DATE:20261014", "DTEND is in it more than once"),
        ("RRULE:INTERVAL=2", "its repetition cannot be read"),
        ("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "its repetition takes too long to work out"),
    ],
)
def test_an_impossible_repetition_is_named_and_the_others_of_the_file_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str, why: str
) -> None:
    monkeypatch.setattr("bot.cli.ical.SERIES_TIMEOUT_SECONDS", 0.5)

    found = read(tmp_path, f"UID:z\nDTSTART;VALUE=DATE:20261012\n{event}", "UID:b\nDTSTART;VALUE=DATE:20261008")

    (fault,) = map(str, found.faults)
    assert why in fault
    assert [one.uid for one in found.entries] == ["b"]
    assert found.unread_series == {"z"}


def test_what_is_too_much_is_refused_as_a_whole_with_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [f"UID:d{day}\nDTSTART;VALUE=DATE:202610{day}" for day in range(10, 31)]
    said = []

    for limit in ("MAX_EVENTS", "MAX_ENTRIES", "MAX_FILE_BYTES"):
        with monkeypatch.context() as patch, pytest.raises(IcalFileRefused) as refusal:
            patch.setattr(f"bot.cli.ical.{limit}", 20)
            read(tmp_path, *days)
        said.append(str(refusal.value).partition("ana.ics ")[2].partition(".")[0])

    assert said == ["has more than 20 entries", "has more than 20 entries from today on", "is larger than 0 MB"]
