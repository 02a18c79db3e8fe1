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

from storage.compiled import Hot
from storage.outbox import message_references
from storage.schema.sla import Gathered
from storage.schema.tickets import Outgoing, Ticket
from storage.transaction import Transaction


class Kind(StrEnum):
    """What is to be drawn."""

    CARD = "card"
    APPROVAL = "approval"
    CHECK = "check"
    OFFER = "offer"
    ALERT = "alert"
    STORY = "story"
    REPLY = "reply"
    NOTICE = "notice"
    FILED = "filed"
    SUMMARY = "summary"
    STORM = "storm"
    DIGEST = "digest"
    NUDGE = "nudge"
    EXTENSION = "extension"
    RISK = "risk"
    BASKET = "basket"
    FLOOR = "floor"


REDRAWN = frozenset(
    {
        Kind.CARD,
        Kind.APPROVAL,
        Kind.CHECK,
        Kind.OFFER,
        Kind.ALERT,
        Kind.SUMMARY,
        Kind.STORM,
        Kind.EXTENSION,
        Kind.RISK,
        Kind.BASKET,
        Kind.FLOOR,
    }
)
MEANWHILE = timedelta(seconds=2)
_SLACK_ID = re.compile(r"[UWCDG][A-Z0-9]{2,}")


_QUEUE = Hot(
    sqlite.insert(Outgoing).on_conflict_do_nothing(),
    postgresql.insert(Outgoing).on_conflict_do_nothing(),
)
_SINCE = 1_700_000_000_000_000
_process = secrets.randbits(12)
_last = 0


def next_id() -> int:
    """Grows with time, so that a lane keeps its order; the low bits keep two processes apart."""
    global _last  # noqa: PLW0603 - one counter per process, used on the writer's thread alone
    _last = max(_last + 4096, (time.time_ns() // 1000 - _SINCE) << 12 | _process)
    return _last


def refresh(tx: Transaction, ticket: Ticket) -> None:
    """The ticket's card, and every other card that speaks of it, is redrawn from how things are when it is sent."""
    places = {(Kind.CARD, str(ticket.number), lane) for lane in channels_of(tx, ticket)}
    places |= {
        (Kind(post.kind), post.subject, post.lane)
        for post in message_references.of_ticket(tx, ticket.number)
        if post.kind != message_references.SOURCE and post.kind in REDRAWN
    }
    for kind, subject, lane in sorted(places):
        queue(tx, kind, lane=lane, number=ticket.number, subject=subject)
    together = select(Gathered.lane, Gathered.subject).where(
        Gathered.workspace_id == tx.workspace, Gathered.number == ticket.number
    )
    for lane, subject in tx.session.execute(together).all():
        queue(tx, Kind.STORM, lane=lane, subject=subject)


def refresh_many(tx: Transaction, places: Mapping[int, Iterable[str]]) -> None:
    """`refresh` for many tickets at once: `places` are the channels in which each one's card belongs."""
    numbers = sorted(places)
    rows = {(Kind.CARD, number, str(number), lane) for number, lanes in places.items() for lane in lanes}
    for number, kind, subject, lane in message_references.of_tickets(tx, numbers):
        if kind != message_references.SOURCE and kind in REDRAWN:
            rows.add((Kind(kind), number, subject, lane))
    for lane, subject in message_references.gathered(tx, numbers):
        rows.add((Kind.STORM, 0, subject, lane))
    _queue_many(
        tx,
        [_row(tx, kind, lane=lane, number=n or None, subject=subject) for kind, n, subject, lane in sorted(rows)],
    )


def stories(tx: Transaction, told: Iterable[tuple[int, int, Iterable[str]]]) -> None:
    """`story` for many tickets at once: each with its event's seq and the channels of its cards."""
    rows = [
        _row(tx, Kind.STORY, lane=lane, number=number, subject=f"{number}.{seq}", data={"seq": seq})
        for number, seq, lanes in told
        for lane in lanes
    ]
    _queue_many(tx, rows)


def first_card(tx: Transaction, ticket: Ticket) -> None:
    """A new ticket's card goes to its team's channel: nothing else can speak of it yet."""
    for lane in channels_of(tx, ticket):
        queue(tx, Kind.CARD, lane=lane, number=ticket.number, subject=str(ticket.number))


def channels_of(tx: Transaction, ticket: Ticket) -> list[str]:
    """Where the ticket's card belongs: the channel of its first line, and of the experts who hold it."""
    return channels_for(tx, ticket.first_line, ticket.team)


def channels_for(tx: Transaction, first_line: str, team: str) -> list[str]:
    """The channels of a ticket of this first line that this team has."""
    teams = (tx.policy.team(first_line), tx.policy.team(team))
    return list(dict.fromkeys(team.channel for team in teams if team.channel))


def story(tx: Transaction, ticket: Ticket, seq: int, *, seen_in: str | None = None) -> None:
    """One event of the ticket is told in the thread of each of its cards, but not in the channel where it was said."""
    for lane in channels_of(tx, ticket):
        if lane != seen_in:
            subject = f"{ticket.number}.{seq}"
            queue(tx, Kind.STORY, lane=lane, number=ticket.number, subject=subject, data={"seq": seq})


def reply(tx: Transaction, ticket: Ticket, seq: int) -> None:
    """One event of the ticket is told to its requester, in their own thread or by direct message."""
    source = message_references.source_of(tx, ticket.number)
    lane = source.channel if source else ticket.requester
    if is_person_or_place(lane):
        queue(tx, Kind.REPLY, lane=lane, number=ticket.number, subject=f"{ticket.number}.{seq}", data={"seq": seq})


def notice(
    tx: Transaction,
    person: str,
    *,
    number: int | None,
    words: str,
    quote: str = "",
    once: str | None = None,
    at: datetime | None = None,
) -> None:
    """A sentence of ours to one person by direct message, at that moment if one is named; `quote` is what somebody
    wrote, as they wrote it."""
    data = {"words": words, "quote": quote}
    if is_person_or_place(person):
        queue(tx, Kind.NOTICE, lane=person, number=number, subject=str(number or ""), data=data, once=once, at=at)


def digest(tx: Transaction, person: str, *, item: dict[str, object], at: datetime) -> None:
    """One more ticket that alarms this person, told with all the others that wait for that moment: a storm is one
    message. It waits as long as a sweep may take to find them all."""
    if not is_person_or_place(person):
        return
    at = max(at, tx.now + MEANWHILE)
    waiting = (
        select(Outgoing)
        .where(
            Outgoing.workspace_id == tx.workspace,
            Outgoing.lane == person,
            Outgoing.next_at.is_not(None),
            Outgoing.claimed_at.is_(None),
            Outgoing.kind == str(Kind.DIGEST),
        )
        .with_for_update()
    )
    row = tx.session.scalars(waiting.order_by(Outgoing.id).limit(1)).first()
    if row is None:
        queue(tx, Kind.DIGEST, lane=person, subject="digest", data={"items": [item]}, at=at)
        return
    row.next_at = min(row.next_at or at, at)
    if item not in row.data["items"]:
        row.data = {"items": [*row.data["items"], item]}


def is_person_or_place(lane: str) -> bool:
    """Whether Slack knows this address: people of imported history are only names."""
    return bool(_SLACK_ID.fullmatch(lane))


def queue(
    tx: Transaction,
    kind: Kind,
    *,
    lane: str,
    number: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    once: str | None = None,
    at: datetime | None = None,
) -> None:
    """One more row for a channel or a person; nothing when `once` was ever queued, or the same redraw still waits."""
    _QUEUE.run(tx, _row(tx, kind, lane=lane, number=number, subject=subject, data=data, once=once, at=at))


def _queue_many(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        _QUEUE.run_many(tx, rows)


def _row(
    tx: Transaction,
    kind: Kind,
    *,
    lane: str,
    number: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    once: str | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    tx.destinations.add(lane)
    return {
        "workspace_id": tx.workspace,
        "id": next_id(),
        "lane": lane,
        "kind": str(kind),
        "number": number,
        "subject": subject,
        "data": data or {},
        "once": once,
        "fold": f"{kind}:{subject}:{lane}" if kind in REDRAWN else None,
        "queued_at": tx.now,
        "next_at": at or tx.now,
        "attempts": 0,
    }
