"""Messages to be sent to Slack: rows that name a card or a notice, rendered only when they are sent."""

import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy.dialects import postgresql, sqlite

from rules.model.people import slack_user_id
from rules.text import Text
from storage.compiled import CompiledStatement
from storage.outbox import message_references
from storage.schema.tickets import NewTicket, OutboxMessage, Ticket
from storage.texts import text_to_json
from storage.transaction import Transaction


class MessageKind(str):
    """What one outbox row is, by the name that is stored with it; each capability declares its own.

    A refreshed kind is one message per subject and destination, edited in place; any other is posted anew each time.
    What cannot reach the requester's thread reaches them by direct message if the kind is `to_requester`.
    """

    refreshed: bool
    to_requester: bool

    def __new__(cls, name: str, *, refreshed: bool = False, to_requester: bool = False) -> Self:
        kind = super().__new__(cls, name)
        kind.refreshed, kind.to_requester = refreshed, to_requester
        return kind


TICKET_CARD = MessageKind("card", refreshed=True)
ALERT_GROUP = MessageKind("storm", refreshed=True)
TIMELINE_ENTRY = MessageKind("story")
REQUESTER_REPLY = MessageKind("reply", to_requester=True)
NOTICE = MessageKind("notice")
LATE_NOTICES = MessageKind("notices")
# References to the threads that requesters write in; every other reference is to a card of a refreshed kind.
REQUESTER_KINDS = frozenset({message_references.SOURCE_KIND, REQUESTER_REPLY})
_SLACK_ID = re.compile(r"[UWCDG][A-Z0-9]{2,}")


_INSERT_MESSAGE = CompiledStatement(
    sqlite.insert(OutboxMessage).on_conflict_do_nothing(), postgresql.insert(OutboxMessage).on_conflict_do_nothing()
)
_ID_EPOCH_MICROSECONDS = 1_700_000_000_000_000
_process = secrets.randbits(12)
_last = 0


def next_id() -> int:
    """Grows with time, so that a destination keeps its order; the low bits keep two processes apart."""
    global _last  # noqa: PLW0603 - one counter per process, used on the writer's thread alone
    _last = max(_last + 4096, (time.time_ns() // 1000 - _ID_EPOCH_MICROSECONDS) << 12 | _process)
    return _last


def refresh(tx: Transaction, ticket: Ticket) -> None:
    """Queues the ticket's card and every other card about it; each is rendered from the state at sending."""
    refresh_many(tx, {ticket.number: ticket_channels(tx, ticket)})


def refresh_many(tx: Transaction, channels: Mapping[int, Iterable[str]]) -> None:
    numbers = sorted(channels)
    rows = {
        (TICKET_CARD, number, str(number), channel)
        for number, own_channels in channels.items()
        for channel in own_channels
    }
    for number, kind, subject, channel in message_references.messages_of_tickets(tx, numbers):
        if kind not in REQUESTER_KINDS:
            rows.add((MessageKind(kind, refreshed=True), number, subject, channel))
    for channel, subject in message_references.alert_groups_of(tx, numbers):
        rows.add((ALERT_GROUP, 0, subject, channel))
    _queue_rows(
        tx,
        [
            _message_row(tx, kind, destination=channel, number=n or None, subject=subject)
            for kind, n, subject, channel in sorted(rows)
        ],
    )


def post_timeline_entries(tx: Transaction, entries: Iterable[tuple[int, int, Iterable[str]]]) -> None:
    rows = [
        _message_row(tx, TIMELINE_ENTRY, destination=channel, number=n, subject=f"{n}.{seq}", data={"seq": seq})
        for n, seq, channels in entries
        for channel in channels
    ]
    _queue_rows(tx, rows)


def post_first_card(tx: Transaction, ticket: NewTicket) -> None:
    """Cheaper than `refresh`: no other message about a new ticket exists yet."""
    for channel in ticket_channels(tx, ticket):
        queue_message(tx, TICKET_CARD, destination=channel, number=ticket.number)


def ticket_channels(tx: Transaction, ticket: Ticket | NewTicket) -> list[str]:
    """The channel of the ticket's first line, and that of the team that has it now."""
    return team_channels(tx, ticket.first_line, ticket.team)


def team_channels(tx: Transaction, first_line: str, team: str) -> list[str]:
    teams = (tx.policy.team(first_line), tx.policy.team(team))
    return list(dict.fromkeys(team.channel for team in teams if team.channel))


def post_timeline_entry(tx: Transaction, ticket: Ticket | NewTicket, seq: int, *, seen_in: str | None = None) -> None:
    """Queues the event for the thread of each of the ticket's cards, except in the channel where it was written."""
    channels = [channel for channel in ticket_channels(tx, ticket) if channel != seen_in]
    post_timeline_entries(tx, [(ticket.number, seq, channels)])


def send_reply(tx: Transaction, ticket: Ticket, seq: int, *, by: str) -> None:
    """Queues the event for the requester, in the thread of the original message or by direct message.

    Requesters who work here themselves get no direct message of their own words.
    """
    source, subject = message_references.source_thread(tx, ticket.number), f"{ticket.number}.{seq}"
    to = source.channel if source else ticket.requester
    if is_slack_id(to) and to != by:
        queue_message(
            tx, REQUESTER_REPLY, destination=to, number=ticket.number, subject=subject, data={"seq": seq, "by": by}
        )


def notify_person(
    tx: Transaction,
    person: str,
    *,
    text: Text | str,
    number: int | None = None,
    quote: str = "",
    dedupe_key: str | None = None,
    at: datetime | None = None,
) -> None:
    """Queues a direct message; `quote` is a person's own words, `dedupe_key` prevents a second one."""
    data = {"words": text if isinstance(text, str) else text_to_json(text), "quote": quote}
    if is_slack_id(person):
        queue_message(tx, NOTICE, destination=person, number=number, data=data, dedupe_key=dedupe_key, at=at)


def is_person(destination: str) -> bool:
    """Whether the destination is a person's direct message."""
    return destination.startswith(("U", "W"))


def is_slack_id(address: str) -> bool:
    """False for the people of imported history, who are only names."""
    return bool(_SLACK_ID.fullmatch(slack_user_id(address)))


def queue_message(  # noqa: PLR0913 - the columns of one row
    tx: Transaction,
    kind: MessageKind,
    *,
    destination: str,
    number: int | None = None,
    subject: str | None = None,
    data: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
    at: datetime | None = None,
) -> None:
    """Queues nothing when `dedupe_key` was ever used, or when the same refresh still waits.

    `subject` is the ticket's number by default.
    """
    row = _message_row(tx, kind, destination=destination, number=number, subject=subject, data=data)
    _INSERT_MESSAGE.run(tx, row | {"once": dedupe_key, "next_at": at or tx.now})


def _queue_rows(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        _INSERT_MESSAGE.run_many(tx, rows)


def _message_row(
    tx: Transaction,
    kind: MessageKind,
    *,
    destination: str,
    number: int | None = None,
    subject: str | None = None,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    tx.destinations.add(destination)
    subject = str(number or "") if subject is None else subject
    return {
        "workspace_id": tx.workspace,
        "id": next_id(),
        "lane": destination,
        "kind": str(kind),
        "number": number,
        "subject": subject,
        "data": data or {},
        "once": None,
        "fold": f"{kind}:{subject}:{destination}" if kind.refreshed else None,
        "queued_at": tx.now,
        "next_at": tx.now,
        "attempts": 0,
    }
