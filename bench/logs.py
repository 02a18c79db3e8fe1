"""Two real ticket logs as a desk would have them: their tickets' histories, under made teams, types and targets."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import Progress

from bot.cli.import_log import load_mapping, read_ticket_log
from rules.calendars.calendars import Calendar
from rules.calendars.durations import parse_duration
from rules.forecasts.history import TicketHistory, TimelineEntry
from rules.imports.history import ImportedTicket, build_timer_histories
from rules.imports.mappings import parse_mapping
from rules.model.policy import Policy, SlaRule, Team
from rules.model.tickets import Priority
from rules.model.timers import TimerKind

DATA = Path(__file__).parents[1].parent / "shared" / "data"
HOUR_SECONDS = 3600
OFFICE_HOURS = ((8 * HOUR_SECONDS, 18 * HOUR_SECONDS),)  # the logs name no hours; most steps are within these
OFFICE = Calendar("UTC", (*[OFFICE_HOURS] * 5, (), ()))
ONE_TEAM = "desk"
TEAM_COUNT, TYPE_COUNT = 3, 4
MADE_PRIORITIES = ("high", "normal", "normal", "low")
TARGETS_IN_HOURS = {Priority.CRITICAL: "4h", Priority.HIGH: "1d", Priority.NORMAL: "3d", Priority.LOW: "5d"}
TARGETS_IN_DAYS = {Priority.CRITICAL: "1d", Priority.HIGH: "4d", Priority.NORMAL: "8d", Priority.LOW: "15d"}
TASK_STATES = {
    "Assign seriousness": "new",
    "Insert ticket": "new",
    "Take in charge ticket": "in_progress",
    "Wait": "waiting",
    "Resolve ticket": "resolved",
    "RESOLVED": "resolved",
    "Closed": "closed",
}
MADE_COLUMNS = ("number", "state", "opened_at", "changed_at", "assignee", "changed_by", "team", "type", "priority")
STATE_WORDS = ("new", "in_progress", "waiting", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class DeskLog:
    """A log's tickets by team, and the configuration under which they are measured."""

    policy: Policy
    tickets: Mapping[str, Sequence[TicketHistory]]


def incident_log() -> DeskLog:
    """890 incidents of three days (ServiceNow), all in one team, since most of its groups have a handful."""
    records = read_ticket_log(
        load_mapping("servicenow"), DATA / "servicenow_incidents.csv", datetime.now(UTC), Progress(disable=True)
    ).records
    merged = (replace(one, events=tuple(replace(step, team=ONE_TEAM) for step in one.events)) for one in records)
    return _desk_log(list(merged), TARGETS_IN_HOURS)


def helpdesk_log() -> DeskLog:
    """4,580 tickets of four years; team, type and priority follow from the ticket's number."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "log.csv"
        with file.open("w", newline="", encoding="utf-8") as text:
            csv.writer(text).writerows([MADE_COLUMNS, *_made_rows()])
        columns = dict(zip(MADE_COLUMNS, MADE_COLUMNS, strict=True))
        words = {"state": {one: one for one in STATE_WORDS}, "priority": {one: one for one in set(MADE_PRIORITIES)}}
        plain = {"system": "help desk", "file": {"order": "written"}, "columns": columns, "title": ["number"]}
        mapping = parse_mapping(plain | {"words": words})
        return _desk_log(
            read_ticket_log(mapping, file, datetime.now(UTC), Progress(disable=True)).records, TARGETS_IN_DAYS
        )


def _made_rows() -> Iterator[tuple[str, ...]]:
    steps_of: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (DATA / "helpdesk_2010_2013.csv").open(newline="", encoding="utf-8") as text:
        for step in csv.DictReader(text):
            steps_of[step["caseid"]].append(step)
    for case, steps in steps_of.items():
        yield from _made_rows_of(int(case), sorted(steps, key=lambda step: step["end_timestamp"]))


def _made_rows_of(case: int, steps: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, ...]]:
    """Who resolves or takes a ticket has it from then on; a step that the product does not know is work on it."""
    state, assignee = "new", ""
    made = (
        f"team {case % TEAM_COUNT}",
        f"type {case // TEAM_COUNT % TYPE_COUNT}",
        MADE_PRIORITIES[case // (TEAM_COUNT * TYPE_COUNT) % len(MADE_PRIORITIES)],
    )
    for step in steps:
        state = TASK_STATES.get(step["task"], "in_progress" if state == "new" else state)
        if state not in ("new", "closed"):
            assignee = step["user"]
        at = step["end_timestamp"][:19]
        yield (
            str(case),
            state,
            steps[0]["end_timestamp"][:19],
            at,
            "" if state == "new" else assignee,
            step["user"],
            *made,
        )


def _desk_log(records: Sequence[ImportedTicket], targets: Mapping[Priority, str]) -> DeskLog:
    people: dict[str, set[str]] = defaultdict(set)
    for record in records:
        people[record.last_event.team].update(step.assignee for step in record.events if step.assignee)
    teams = {
        key: Team(key, key, calendar="office", agents=tuple(sorted(agents))) for key, agents in sorted(people.items())
    }
    rules = tuple(SlaRule(resolution=parse_duration(text), priority=priority) for priority, text in targets.items())
    policy = Policy(calendars={"office": OFFICE}, teams=teams, sla_rules=rules)
    tickets: dict[str, list[TicketHistory]] = defaultdict(list)
    for number, record in enumerate(records, start=1):
        tickets[record.last_event.team].append(_history(policy, number, record))
    return DeskLog(policy, tickets)


def _history(policy: Policy, number: int, record: ImportedTicket) -> TicketHistory:
    last, resolution = record.last_event, record.resolution_event
    histories = build_timer_histories(policy, record.events, first_reply_at=None, now=datetime.now(UTC))
    timers = (one.timer for one in histories if one.timer.target is TimerKind.RESOLUTION)
    return TicketHistory(
        number=number,
        type=last.type,
        priority=last.priority,
        assignee=last.assignee,
        step="",
        created_at=record.events[0].at,
        resolved_at=resolution.at if resolution else None,
        timer=next(timers, None),
        timeline=tuple(TimelineEntry(step.at, step.status, step.assignee) for step in record.events),
    )
