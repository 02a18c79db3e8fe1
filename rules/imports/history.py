"""Log rows become history: each ticket's rows become its events and its timers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from rules.imports.mappings import LogMapping, RowOrder
from rules.imports.rows import LogRow
from rules.imports.ticket_logs import NO_LOG, TicketLog
from rules.intake.requests import MAX_TITLE_LENGTH
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Priority, Status
from rules.model.timers import SlaTimer, TimerKind
from rules.sla import timers
from rules.sla.periods import TimerHistory, build_timer_history
from rules.sla.targets import SlaCase
from rules.text import Code, Moment, Text, _, ngettext

UNKNOWN_NAME = "Unknown"
TimerStates = list[tuple[datetime, SlaTimer]]  # a timer from each moment of its ticket's history on


class ImportedEventKind(StrEnum):
    """An imported event; the same words as the desk's own history."""

    FILED = "filed"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    CHANGED = "changed"
    MOVED = "moved"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ImportNote:
    """A remark on one line for the person who imports."""

    line: int
    text: Text


@dataclass(frozen=True, slots=True)
class ImportedEvent:
    """One event, with the ticket's values after it."""

    kind: ImportedEventKind
    at: datetime
    by: str
    status: Status
    team: str
    type: str
    priority: Priority
    assignee: str | None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportedEscalation:
    """A time in the status escalated; `team` is the one that had the ticket when it ended."""

    from_team: str
    team: str
    asked_by: str
    asked_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedTicket:
    """A ticket as its log has it. `replaces_seq` is the last event of the known ticket that `log` was merged with."""

    source: str
    title: str
    description: str
    requester: str
    registered_by: str
    first_reply_at: datetime | None
    reopened: int
    events: tuple[ImportedEvent, ...]
    log: TicketLog = NO_LOG
    replaces_seq: int | None = None

    @property
    def last_event(self) -> ImportedEvent:
        return self.events[-1]

    @property
    def resolution_event(self) -> ImportedEvent | None:
        resolutions = [event for event in self.events if event.kind is ImportedEventKind.RESOLVED]
        return resolutions[-1] if resolutions and self.last_event.status in DONE_STATUSES else None


def source_of(mapping: LogMapping, number: str) -> str:
    """The source by which a ticket of that log is found again."""
    return f"{mapping.system}:{number}"


def build_imported_ticket(mapping: LogMapping, rows: Sequence[LogRow]) -> tuple[ImportedTicket, list[ImportNote]]:
    """The ticket of these rows, and notes on what was corrected.

    1. Rows are sorted by time, or left as they are written. 2. Times that contradict that order are corrected. 3. Each
    row is compared with the ticket before it and becomes an event. 4. Where the log's own summary contradicts its rows,
    a note says so; the rows count.
    """
    rows, notes = _order_in_time(rows if mapping.order is RowOrder.WRITTEN else sorted(rows, key=lambda row: row.at))
    first, last = rows[0], rows[-1]
    registered_by = _first_known(rows, "registered_by")
    requester = _first_known(rows, "requester") or registered_by or UNKNOWN_NAME
    filed_by = registered_by or first.by or requester
    steps = _build_events(mapping, rows, by=filed_by)
    reopenings = sum([event.kind is ImportedEventKind.REOPENED for event in steps])
    title = last.title or first.number
    is_cut = len(title) > MAX_TITLE_LENGTH
    described = [first.number, title, last.description] if is_cut else [first.number, last.description]
    ticket = ImportedTicket(
        source=source_of(mapping, first.number),
        title=title[: MAX_TITLE_LENGTH - 1].rstrip() + "…" if is_cut else title,
        description="\n".join(described).strip(),
        requester=requester,
        registered_by=filed_by,
        first_reply_at=last.first_reply_at,
        reopened=max(reopenings, last.reopened),
        events=tuple(steps),
    )
    return ticket, [*notes, *_summary_notes(mapping, ticket, last, reopenings)]


def build_escalations(events: Sequence[ImportedEvent]) -> list[ImportedEscalation]:
    """One for each time in the status escalated, as long as `/report times` counts it."""
    escalations = list[ImportedEscalation]()
    for before, after in pairwise(events):
        was_escalated = before.status is Status.ESCALATED
        if after.status is Status.ESCALATED:
            begun = escalations.pop() if was_escalated else ImportedEscalation(before.team, "", after.by, after.at)
            escalations.append(replace(begun, team=after.team))
        elif was_escalated:
            escalations.append(replace(escalations.pop(), ended_by=after.by, ended_at=after.at))
    return escalations


def restore_events(stored: Sequence[ImportedEvent], *, last_type: str, last_priority: Priority) -> list[ImportedEvent]:
    """The events with their types and priorities, which are worked out backwards from the last ones and the changes."""
    type_, priority, restored = last_type, last_priority, list[ImportedEvent]()
    for event in reversed(stored):
        restored.append(replace(event, type=type_, priority=priority))
        changed = event.data.get("changed", {})
        type_ = changed.get("type", [type_])[0]
        priority = Priority(changed.get("priority", [priority])[0])
    return restored[::-1]


def build_timer_histories(
    policy: Policy, events: Sequence[ImportedEvent], *, first_reply_at: datetime | None, now: datetime
) -> list[TimerHistory]:
    """The ticket's timers, met or breached as its history shows; an open one alerts of what is still to come alone.

    A log without first replies gets no such timer: it would be breached for lack of data.
    """
    ran = [_resolution_states(policy, events), _first_reply_states(policy, events[0], first_reply_at)]
    histories = [build_timer_history(states) for states in ran if states]
    return [replace(one, timer=timers.skip_passed_alerts(policy, one.timer, now)) for one in histories]


def _first_known(rows: Sequence[LogRow], name: str) -> str:
    return next(filter(None, [getattr(row, name) for row in rows]), "")


def _order_in_time(rows: Sequence[LogRow]) -> tuple[list[LogRow], list[ImportNote]]:
    """A log that does not say when a ticket was opened has it opened when its first row was written."""
    right, notes, latest = list[LogRow](), list[ImportNote](), rows[-1].at
    earliest = rows[0].opened_at or min([row.at for row in rows])
    for row in reversed(rows):
        latest = max(min(latest, row.at), earliest)
        if row.at > latest:
            notes.append(_note(row, _("the row is later than the one after it, and takes its time")))
        elif row.at < latest:
            notes.append(_note(row, _("the row is before the ticket was created, and takes that time")))
        right.append(row if row.at == latest else replace(row, at=latest))
    return right[::-1], notes[::-1]


def _note(row: LogRow, text: Text) -> ImportNote:
    return ImportNote(row.line, _("{number}: {note}", number=row.number, note=text))


def _build_events(mapping: LogMapping, rows: Sequence[LogRow], *, by: str) -> list[ImportedEvent]:
    first = rows[0]
    team, type_ = _first_known(rows, "team") or UNKNOWN_NAME, _first_known(rows, "type") or UNKNOWN_NAME
    data, opened_at = {"line": first.line}, first.opened_at or first.at
    events = [
        ImportedEvent(ImportedEventKind.FILED, opened_at, by, Status.NEW, team, type_, first.priority, None, data)
    ]
    row_before = first
    for row in rows:
        columns = _changed_columns(mapping, row_before, row)
        for event in _row_events(row, events[-1], columns):
            if row is not first or event.data["changed"]:
                events.append(event)
        row_before = row
    return events


def _changed_columns(mapping: LogMapping, before: LogRow, after: LogRow) -> dict[str, list[str]]:
    if before.history_values == after.history_values:
        return {}
    values = zip(mapping.history_columns, before.history_values, after.history_values, strict=True)
    return {column: [old, new] for column, old, new in values if old != new}


def _row_events(row: LogRow, before: ImportedEvent, columns: dict[str, list[str]]) -> Iterator[ImportedEvent]:
    """The row's event, preceded by the resolution that a log leaves out when it only says closed."""
    after = ImportedEvent(
        kind=ImportedEventKind.CHANGED,
        at=row.at,
        by=row.by or row.resolved_by or before.by,
        status=Status.ASSIGNED if row.status is Status.NEW and row.assignee else row.status,
        team=row.team or before.team,
        type=row.type or before.type,
        priority=row.priority,
        assignee=row.assignee or None,
    )
    if row.status is Status.CLOSED and before.status not in DONE_STATUSES:
        solved_at = min(row.resolved_at or row.at, row.at)
        resolution = replace(after, status=Status.RESOLVED, at=max(solved_at, before.at))
        yield _build_event(ImportedEventKind.RESOLVED, row, before, resolution, columns)
        before, columns = resolution, {}
    yield _build_event(_event_kind(before, after), row, before, after, columns)


def _event_kind(before: ImportedEvent, after: ImportedEvent) -> ImportedEventKind:
    if after.status in DONE_STATUSES and before.status not in DONE_STATUSES:
        return ImportedEventKind.RESOLVED
    if before.status in DONE_STATUSES and after.status not in DONE_STATUSES:
        return ImportedEventKind.REOPENED
    if after.status is Status.CLOSED and before.status is not Status.CLOSED:
        return ImportedEventKind.CLOSED
    if after.status is Status.WAITING and before.status is not Status.WAITING:
        return ImportedEventKind.WAITING
    if after.assignee and after.assignee != before.assignee:
        return ImportedEventKind.ASSIGNED
    return ImportedEventKind.MOVED if after.team != before.team else ImportedEventKind.CHANGED


def _build_event(
    kind: ImportedEventKind, row: LogRow, before: ImportedEvent, after: ImportedEvent, columns: dict[str, list[str]]
) -> ImportedEvent:
    data: dict[str, Any] = {"line": row.line, "changed": _changes(before, after) | columns}
    if kind is ImportedEventKind.ASSIGNED:
        data["to"] = after.assignee
    if kind is ImportedEventKind.MOVED:
        data["to"] = after.team
    if kind is ImportedEventKind.RESOLVED and row.solution:
        data["text"] = row.solution
    by = (row.resolved_by or after.by) if kind is ImportedEventKind.RESOLVED else after.by
    return replace(after, kind=kind, by=by, data=data)


def _changes(before: ImportedEvent, after: ImportedEvent) -> dict[str, list[str]]:
    """What is different now, old and new, in the timeline's words; empty where the log does not say."""
    changed = {
        name: [str(getattr(before, name)), str(getattr(after, name))]
        for name in ("priority", "type", "team")
        if getattr(before, name) != getattr(after, name)
    }
    if before.status is not after.status and before.status.label != after.status.label:
        changed["status"] = [str(before.status.label), str(after.status.label)]
    if before.assignee != after.assignee:
        changed["assignee"] = [before.assignee or "nobody", after.assignee or "nobody"]
    return changed


def _summary_notes(mapping: LogMapping, ticket: ImportedTicket, last: LogRow, reopenings: int) -> Iterator[ImportNote]:
    if len(last.title) > MAX_TITLE_LENGTH:
        cut = _("its title is longer than {most} characters; all of it is in the description", most=MAX_TITLE_LENGTH)
        yield _note(last, cut)
    if last.reopened > reopenings:
        count = ngettext("reopened {n} time", "reopened {n} times", last.reopened)
        yield _note(last, _("{count}, of which its rows show {shown}", count=count, shown=reopenings))
    resolution, column = ticket.resolution_event, mapping.columns.get("resolved_at", "")
    if resolution is not None and last.resolved_at is not None and last.resolved_at != resolution.at:
        yield _note(
            last,
            _(
                "{column} says {at}, its rows {rows}; the rows count",
                column=Code(column),
                at=Moment(last.resolved_at),
                rows=Moment(resolution.at),
            ),
        )


def _resolution_states(policy: Policy, events: Sequence[ImportedEvent]) -> TimerStates:
    opened = events[0]
    timer = timers.start_timer(policy, TimerKind.RESOLUTION, _sla_case(opened, opened.team), opened.at)
    states = [] if timer is None else [(opened.at, timer)]
    for before, after in pairwise(events) if states else ():
        states.append((after.at, _apply_event(policy, states[-1][1], before, after, opened.team)))
    return states


def _first_reply_states(policy: Policy, opened: ImportedEvent, first_reply_at: datetime | None) -> TimerStates:
    if first_reply_at is None:
        return []
    timer = timers.start_timer(policy, TimerKind.FIRST_RESPONSE, _sla_case(opened, opened.team), opened.at)
    if timer is None:
        return []
    return [(opened.at, timer), (first_reply_at, timers.close_timer(policy, timer, first_reply_at))]


def _apply_event(policy: Policy, timer: SlaTimer, before: ImportedEvent, after: ImportedEvent, team: str) -> SlaTimer:
    if _sla_case(before, team) != _sla_case(after, team):
        changed = [name for name in ("type", "priority") if getattr(before, name) != getattr(after, name)]
        reason = f"{' and '.join(changed)} changed"
        timer = timers.recalculate_timer(policy, timer, _sla_case(after, team), now=after.at, reason=reason)
    if after.kind is ImportedEventKind.REOPENED:
        timer = timers.reopen_timer(policy, timer, after.at)
    elif after.kind is ImportedEventKind.RESOLVED:
        timer = timers.close_timer(policy, timer, after.at)
    if policy.pauses_timer(timer.target, after.status):
        return timers.pause_timer(policy, timer, after.at)
    return timers.resume_timer(policy, timer, after.at)


def _sla_case(event: ImportedEvent, team: str) -> SlaCase:
    return SlaCase(type=event.type, priority=event.priority, team=team)
