"""What Slack is still to hear: rows that name a card or a notice, drawn only when they are sent."""

import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage.compiled import CompiledStatement
from storage.outbox import message_references
from storage.schema.sla import GroupedAlert
from storage.schema.tickets import OutboxMessage, Ticket
from storage.transaction import Transaction


class MessageKind(StrEnum):
    """What is to be drawn."""

    TICKET_CARD = "card"
    ESCALATION_CARD = "approval"
    PEER_REVIEW = "check"
    OFFER = "offer"
    ALERT = "alert"
    TIMELINE_ENTRY = "story"
    REPLY = "reply"
    NOTICE = "notice"
    CREATED = "filed"
    SUMMARY = "summary"
    ALERT_GROUP = "storm"
    DIGEST = "digest"
    ALERT_MENTION = "nudge"
    EXTENSION = "extension"
    RISK = "risk"
    REASSIGNMENT = "basket"
    PRESENCE_BOARD = "floor"


REFRESHED_KINDS = frozenset(
    {
        MessageKind.TICKET_CARD,
        MessageKind.ESCALATION_CARD,
        MessageKind.PEER_REVIEW,
        MessageKind.OFFER,
        MessageKind.ALERT,
        MessageKind.SUMMARY,
        MessageKind.ALERT_GROUP,
        MessageKind.EXTENSION,
        MessageKind.RISK,
        MessageKind.REASSIGNMENT,
        MessageKind.PRESENCE_BOARD,
    }
)
DIGEST_DELAY = timedelta(seconds=2)
_SLACK_ID = re.compile(r"[UWCDG][A-Z0-9]{2,}")


_INSERT_MESSAGE = CompiledStatement(
    sqlite.insert(OutboxMessage).on_conflict_do_nothing(),
    postgresql.insert(OutboxMessage).on_conflict_do_nothing(),
)
_ID_EPOCH_MICROSECONDS = 1_700_000_000_000_000
_process = secrets.randbits(12)
_last = 0


def next_id() -> int:
    """Grows with time, so that a lane keeps its order; the low bits keep two processes apart."""
    global _last  # noqa: PLW0603 - one counter per process, used on the writer's thread alone
    _last = max(_last + 4096, (time.time_ns() // 1000 - _ID_EPOCH_MICROSECONDS) << 12 | _process)
    return _last


def refresh(tx: Transaction, ticket: Ticket) -> None:
    """The ticket's card, and every other card that speaks of it, is redrawn from how things are when it is sent."""
    places = {(MessageKind.TICKET_CARD, str(ticket.number), lane) for lane in ticket_channels(tx, ticket)}
    places |= {
        (MessageKind(post.kind), post.subject, post.lane)
        for post in message_references.ticket_messages(tx, ticket.number)
        if post.kind != message_references.SOURCE_KIND and post.kind in REFRESHED_KINDS
    }
    for kind, subject, lane in sorted(places):
        queue_message(tx, kind, destination=lane, number=ticket.number, subject=subject)
    together = select(GroupedAlert.lane, GroupedAlert.subject).where(
        GroupedAlert.workspace_id == tx.workspace, GroupedAlert.number == ticket.number
    )
    for lane, subject in tx.session.execute(together).all():
        queue_message(tx, MessageKind.ALERT_GROUP, destination=lane, subject=subject)


def refresh_many(tx: Transaction, channels: Mapping[int, Iterable[str]]) -> None:
    """`refresh` for many tickets at once: `places` are the channels in which each one's card belongs."""
    numbers = sorted(channels)
    rows = {
        (MessageKind.TICKET_CARD, number, str(number), lane) for number, lanes in channels.items() for lane in lanes
    }
    for number, kind, subject, lane in message_references.messages_of_tickets(tx, numbers):
        if kind != message_references.SOURCE_KIND and kind in REFRESHED_KINDS:
            rows.add((MessageKind(kind), number, subject, lane))
    for lane, subject in message_references.alert_groups_of(tx, numbers):
        rows.add((MessageKind.ALERT_GROUP, 0, subject, lane))
    _queue_rows(
        tx,
        [
            _message_row(tx, kind, destination=lane, number=n or None, subject=subject)
            for kind, n, subject, lane in sorted(rows)
        ],
    )


def post_timeline_entries(tx: Transaction, entries: Iterable[tuple[int, int, Iterable[str]]]) -> None:
    """`story` for many tickets at once: each with its event's seq and the channels of its cards."""
    rows = [
        _message_row(
            tx,
            MessageKind.TIMELINE_ENTRY,
            destination=lane,
            number=number,
            subject=f"{number}.{seq}",
            data={"seq": seq},
        )
        for number, seq, lanes in entries
        for lane in lanes
    ]
    _queue_rows(tx, rows)


def post_first_card(tx: Transaction, ticket: Ticket) -> None:
    """A new ticket's card goes to its team's channel: nothing else can speak of it yet."""
    for lane in ticket_channels(tx, ticket):
        queue_message(tx, MessageKind.TICKET_CARD, destination=lane, number=ticket.number, subject=str(ticket.number))


def ticket_channels(tx: Transaction, ticket: Ticket) -> list[str]:
    """Where the ticket's card belongs: the channel of its first line, and of the experts who hold it."""
    return team_channels(tx, ticket.first_line, ticket.team)


def team_channels(tx: Transaction, first_line: str, team: str) -> list[str]:
    """The channels of a ticket of this first line that this team has."""
    teams = (tx.policy.team(first_line), tx.policy.team(team))
    return list(dict.fromkeys(team.channel for team in teams if team.channel))


def post_timeline_entry(tx: Transaction, ticket: Ticket, seq: int, *, seen_in: str | None = None) -> None:
    """One event of the ticket is told in the thread of each of its cards, but not in the channel where it was said."""
    for lane in ticket_channels(tx, ticket):
        if lane != seen_in:
            subject = f"{ticket.number}.{seq}"
            queue_message(
                tx,
                MessageKind.TIMELINE_ENTRY,
                destination=lane,
                number=ticket.number,
                subject=subject,
                data={"seq": seq},
            )


def send_reply(tx: Transaction, ticket: Ticket, seq: int) -> None:
    """One event of the ticket is told to its requester, in their own thread or by direct message."""
    source = message_references.source_thread(tx, ticket.number)
    lane = source.channel if source else ticket.requester
    if is_slack_id(lane):
        queue_message(
            tx,
            MessageKind.REPLY,
            destination=lane,
            number=ticket.number,
            subject=f"{ticket.number}.{seq}",
            data={"seq": seq},
        )


def notify_person(
    tx: Transaction,
    person: str,
    *,
    number: int | None,
    text: str,
    quote: str = "",
    dedupe_key: str | None = None,
    at: datetime | None = None,
) -> None:
    """A sentence of ours to one person by direct message, at that moment if one is named; `quote` is what somebody
    wrote, as they wrote it."""
    data = {"words": text, "quote": quote}
    if is_slack_id(person):
        queue_message(
            tx,
            MessageKind.NOTICE,
            destination=person,
            number=number,
            subject=str(number or ""),
            data=data,
            dedupe_key=dedupe_key,
            at=at,
        )


def add_to_digest(tx: Transaction, person: str, *, item: dict[str, object], at: datetime) -> None:
    """One more ticket that alarms this person, told with all the others that wait for that moment: a storm is one
    message. It waits as long as a sweep may take to find them all."""
    if not is_slack_id(person):
        return
    at = max(at, tx.now + DIGEST_DELAY)
    waiting = (
        select(OutboxMessage)
        .where(
            OutboxMessage.workspace_id == tx.workspace,
            OutboxMessage.lane == person,
            OutboxMessage.next_at.is_not(None),
            OutboxMessage.claimed_at.is_(None),
            OutboxMessage.kind == str(MessageKind.DIGEST),
        )
        .with_for_update()
    )
    row = tx.session.scalars(waiting.order_by(OutboxMessage.id).limit(1)).first()
    if row is None:
        queue_message(tx, MessageKind.DIGEST, destination=person, subject="digest", data={"items": [item]}, at=at)
        return
    row.next_at = min(row.next_at or at, at)
    if item not in row.data["items"]:
        row.data = {"items": [*row.data["items"], item]}


def is_slack_id(address: str) -> bool:
    """Whether Slack knows this address: people of imported history are only names."""
    return bool(_SLACK_ID.fullmatch(address))


def queue_message(
    tx: Transaction,
    kind: MessageKind,
    *,
    destination: str,
    number: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
    at: datetime | None = None,
) -> None:
    """One more row for a channel or a person; nothing when `once` was ever queued, or the same redraw still waits."""
    _INSERT_MESSAGE.run(
        tx,
        _message_row(
            tx, kind, destination=destination, number=number, subject=subject, data=data, dedupe_key=dedupe_key, at=at
        ),
    )


def _queue_rows(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        _INSERT_MESSAGE.run_many(tx, rows)


def _message_row(
    tx: Transaction,
    kind: MessageKind,
    *,
    destination: str,
    number: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    tx.destinations.add(destination)
    return {
        "workspace_id": tx.workspace,
        "id": next_id(),
        "lane": destination,
        "kind": str(kind),
        "number": number,
        "subject": subject,
        "data": data or {},
        "once": dedupe_key,
        "fold": f"{kind}:{subject}:{destination}" if kind in REFRESHED_KINDS else None,
        "queued_at": tx.now,
        "next_at": at or tx.now,
        "attempts": 0,
    }
