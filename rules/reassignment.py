"""Bulk reassignment: which of a person's open tickets move, to whom, and which have no receiver."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from rules.calendars.calendars import due_time, is_open
from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.model.policy import Policy
from rules.model.tickets import WAITING_STATUSES, Priority, Status, check_transition
from rules.presence.presence import Presence, PresenceStatus
from rules.skills import KnownSkills
from rules.text import Code, Text, _, join_texts
from rules.typed_text import closest_word

UNDO_PERIOD, DESK_UNDO_PERIOD = timedelta(minutes=10), timedelta(days=1)
_PRIORITY_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


class NoReceiverReason(LabelledEnum):
    """Why none of the named people can take a ticket."""

    TEAM = "team", _("nobody of them works in its team")
    SKILL = "competence", _("nobody of them is competent for it")
    ABSENT = "absent", _("everybody who could do it is away")
    CAPACITY = "room", _("everybody who could do it is at their limit")


class ReassignmentCause(StrEnum):
    BY_HAND = "by_hand"
    WHAT_IF = "lever"
    AWAY = "away"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class MovableTicket:
    """An open ticket of the giver: people of `teams` may have it, `minutes` is its remaining handling time. A ticket
    that `is_waiting` for the customer or the experts takes up no capacity."""

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

    @property
    def workable_minutes(self) -> float:
        return 0.0 if self.is_waiting else self.minutes


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person who could take tickets: `free_slots` is how many more they may hold (None: any number), `tickets` what
    they hold, `minutes` the work on those that do not wait. A person who `goes_first` gets what they can take before
    all others."""

    person: str
    teams: frozenset[str]
    is_here: bool = True
    free_slots: int | None = None
    tickets: int = 0
    minutes: float = 0.0
    goes_first: bool = False


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A ticket as of its newest event (`seq`) and its receiver; without one, the reason."""

    number: int
    seq: int
    to: str | None
    reason: NoReceiverReason | None = None


@dataclass(frozen=True, slots=True)
class CompletedMove:
    """How one ticket was moved, and its status and team before; `seq` is its newest event after the move."""

    number: int
    seq: int
    to: str | None
    reason: NoReceiverReason | None
    status: Status
    team: str


@dataclass(frozen=True, slots=True)
class ReassignmentPlan:
    """Every ticket once, the most urgent first."""

    moves: tuple[PlannedMove, ...] = ()

    def moves_to(self, person: str | None) -> tuple[PlannedMove, ...]:
        return tuple(one for one in self.moves if one.to == person)

    @property
    def digest(self) -> str:
        """Changes as soon as any ticket was touched or would go elsewhere."""
        text = ";".join(f"{one.number}.{one.seq}>{one.to or one.reason}" for one in self.moves)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets of the giver are meant; an empty field means all."""

    types: frozenset[str] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    overdue: bool = False
    due_soon: bool = False

    def matches(self, ticket: MovableTicket) -> bool:
        """Types, priority and time must each match; due soon and overdue together mean either."""
        at_any_time = not (self.overdue or self.due_soon)
        timely = at_any_time or (ticket.overdue and self.overdue) or (ticket.due_soon and self.due_soon)
        kind = not self.types or ticket.type in self.types
        return timely and kind and (not self.priorities or ticket.priority in self.priorities)

    @property
    def typed_words(self) -> tuple[str, ...]:
        times = [word for word, on in (("breached", self.overdue), ("due-soon", self.due_soon)) if on]
        return (*sorted(self.types), *sorted(map(str, self.priorities), key=str), *times)


def plan_reassignment(
    tickets: Iterable[MovableTicket], receivers: Iterable[Receiver], skills: KnownSkills
) -> ReassignmentPlan:
    """Who gets which ticket.

    1. Tickets are taken in the order of work: the earliest due time first, then the more urgent, then the older one. 2.
    Receivers must work in its team, then have the skill for its type, then be here, then have capacity; the check that
    leaves nobody is the reason for which the ticket goes to the lead. 3. A receiver who goes first gets it, else the
    one with the fewest minutes of work, then the fewest tickets. 4. Its minutes are then added to theirs.
    """
    loads = [_ReceiverLoad(one) for one in sorted(receivers, key=lambda one: one.person)]
    moves = []
    for ticket in sorted(tickets, key=_work_order_key):
        eligible, reason = _eligible_receivers(ticket, loads, skills)
        if not eligible:
            moves.append(PlannedMove(ticket.number, ticket.seq, None, reason))
            continue
        best = min(eligible, key=lambda load: load.sort_key)
        best.add_ticket(ticket)
        moves.append(PlannedMove(ticket.number, ticket.seq, best.receiver.person))
    return ReassignmentPlan(tuple(moves))


def is_plan_valid(
    plan: ReassignmentPlan, tickets: Mapping[int, MovableTicket], receivers: Iterable[Receiver], skills: KnownSkills
) -> bool:
    loads = [_ReceiverLoad(one) for one in receivers]
    for planned in plan.moves:
        if planned.to is not None:
            ticket, named = tickets[planned.number], [load for load in loads if load.receiver.person == planned.to]
            if not _eligible_receivers(ticket, named, skills)[0]:
                return False
            named[0].add_ticket(ticket)
    return True


def status_after_move(status: Status, *, held: bool) -> Status:
    """Assigned, in progress or not; new without a receiver. A ticket in WAITING_STATUSES goes on waiting."""
    return status if status in WAITING_STATUSES else check_transition(status, Status.ASSIGNED if held else Status.NEW)


def status_after_undo(was: Status, now: Status, *, touched: bool) -> Status:
    if not touched:
        return was
    return now if now in WAITING_STATUSES else check_transition(now, Status.ASSIGNED)


def needs_absence_cover(policy: Policy, team: str, presence: Presence, now: datetime, *, since: datetime) -> bool:
    """Whether an absent assignee's ticket needs cover: they have left Slack, or it would wait for longer than the
    team's `absence_cover_after`, counted from `since`. Only during the team's hours.

    `since` is when they left, or when the ticket came to them while they were away.
    """
    calendar = policy.team_calendar(team)
    if presence.status not in (PresenceStatus.AWAY, PresenceStatus.GONE) or not is_open(calendar, now):
        return False
    return presence.until is None or due_time(calendar, since, policy.team(team).absence_cover_after) < presence.until


@dataclass(slots=True)
class _ReceiverLoad:
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
    """Who can take it; where nobody can, the check that removed the last receivers."""
    checks = (
        (NoReceiverReason.TEAM, lambda load: not load.receiver.teams.isdisjoint(ticket.teams)),
        (NoReceiverReason.SKILL, lambda load: skills.is_qualified(load.receiver.person, ticket.type)),
        (NoReceiverReason.ABSENT, lambda load: load.receiver.is_here),
        (NoReceiverReason.CAPACITY, lambda load: ticket.is_waiting or load.free_slots > 0),
    )
    for why, check in checks:
        receivers = [load for load in receivers if check(load)]
        if not receivers:
            return [], why
    return receivers, NoReceiverReason.CAPACITY


def _work_order_key(ticket: MovableTicket) -> tuple[float, int, int]:
    due_at = inf if ticket.due_at is None else ticket.due_at.timestamp()
    return due_at, _PRIORITY_RANKS[ticket.priority], ticket.number


BREACHED_WORDS, DUE_SOON_WORDS = ("breached", "overdue"), ("due-soon", "near")  # the second of each: as said before
MAX_FILTER_WORDS = 12  # the words have to fit a button's value


def parse_ticket_filter(policy: Policy, text: str) -> TicketFilter:
    """Types, priorities, `breached` and `due soon`, in any order; a type name of several words must stand alone."""
    types = policy.type_keys_by_name
    words = [
        word.removeprefix("type:").removeprefix("!") for word in text.casefold().replace("due soon", "due-soon").split()
    ]
    if " ".join(words) in types:
        words = [" ".join(words)]
    known = {*types, *map(str, Priority), *BREACHED_WORDS, *DUE_SOON_WORDS}
    if len(words) > MAX_FILTER_WORDS:
        raise Refused(
            _("Name at most {count} words; without any, all of their tickets are meant.", count=MAX_FILTER_WORDS)
        )
    for word in words:
        if word not in known:
            raise Refused(_unknown_word_text(word, known, policy))
    return TicketFilter(
        types=frozenset(types[word] for word in words if word in types),
        priorities=frozenset(Priority(word) for word in words if word in list(Priority) and word not in types),
        overdue=not set(words).isdisjoint(BREACHED_WORDS),
        due_soon=not set(words).isdisjoint(DUE_SOON_WORDS),
    )


def _unknown_word_text(word: str, known: Iterable[str], policy: Policy) -> Text:
    guess = closest_word(word, known)
    how = _(
        "Write {example}, and after it a type ({types}), a priority, {breached} or {due_soon}.",
        example=Code("/desk move @from @to"),
        types=join_texts((_("{type}", type=Code(key)) for key in policy.types), ", "),
        breached=Code("breached"),
        due_soon=Code("due soon"),
    )
    parts = [_("{word} is neither a person nor a kind of ticket.", word=Code(word))]
    parts += [_("Did you mean {guess}?", guess=Code(guess))] if guess else []
    return join_texts([*parts, how])
