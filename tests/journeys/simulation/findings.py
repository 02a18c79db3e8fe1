"""What is wrong between the model, the database and what stands in Slack."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.emulator.server import Emulator
from bot.emulator.types import Json
from storage.events import DESK_ACTOR
from storage.schema.tickets import Escalation, Event, MessageReference, OutboxMessage, Ticket, TimerRow
from storage.transaction import Reader
from tests.journeys.simulation.model import Model, Said
from tests.journeys.simulation.model import Ticket as ModelTicket

STATUSES = {
    "new": "New",
    "assigned": "Assigned",
    "in_progress": "In progress",
    "waiting": "Waiting for customer",
    "escalated": "Escalated",
    "resolved": "Resolved",
}
TIMER_STATES = {"met": "over", "breached": "over", "cancelled": "over"}
MARK = re.compile(r"\bw\d+q\b")
NEWS = re.compile(r"<@(\w+)> (accepted|withdrew) .*?escalation of #(\d+)")

State = dict[str, Any]


def model_states(model: Model, numbers: Collection[int]) -> dict[int, State]:
    return {number: _model_state(model.tickets[number]) for number in numbers if number in model.tickets}


def _model_state(ticket: ModelTicket) -> State:
    return {
        "title": ticket.title,
        "requester": ticket.requester,
        "status": ticket.status,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "events": ticket.events,
        "rounds": [(one.team, one.from_team, one.asked_by, one.state, one.decided_by) for one in ticket.rounds],
        "timers": ticket.timers,
    }


def saved_states(reader: Reader, numbers: Collection[int]) -> dict[int, State]:
    """The same of the database; what the desk does of its own accord is left out of the history."""
    states = {
        ticket.number: {
            "title": ticket.title,
            "requester": ticket.requester,
            "status": str(ticket.status),
            "team": ticket.team,
            "assignee": ticket.assignee,
            "events": [],
            "rounds": [],
            "timers": {},
        }
        for ticket in reader.session.scalars(_of(reader, Ticket, numbers))
    }
    for event in reader.session.scalars(_of(reader, Event, numbers).order_by(Event.number, Event.seq)):
        if event.by != DESK_ACTOR:
            states[event.number]["events"].append((event.kind, event.by))
    for one in reader.session.scalars(_of(reader, Escalation, numbers).order_by(Escalation.number, Escalation.round)):
        states[one.number]["rounds"].append((one.team, one.from_team, one.asked_by, str(one.state), one.decided_by))
    for timer in reader.session.scalars(_of(reader, TimerRow, numbers)):
        states[timer.number]["timers"][str(timer.target)] = TIMER_STATES.get(str(timer.state), str(timer.state))
    return states


def _of(reader: Reader, table: Any, numbers: Collection[int]) -> Any:  # noqa: ANN401 - any of these tables
    return select(table).where(table.workspace_id == reader.workspace, table.number.in_(numbers))


def titles(reader: Reader) -> dict[str, int]:
    """The number of each ticket by its title; a title that is there twice is a ticket filed twice."""
    rows = reader.session.execute(select(Ticket.title, Ticket.number).where(Ticket.workspace_id == reader.workspace))
    found = [(title, number) for title, number in rows]
    assert len({title for title, _ in found}) == len(found), Counter(title for title, _ in found).most_common(2)
    return dict(found)


def outbox_rows(reader: Reader) -> Sequence[OutboxMessage]:
    return reader.session.scalars(select(OutboxMessage).where(OutboxMessage.workspace_id == reader.workspace)).all()


def references(reader: Reader) -> Sequence[MessageReference]:
    return reader.session.scalars(
        select(MessageReference).where(MessageReference.workspace_id == reader.workspace)
    ).all()


class Slack:
    """What Baton posted, each message with the row of the outbox that it came of."""

    def __init__(self, emulator: Emulator, rows: Sequence[OutboxMessage]) -> None:
        by_id = {str(row.id): row for row in rows}
        self.rows = rows
        self.posted = [
            (by_id[row], channel.dm_partner(emulator.workspace.app.bot_user) if channel.is_im else channel.id, message)
            for channel in emulator.workspace.channels.values()
            for message in channel.messages.values()
            if (row := (message.get("metadata") or {}).get("event_payload", {}).get("id")) is not None
        ]

    def undelivered(self, now: datetime) -> list[str]:
        """All but what is meant for a later hour."""
        return [
            f"{row.kind} {row.subject} for {row.lane}: {row.error} after {row.attempts} attempts"
            for row in self.rows
            if row.failed_at or (row.next_at and not _is_for_later(row, row.next_at, now))
        ]

    def posted_twice(self) -> Iterator[str]:
        """A row is one message; a card is one message for each that it stands before."""
        rows: dict[tuple[str, str, str], list[OutboxMessage]] = defaultdict(list)
        for row, _, _ in self.posted:
            rows[row.kind, row.subject, row.lane if row.fold else str(row.id)].append(row)
        for what, same in rows.items():
            if len(same) > 1:
                yield f"{what} stands {len(same)} times: " + ", ".join(
                    f"{one.id} {one.attempts=} {one.error=}" for one in same
                )

    def said(self) -> Counter[Said]:
        """Whose words stand where, cards left out; and who was told of which decision."""
        found: Counter[Said] = Counter()
        for row, place, message in self.posted:
            for text in _texts(message) if row.fold is None else ():
                marks = MARK.findall(text) or [f"{verb} {by} {number}" for by, verb, number in NEWS.findall(text)]
                found.update((row.kind.removesuffix("s"), place, mark) for mark in marks)
        return found

    def stale_cards(self, model: Model) -> Iterator[str]:
        """Every copy of a card shows what the model says of its ticket."""
        for row, place, message in self.posted:
            if row.kind == "card" and message["text"] != (meant := _card_text(model, int(row.subject))):
                yield f"in {place}: {message['text']!r} is not {meant!r}"
            if row.kind == "approval" and (fault := _fault_of_approval(model, row.subject, place, message)):
                yield f"escalation {row.subject} in {place}: {fault}"


def _is_for_later(row: OutboxMessage, at: datetime, now: datetime) -> bool:
    return at > max(now, row.queued_at) and not (row.attempts or row.error)


def _texts(message: Json) -> list[str]:
    """Notices that waited while Slack was ill are one message, each with a button of its own."""
    merged = [block["text"]["text"] for block in message["blocks"] if "accessory" in block]
    return merged or [message["text"]]


def _card_text(model: Model, number: int) -> str:
    ticket = model.tickets[number]
    who = f", assignee <@{ticket.assignee}>" if ticket.assignee and ticket.status != "resolved" else ""
    return f"Ticket #{number}: {ticket.title}. Normal, {STATUSES[ticket.status]}{who}."


def _fault_of_approval(model: Model, subject: str, place: str, message: Json) -> str | None:
    number, _, round_ = subject.partition(".")
    asked, shown = model.tickets[int(number)].rounds[int(round_) - 1], str(message["blocks"])
    can_press = "escalation.accept" in shown
    if asked.decided_by is None:
        return None if can_press or not place.startswith("C") else "nobody can press"
    if can_press or f"<@{asked.decided_by}>" not in shown:
        return f"it is {asked.state} by {asked.decided_by}, and shows {message['text']!r}"
    return None
