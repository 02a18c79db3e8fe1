"""A batch is moved: which of somebody's open tickets are meant, who gets which, and which nobody can take."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from math import inf
from typing import Any

from rules.calendars.calendars import due_time, is_open
from rules.errors import Refused
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status, check_transition
from rules.presence.presence import Presence, PresenceStatus
from rules.skills import KnownSkills
from rules.workload.handling_time import Estimate

UNDO_PERIOD, DESK_UNDO_PERIOD = timedelta(minutes=10), timedelta(days=1)
_PRIORITY_RANKS = {priority: rank for rank, priority in enumerate(Priority)}
WAITING_STATUSES = frozenset({Status.WAITING, Status.ESCALATED})


class NoReceiverReason(StrEnum):
    """Why nobody of those who were named takes a ticket."""

    TEAM = "team"
    SKILL = "competence"
    ABSENT = "absent"
    CAPACITY = "room"


NO_RECEIVER_TEXTS = {
    NoReceiverReason.TEAM: "nobody of them works in its team",
    NoReceiverReason.SKILL: "nobody of them is competent for it",
    NoReceiverReason.ABSENT: "whoever could do it is not here",
    NoReceiverReason.CAPACITY: "whoever could do it has no room left",
}


class ReassignmentCause(StrEnum):
    """What a basket was moved for."""

    BY_HAND = "by_hand"
    WHAT_IF = "lever"
    AWAY = "away"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class MovableTicket:
    """One ticket of the basket: `teams` are those whose people may have it, `minutes` what it still takes. One that
    `waits` for the customer or for the experts takes up no room."""

    number: int
    seq: int
    type: str
    priority: Priority
    teams: tuple[str, ...]
    minutes: float
    due_at: datetime | None = None
    overdue: bool = False
    due_soon: bool = False
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who could take tickets: whether they are here, how many more they may hold (None: any number), and the
    tickets and minutes that they have. Whoever goes `first` gets what they can take before all others."""

    person: str
    teams: frozenset[str]
    is_here: bool = True
    free_slots: int | None = None
    tickets: int = 0
    minutes: float = 0.0
    goes_first: bool = False


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A ticket as it stood (its newest event) and to whom it goes; to nobody, with the reason."""

    number: int
    seq: int
    to: str | None
    reason: NoReceiverReason | None = None


@dataclass(frozen=True, slots=True)
class CompletedMove:
    """What became of one ticket, and how it was before; `seq` is its newest event since then."""

    number: int
    seq: int
    to: str | None
    reason: NoReceiverReason | None
    status: Status
    team: str

    def to_json(self) -> list[Any]:
        """As JSON keeps it."""
        why = None if self.reason is None else str(self.reason)
        return [self.number, self.seq, self.to, why, str(self.status), self.team]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> "CompletedMove":
        number, seq, to, why, status, team = stored
        return cls(number, seq, to, NoReceiverReason(why) if why else None, Status(status), team)


@dataclass(frozen=True, slots=True)
class ReassignmentPlan:
    """Every ticket of the basket once, the most urgent first."""

    moves: tuple[PlannedMove, ...] = ()

    def moves_to(self, person: str | None) -> tuple[PlannedMove, ...]:
        """What this person gets; of None, what goes to the lead."""
        return tuple(one for one in self.moves if one.to == person)

    @property
    def digest(self) -> str:
        """Another one as soon as any ticket was touched or would go elsewhere."""
        told = ";".join(f"{one.number}.{one.seq}>{one.to or one.reason}" for one in self.moves)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets of the giver are meant; what is empty means all."""

    types: frozenset[str] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    overdue: bool = False
    due_soon: bool = False

    def matches(self, ticket: MovableTicket) -> bool:
        """Types, urgency and time must each fit; near and overdue together mean either."""
        timely = (
            (ticket.overdue and self.overdue)
            or (ticket.due_soon and self.due_soon)
            or not (self.overdue or self.due_soon)
        )
        kind = not self.types or ticket.type in self.types
        return timely and kind and (not self.priorities or ticket.priority in self.priorities)

    @property
    def typed_words(self) -> tuple[str, ...]:
        """As one would type it, in a fixed order."""
        times = [word for word, on in (("overdue", self.overdue), ("near", self.due_soon)) if on]
        return (*sorted(self.types), *sorted(map(str, self.priorities), key=str), *times)


def plan_reassignment(
    tickets: Iterable[MovableTicket], receivers: Iterable[Receiver], skills: KnownSkills
) -> ReassignmentPlan:
    """Who gets what.

    1. The tickets are taken in the order of work: the earliest promise first, then the more urgent, then the older one.
    2. Of the receivers those remain who work in its team, then those who are competent for its type, then those who are
    here, then those who have room; where nobody remains, that is the reason for which it goes to the lead. 3. Whoever
    goes first gets it, else the one with the fewest minutes of work; of two with as many, the one with fewer tickets.
    4. What it takes is then added to theirs.
    """
    hands = {one.person: _ReceiverLoad(one) for one in sorted(receivers, key=lambda one: one.person)}
    moves = []
    for item in sorted(tickets, key=_work_order_key):
        able, why = _eligible_receivers(item, list(hands.values()), skills)
        best = min(able, key=lambda hand: hand.sort_key, default=None)
        if best is not None:
            best.add_ticket(item)
        moves.append(PlannedMove(item.number, item.seq, best.receiver.person if best else None, None if best else why))
    return ReassignmentPlan(tuple(moves))


def is_plan_valid(
    moves: Iterable[PlannedMove],
    tickets: Mapping[int, MovableTicket],
    receivers: Iterable[Receiver],
    skills: KnownSkills,
) -> bool:
    """Whether everybody of the plan can still take what it gives them."""
    hands = {one.person: _ReceiverLoad(one) for one in receivers}
    for one in moves:
        if one.to is None:
            continue
        able, _ = _eligible_receivers(tickets[one.number], [hands[one.to]] if one.to in hands else [], skills)
        if not able:
            return False
        able[0].add_ticket(tickets[one.number])
    return True


def remaining_minutes(estimate: Estimate, spent_s: float) -> float:
    """The median of what its type takes, less the attention it got; of one that took longer, a tenth is left."""
    return max(estimate.median_s - spent_s, estimate.median_s / 10) / 60


def status_after_move(status: Status, *, held: bool) -> Status:
    """How a ticket stands with whoever gets it: offered, for they have not begun, whatever the giver had done.

    What waits for the customer or for the experts goes on waiting. With nobody it is new again.
    """
    return status if status in WAITING_STATUSES else check_transition(status, Status.ASSIGNED if held else Status.NEW)


def status_after_undo(was: Status, now: Status, *, touched: bool) -> Status:
    """How it stands with whoever had it before: as it was then, unless something happened to it since."""
    return (
        check_transition(now, Status.ASSIGNED) if touched and now not in WAITING_STATUSES else now if touched else was
    )


def needs_absence_cover(policy: Policy, team: str, presence: Presence, now: datetime, *, since: datetime) -> bool:
    """Whether a ticket of that team should not wait for them: they are gone, or it would have waited for longer than
    the team's `handover_after` when they are back. It waits `since` they left, or since it came to them while they
    were away. Only while the team works: at night nobody could take it."""
    calendar = policy.team_calendar(team)
    if presence.status not in (PresenceStatus.AWAY, PresenceStatus.GONE) or not is_open(calendar, now):
        return False
    return presence.until is None or due_time(calendar, since, policy.team(team).absence_cover_after) < presence.until


@dataclass(slots=True)
class _ReceiverLoad:
    """A receiver while the basket is dealt out."""

    receiver: Receiver
    minutes: float = field(init=False)
    tickets: int = field(init=False)
    free_slots: float = field(init=False)

    def __post_init__(self) -> None:
        self.minutes, self.tickets = self.receiver.minutes, self.receiver.tickets
        self.free_slots = inf if self.receiver.free_slots is None else self.receiver.free_slots

    @property
    def sort_key(self) -> tuple[bool, float, int, str]:
        return not self.receiver.goes_first, self.minutes, self.tickets, self.receiver.person

    def add_ticket(self, ticket: MovableTicket) -> None:
        self.minutes += ticket.minutes
        self.tickets += 1
        self.free_slots -= not ticket.is_waiting


def _eligible_receivers(
    ticket: MovableTicket, receivers: list[_ReceiverLoad], skills: KnownSkills
) -> tuple[list[_ReceiverLoad], NoReceiverReason]:
    """Who can take it, and what the last ones who could not were lacking."""
    checks = (
        (NoReceiverReason.TEAM, lambda hand: not hand.receiver.teams.isdisjoint(ticket.teams)),
        (NoReceiverReason.SKILL, lambda hand: skills.is_qualified(hand.receiver.person, ticket.type)),
        (NoReceiverReason.ABSENT, lambda hand: hand.receiver.is_here),
        (NoReceiverReason.CAPACITY, lambda hand: ticket.is_waiting or hand.free_slots > 0),
    )
    for why, check in checks:
        receivers = [hand for hand in receivers if check(hand)]
        if not receivers:
            return [], why
    return receivers, NoReceiverReason.CAPACITY


def _work_order_key(ticket: MovableTicket) -> tuple[float, int, int]:
    due_at = inf if ticket.due_at is None else ticket.due_at.timestamp()
    return due_at, _PRIORITY_RANKS[ticket.priority], ticket.number


TIME_WORDS = ("overdue", "near")
MAX_FILTER_WORDS = 12  # a button must remember them


def parse_ticket_filter(policy: Policy, text: str) -> TicketFilter:
    """Types, priorities, `overdue` and `near`, in any order; a name of several words stands alone."""
    types = {kind.name.casefold(): key for key, kind in policy.types.items()}
    types |= {key.casefold(): key for key in policy.types}
    words = [word.removeprefix("type:").removeprefix("!") for word in text.casefold().split()]
    if " ".join(words) in types:
        words = [" ".join(words)]
    known = {*types, *map(str, Priority), *TIME_WORDS}
    if len(words) > MAX_FILTER_WORDS:
        raise Refused(f"Say it with at most {MAX_FILTER_WORDS} words; without any, all of their tickets are meant.")
    for word in words:
        if word not in known:
            raise Refused(_unknown_word_text(word, known, policy))
    return TicketFilter(
        types=frozenset(types[word] for word in words if word in types),
        priorities=frozenset(Priority(word) for word in words if word in list(Priority) and word not in types),
        overdue="overdue" in words,
        due_soon="near" in words,
    )


def _unknown_word_text(word: str, known: Iterable[str], policy: Policy) -> str:
    near = get_close_matches(word, list(known), n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{key}`" for key in policy.types)
    return (
        f"`{word}` says neither who nor which tickets.{meant} Write `/desk move @from @to`, and after it a type "
        f"({listed}), a priority, `overdue` or `near`."
    )
