"""A foreign log becomes history: the rows of one ticket become its events, its promises kept or missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from rules.imports.mappings import LogMap, Order
from rules.imports.rows import Row
from rules.intake.requests import TITLE_LIMIT
from rules.model.policy import Policy
from rules.model.tickets import DONE, STATUS_WORDS, Priority, Status
from rules.model.timers import Clock, ClockKind
from rules.sla import timers
from rules.sla.targets import Case

UNKNOWN = "Unknown"


class Did(StrEnum):
    """What a row of history can say; the same words as the desk's own history."""

    FILED = "filed"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    CHANGED = "changed"
    MOVED = "moved"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one line that whoever imports should know."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One event to be: what happened, and how the ticket stood after it."""

    did: Did
    at: datetime
    by: str
    status: Status
    team: str
    type: str
    priority: Priority
    assignee: str | None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One ticket to be, with its whole history."""

    source: str
    title: str
    description: str
    requester: str
    registered_by: str
    first_reply_at: datetime | None
    reopened: int
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def resolution(self) -> Step | None:
        """The step that resolved it for good; None while it is open."""
        solved = [step for step in self.steps if step.did is Did.RESOLVED]
        return solved[-1] if solved and self.last.status in DONE else None


def record(log: LogMap, rows: Sequence[Row]) -> tuple[Record, list[Note]]:
    """The ticket that these rows tell of, and what had to be corrected to believe them.

    1. Rows are put in the order of their times, or left as they are written. 2. Times that contradict that order are
    drawn back. 3. Each row is compared with how the ticket stood before it and becomes an event. 4. What
    the log sums up otherwise than its rows tell is noted; the rows count.
    """
    rows, notes = _in_time(rows if log.order is Order.WRITTEN else sorted(rows, key=lambda row: row.at))
    first, last = rows[0], rows[-1]
    requester = _first(rows, "requester") or _first(rows, "registered_by") or UNKNOWN
    steps = _steps(rows, by=_first(rows, "registered_by") or requester)
    reopenings = sum(step.did is Did.REOPENED for step in steps)
    title = last.title or first.number
    made = Record(
        source=f"{log.system}:{first.number}",
        title=title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…",
        description=f"{first.number}\n{last.description}".strip(),
        requester=requester,
        registered_by=_first(rows, "registered_by") or requester,
        first_reply_at=last.first_reply_at,
        reopened=max(reopenings, last.reopened),
        steps=tuple(steps),
    )
    return made, [*notes, *_sums(log, made, last)]


def clocks(policy: Policy, made: Record) -> list[Clock]:
    """The ticket's promises, kept or missed as its history tells; none of them ever alerts.

    A log that does not know first replies gets no promise of one: it would be missed by ignorance.
    """
    kinds = [ClockKind.RESOLUTION] + ([ClockKind.FIRST_RESPONSE] if made.first_reply_at else [])
    ran = (_ran(policy, kind, made) for kind in kinds)
    return [replace(clock, next_alert_at=None) for clock in ran if clock is not None]


def _first(rows: Sequence[Row], name: str) -> str:
    return next((row.words[name] for row in rows if row.words[name]), "")


def _in_time(rows: Sequence[Row]) -> tuple[list[Row], list[Note]]:
    """The rows with times that follow one another, none before the ticket was opened."""
    right, notes, latest = [], [], rows[-1].at
    for row in reversed(rows):
        latest = max(min(latest, row.at), rows[0].opened_at)
        if row.at > latest:
            notes.append(Note(row.line, f"{row.number}: the row is later than the one after it, and takes its time"))
        elif row.at < latest:
            notes.append(Note(row.line, f"{row.number}: the row is before the ticket was opened, and takes that time"))
        right.append(replace(row, at=latest))
    return right[::-1], notes[::-1]


def _steps(rows: Sequence[Row], *, by: str) -> list[Step]:
    first = rows[0]
    team, type_ = _first(rows, "team") or UNKNOWN, _first(rows, "type") or UNKNOWN
    opened = Step(Did.FILED, first.opened_at, by, Status.NEW, team, type_, first.priority, None, {"line": first.line})
    steps, told = [opened], first.told
    for row in rows:
        for step in _told_by(row, steps[-1], told):
            if row is not first or step.data["changed"]:
                steps.append(step)
        told = row.told
    return steps


def _told_by(row: Row, before: Step, told: Mapping[str, str]) -> Iterator[Step]:
    """The event that the row is, and before it the resolution that a log leaves out when it only says closed."""
    after = replace(
        before,
        at=row.at,
        by=row.by or row.words["resolved_by"] or before.by,
        status=Status.ASSIGNED if row.status is Status.NEW and row.words["assignee"] else row.status,
        team=row.words["team"] or before.team,
        type=row.words["type"] or before.type,
        priority=row.priority,
        assignee=row.words["assignee"] or None,
    )
    if row.status is Status.CLOSED and before.status not in DONE:
        solved_at = min(row.resolved_at or row.at, row.at)
        solved = replace(after, status=Status.RESOLVED, at=max(solved_at, before.at))
        yield _event(Did.RESOLVED, row, before, solved, told)
        before, told = solved, row.told
    yield _event(_did(before, after), row, before, after, told)


def _did(before: Step, after: Step) -> Did:
    """What the difference is called: what matters most, where a row changes several things at once."""
    if after.status in DONE and before.status not in DONE:
        return Did.RESOLVED
    if before.status in DONE and after.status not in DONE:
        return Did.REOPENED
    if after.status is Status.CLOSED and before.status is not Status.CLOSED:
        return Did.CLOSED
    if after.status is Status.WAITING and before.status is not Status.WAITING:
        return Did.WAITING
    if after.assignee and after.assignee != before.assignee:
        return Did.ASSIGNED
    return Did.MOVED if after.team != before.team else Did.CHANGED


def _event(did: Did, row: Row, before: Step, after: Step, told: Mapping[str, str]) -> Step:
    data: dict[str, Any] = {"line": row.line, "changed": _changed(before, after, told, row.told)}
    if did is Did.ASSIGNED:
        data["to"] = after.assignee
    if did is Did.MOVED:
        data["to"] = after.team
    if did is Did.RESOLVED and row.words["solution"]:
        data["text"] = row.words["solution"]
    by = (row.words["resolved_by"] or after.by) if did is Did.RESOLVED else after.by
    return replace(after, did=did, by=by, data=data)


def _changed(before: Step, after: Step, told: Mapping[str, str], tells: Mapping[str, str]) -> dict[str, list[str]]:
    """What is different now, old and new, in the words of the story; empty where the log does not say what changed."""
    known = {name: [str(getattr(before, name)), str(getattr(after, name))] for name in ("priority", "type", "team")}
    told_too = {column: [told[column], tells[column]] for column in tells}
    stands = {
        "status": [STATUS_WORDS[before.status], STATUS_WORDS[after.status]],
        "assignee": [before.assignee or "nobody", after.assignee or "nobody"],
    }
    return {name: pair for name, pair in (known | stands | told_too).items() if pair[0] != pair[1]}


def _sums(log: LogMap, made: Record, last: Row) -> Iterator[Note]:
    """Where the log's own summary says otherwise than its rows."""
    reopenings = sum(step.did is Did.REOPENED for step in made.steps)
    if last.reopened > reopenings:
        yield Note(last.line, f"{last.number}: reopened {last.reopened} times, of which its rows show {reopenings}")
    solved, column = made.resolution, log.columns.get("resolved_at", "")
    if solved is not None and last.resolved_at not in (None, solved.at):
        words = f"`{column}` says {last.resolved_at:%Y-%m-%d %H:%M} UTC, its rows {solved.at:%Y-%m-%d %H:%M}"
        yield Note(last.line, f"{last.number}: {words}; the rows count")


def _ran(policy: Policy, kind: ClockKind, made: Record) -> Clock | None:
    opened = made.steps[0]
    clock = timers.start(policy, kind, _case(opened, opened.team), opened.at)
    if clock is None or kind is ClockKind.FIRST_RESPONSE:
        return timers.meet(policy, clock, made.first_reply_at or opened.at) if clock else None
    for before, after in pairwise(made.steps):
        clock = _turned(policy, clock, before, after, opened.team)
    return clock


def _turned(policy: Policy, clock: Clock, before: Step, after: Step, team: str) -> Clock:
    """The clock after one step, as the live desk would have turned it: paused while the customer is asked."""
    if _case(before, team) != _case(after, team):
        clock = timers.recalculate(policy, clock, _case(after, team), now=after.at, why=_why(before, after))
    if after.did is Did.REOPENED:
        clock = timers.reopen(policy, clock, after.at)
    elif after.did is Did.RESOLVED:
        clock = timers.meet(policy, clock, after.at)
    if after.status in policy.pauses.get(clock.target, ()):
        return timers.pause(policy, clock, after.at)
    return timers.resume(policy, clock, after.at)


def _case(step: Step, team: str) -> Case:
    return Case(type=step.type, priority=step.priority, team=team)


def _why(before: Step, after: Step) -> str:
    changed = [name for name in ("type", "priority") if getattr(before, name) != getattr(after, name)]
    return f"{' and '.join(changed)} changed"
