"""A real desk's log is imported, and `/report` says of it what a count by hand says.

The count below reads the file with csv and plain Python alone; nothing of Baton takes part in it.
"""

import asyncio
import csv
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cli.import_log import LogImportReport, import_ticket_log
from services.imports import ImportOutcome
from tests.desks import CHANNELS, HeldClock, Office, opened_office

NEW, UNCHANGED = ImportOutcome.NEW, ImportOutcome.UNCHANGED
LOG = Path(__file__).parents[2].parent / "shared" / "data" / "servicenow_incidents.csv"
WARSAW = ZoneInfo("Europe/Warsaw")
PROMISED = {"1 - Critical": timedelta(hours=4)}  # as the office's desk has it for teams that never close
OTHERS = timedelta(days=3)
WAITING = {"Awaiting User Info", "Awaiting Vendor", "Awaiting Problem", "Awaiting Evidence"}
DONE = {"Resolved", "Closed"}
SHOWN = {"New": "New", "Active": "In progress", "Resolved": "Resolved", "Closed": "Closed"}

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the incident log is not beside this checkout")


@dataclass(frozen=True)
class Change:
    """One row: how the incident stood from then on."""

    at: datetime
    state: str
    category: str
    team: str
    assignee: str
    priority: str
    resolver: str


@dataclass(frozen=True)
class Incident:
    opened: datetime
    changes: list[Change]

    def stood(self, end: datetime) -> Change:
        """The last change before then; before the first one it is new, and nobody has it."""
        before = [one for one in self.changes if one.at < end]
        first = self.changes[0]
        new = Change(self.opened, "New", first.category, first.team, "?", first.priority, "?")
        return before[-1] if before else new

    def resolutions(self) -> list[Change]:
        """The changes that made it resolved, not those that only kept it so."""
        states = ["New", *(one.state for one in self.changes)]
        return [now for was, now in zip(states, self.changes, strict=False) if was not in DONE and now.state in DONE]

    def is_open(self, end: datetime) -> bool:
        return self.opened < end and self.stood(end).state not in DONE

    def is_overdue(self, end: datetime) -> bool:
        """Open for longer than the priority that it had then allows, the time not counted in which something was
        awaited; a changed priority counts from the start, one that changes later not at all."""
        used, was, since = timedelta(), "New", self.opened
        for one in [*(change for change in self.changes if change.at < end), None]:
            until = one.at if one else end
            if was not in WAITING | DONE:
                used += until - since
            was, since = one.state if one else was, until
        return used > PROMISED.get(self.stood(end).priority, OTHERS)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


@cache
def incidents() -> list[Incident]:
    with LOG.open(newline="", encoding="utf-8") as text:
        rows: dict[str, list[dict[str, str]]] = {}
        for row in csv.DictReader(text):
            rows.setdefault(row["number"], []).append(row)
    return [incident(one) for one in rows.values()]


def incident(rows: list[dict[str, str]]) -> Incident:
    """Rows stand in the order in which they happened; a time that contradicts it gives way to the later row's."""
    opened = moment(rows[0]["opened_at"])
    team = next((row["assignment_group"] for row in rows if row["assignment_group"] != "?"), "?")
    category = next((row["category"] for row in rows if row["category"] != "?"), "Unknown")
    changes = []
    for index, row in enumerate(rows):
        at = max(opened, min(moment(later["sys_updated_at"]) for later in rows[index:]))
        team = row["assignment_group"] if row["assignment_group"] != "?" else team
        category = row["category"] if row["category"] != "?" else category
        state, who, resolver = row["incident_state"], row["assigned_to"], row["resolved_by"]
        changes.append(Change(at, state, category, team, who, row["priority"], resolver))
    return Incident(opened, changes)


@dataclass(frozen=True)
class Count:
    """One day of the log, counted by hand."""

    start: datetime
    end: datetime
    all: list[Incident]

    @classmethod
    def of(cls, day: str) -> "Count":
        midnight = datetime.combine(date.fromisoformat(day), time(), WARSAW)
        next_one = datetime.combine(midnight.date() + timedelta(days=1), time(), WARSAW)
        return cls(midnight.astimezone(UTC), next_one.astimezone(UTC), incidents())

    def reported(self) -> list[Incident]:
        return [one for one in self.all if self.start <= one.opened < self.end]

    def open(self) -> list[Incident]:
        return [one for one in self.all if one.is_open(self.end)]

    def resolved(self) -> list[Change]:
        """Each incident's last resolution of the day."""
        found = ([now for now in one.resolutions() if self.start <= now.at < self.end] for one in self.all)
        return [those[-1] for those in found if those]

    def held(self, who: str) -> tuple[int, int]:
        """How many a person has from that day, and from earlier ones."""
        mine = [one for one in self.open() if one.stood(self.end).assignee == who]
        new = sum(one.opened >= self.start for one in mine)
        return new, len(mine) - new

    def states(self) -> Counter[str]:
        return Counter(self._word(one.stood(self.end)) for one in self.reported())

    def _word(self, stood: Change) -> str:
        if stood.state in WAITING:
            return "Waiting for customer"
        return "Assigned" if stood.state == "New" and stood.assignee != "?" else SHOWN[stood.state]


@dataclass(frozen=True)
class Imported:
    """An office after the import; `first` is its report, and `posted` what the app said in the channels meanwhile."""

    office: Office
    first: LogImportReport
    posted: list[Any]

    async def told(self, question: str) -> str:
        """What `/report` answers the manager."""
        answer = await self.office.answer("U0MANAGER1", "/report", question)
        return f"{answer['text']}\n{texts(answer)}"


def texts(answer: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in answer["blocks"] if "text" in block)


@pytest.fixture(scope="module")
def first_import(module_database_url: str) -> tuple[LogImportReport, list[Any]]:
    """The log in the office's desk, brought once while the bot runs; the tests after it only read."""

    async def bring() -> tuple[LogImportReport, list[Any]]:
        async with opened_office(module_database_url, HeldClock()) as office:
            report = await import_ticket_log(office.settings, LOG, "servicenow")
            return report, await posted_in(office)

    return asyncio.run(bring())


@pytest.fixture
async def imported(
    module_database_url: str, first_import: tuple[LogImportReport, list[Any]], clock: HeldClock
) -> AsyncIterator[Imported]:
    async with opened_office(module_database_url, clock) as office:
        yield Imported(office, *first_import)


async def posted_in(office: Office) -> list[Any]:
    await office.settled()
    return [message for channel in CHANNELS for message in office.app_messages(channel)]


async def test_every_incident_comes_with_its_history_and_nobody_is_told(imported: Imported) -> None:
    assert (imported.first.rows, imported.first.tickets, imported.first.faults.count) == (5998, {NEW: 890}, 0)
    assert imported.first.events > 5998
    assert imported.posted == await posted_in(imported.office) == []


async def test_a_second_import_changes_nothing(imported: Imported) -> None:
    before = await imported.told("2016-03-02")

    again = await import_ticket_log(imported.office.settings, LOG, "servicenow")

    assert (again.tickets, again.events) == ({UNCHANGED: 890}, 0)
    assert await imported.told("2016-03-02") == before


async def test_a_dry_run_after_it_says_that_all_is_here(imported: Imported) -> None:
    dry = await import_ticket_log(imported.office.settings, LOG, "servicenow", dry_run=True)

    assert dry.tickets == {UNCHANGED: 890}


async def test_the_figures_of_the_first_busy_day_are_those_of_a_count_by_hand(imported: Imported) -> None:
    told, count = await imported.told("2016-03-02"), Count.of("2016-03-02")

    types = Counter(one.stood(count.end).category for one in count.reported()).most_common(1)[0]
    new, earlier = count.held("?")
    for figure in (
        f"Created {len(count.reported())} · Resolved {len(count.resolved())} · Backlog {len(count.open())} ",
        f"By type: {types[0]} {types[1]},",
        f"Unassigned  {new + earlier} ({new} from that day, {earlier} from earlier days)",
        *(f"{state} {many}" for state, many in count.states().items()),
    ):
        assert figure in told
    assert len(count.reported()) > 300


async def test_the_figures_of_a_week_later_are_those_of_a_count_by_hand(imported: Imported) -> None:
    told, count = await imported.told("2016-03-09"), Count.of("2016-03-09")

    who, many = max(Counter(one.resolver for one in count.resolved()).items(), key=lambda one: (one[1], one[0]))
    holders = Counter(one.stood(count.end).assignee for one in count.open())
    busiest = max((one for one in holders if one != "?"), key=lambda one: (holders[one], one))
    new, earlier = count.held(busiest)
    overdue = sum(one.is_overdue(count.end) for one in count.open())
    for figure in (
        f"Resolved {len(count.resolved())} · Backlog {len(count.open())} (⚠️ {overdue} breached",
        f"{who} {many}",
        f"{busiest}  {earlier} (all from earlier days)",
    ):
        assert figure in told
    assert (new, overdue > 50) == (0, True)


async def test_one_groups_figures_are_those_of_a_count_by_hand(imported: Imported) -> None:
    told, count = await imported.told("team group 70 2016-03-03"), Count.of("2016-03-03")

    waiting = [one for one in count.open() if one.stood(count.end).team == "Group 70"]
    solved = [one for one in count.resolved() if one.team == "Group 70"]
    late = sum(one.is_overdue(count.end) for one in waiting)
    assert f"Resolved {len(solved)} · Backlog {len(waiting)} (⚠️ {late} breached" in told
    assert len(waiting) > 50


@pytest.mark.parametrize("day", ["2016-02-29", "2016-03-01", "2016-03-12", "2016-03-15", "2016-03-27", "2016-04-04"])
async def test_every_day_sums_up_as_a_count_by_hand_does(imported: Imported, day: str) -> None:
    told, count = await imported.told(day), Count.of(day)

    late = sum(one.is_overdue(count.end) for one in count.open())
    sums = f"Created {len(count.reported())} · Resolved {len(count.resolved())} · Backlog {len(count.open())}"
    assert f"{sums} (⚠️ {late} breached" in told


async def test_a_day_after_the_log_is_quiet(imported: Imported) -> None:
    assert "Created 0 · Resolved 0 · Backlog 0" in await imported.told("2018-01-01")
