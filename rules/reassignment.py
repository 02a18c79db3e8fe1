"""A batch is moved: which of somebody's open tickets are meant, who gets which, and which nobody can take."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from math import inf
from typing import Any

from rules.calendars.calendars import due, is_open
from rules.errors import DeskError
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status, move
from rules.presence.presence import Here, Presence
from rules.skills import Competences
from rules.workload.handling_time import Estimate

UNDO, UNDO_OF_DESK = timedelta(minutes=10), timedelta(days=1)
_URGENCY = {priority: rank for rank, priority in enumerate(Priority)}
WAITS = frozenset({Status.WAITING, Status.ESCALATED})


class Why(StrEnum):
    """Why nobody of those who were named takes a ticket."""

    TEAM = "team"
    COMPETENCE = "competence"
    ABSENT = "absent"
    ROOM = "room"


WHY_WORDS = {
    Why.TEAM: "nobody of them works in its team",
    Why.COMPETENCE: "nobody of them is competent for it",
    Why.ABSENT: "whoever could do it is not here",
    Why.ROOM: "whoever could do it has no room left",
}


class Moving(StrEnum):
    """What a basket was moved for."""

    BY_HAND = "by_hand"
    LEVER = "lever"
    AWAY = "away"
    GONE = "gone"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Item:
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
    near: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who could take tickets: whether they are here, how many more they may hold (None: any number), and the
    tickets and minutes that they have. Whoever goes `first` gets what they can take before all others."""

    person: str
    teams: frozenset[str]
    here: bool = True
    room: int | None = None
    tickets: int = 0
    minutes: float = 0.0
    first: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket as it stood (its newest event) and to whom it goes; to nobody, with the reason."""

    number: int
    seq: int
    to: str | None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one ticket, and how it was before; `seq` is its newest event since then."""

    number: int
    seq: int
    to: str | None
    why: Why | None
    status: Status
    team: str

    def plain(self) -> list[Any]:
        """As JSON keeps it."""
        why = None if self.why is None else str(self.why)
        return [self.number, self.seq, self.to, why, str(self.status), self.team]

    @classmethod
    def read(cls, plain: Sequence[Any]) -> "Moved":
        number, seq, to, why, status, team = plain
        return cls(number, seq, to, Why(why) if why else None, Status(status), team)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every ticket of the basket once, the most urgent first."""

    moves: tuple[Move, ...] = ()

    def of(self, person: str | None) -> tuple[Move, ...]:
        """What this person gets; of None, what goes to the lead."""
        return tuple(one for one in self.moves if one.to == person)

    @property
    def digest(self) -> str:
        """Another one as soon as any ticket was touched or would go elsewhere."""
        told = ";".join(f"{one.number}.{one.seq}>{one.to or one.why}" for one in self.moves)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets of the giver are meant; what is empty means all."""

    types: frozenset[str] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    overdue: bool = False
    near: bool = False

    def has(self, item: Item) -> bool:
        """Types, urgency and time must each fit; near and overdue together mean either."""
        timely = (item.overdue and self.overdue) or (item.near and self.near) or not (self.overdue or self.near)
        kind = not self.types or item.type in self.types
        return timely and kind and (not self.priorities or item.priority in self.priorities)

    @property
    def words(self) -> tuple[str, ...]:
        """As one would type it, in a fixed order."""
        times = [word for word, on in (("overdue", self.overdue), ("near", self.near)) if on]
        return (*sorted(self.types), *sorted(map(str, self.priorities), key=str), *times)


def plan(items: Iterable[Item], receivers: Iterable[Receiver], known: Competences) -> Plan:
    """Who gets what.

    1. The tickets are taken in the order of work: the earliest promise first, then the more urgent, then the older one.
    2. Of the receivers those remain who work in its team, then those who are competent for its type, then those who are
    here, then those who have room; where nobody remains, that is the reason for which it goes to the lead. 3. Whoever
    goes first gets it, else the one with the fewest minutes of work; of two with as many, the one with fewer tickets.
    4. What it takes is then added to theirs.
    """
    hands = {one.person: _Hand(one) for one in sorted(receivers, key=lambda one: one.person)}
    moves = []
    for item in sorted(items, key=_urgency):
        able, why = _able(item, list(hands.values()), known)
        best = min(able, key=lambda hand: hand.place, default=None)
        if best is not None:
            best.take(item)
        moves.append(Move(item.number, item.seq, best.who.person if best else None, None if best else why))
    return Plan(tuple(moves))


def still_fits(
    moves: Iterable[Move], items: Mapping[int, Item], receivers: Iterable[Receiver], known: Competences
) -> bool:
    """Whether everybody of the plan can still take what it gives them."""
    hands = {one.person: _Hand(one) for one in receivers}
    for one in moves:
        if one.to is None:
            continue
        able, _ = _able(items[one.number], [hands[one.to]] if one.to in hands else [], known)
        if not able:
            return False
        able[0].take(items[one.number])
    return True


def minutes_left(estimate: Estimate, spent_s: float) -> float:
    """The median of what its type takes, less the attention it got; of one that took longer, a tenth is left."""
    return max(estimate.median_s - spent_s, estimate.median_s / 10) / 60


def status_after(status: Status, *, held: bool) -> Status:
    """How a ticket stands with whoever gets it: offered, for they have not begun, whatever the giver had done.

    What waits for the customer or for the experts goes on waiting. With nobody it is new again.
    """
    return status if status in WAITS else move(status, Status.ASSIGNED if held else Status.NEW)


def status_again(was: Status, now: Status, *, touched: bool) -> Status:
    """How it stands with whoever had it before: as it was then, unless something happened to it since."""
    return move(now, Status.ASSIGNED) if touched and now not in WAITS else now if touched else was


def is_too_long(policy: Policy, team: str, presence: Presence, now: datetime, *, since: datetime) -> bool:
    """Whether a ticket of that team should not wait for them: they are gone, or it would have waited for longer than
    the team's `handover_after` when they are back. It waits `since` they left, or since it came to them while they
    were away. Only while the team works: at night nobody could take it."""
    calendar = policy.calendar_of(team)
    if presence.here not in (Here.AWAY, Here.GONE) or not is_open(calendar, now):
        return False
    return presence.until is None or due(calendar, since, policy.team(team).handover_after) < presence.until


@dataclass(slots=True)
class _Hand:
    """A receiver while the basket is dealt out."""

    who: Receiver
    minutes: float = field(init=False)
    tickets: int = field(init=False)
    room: float = field(init=False)

    def __post_init__(self) -> None:
        self.minutes, self.tickets = self.who.minutes, self.who.tickets
        self.room = inf if self.who.room is None else self.who.room

    @property
    def place(self) -> tuple[bool, float, int, str]:
        return not self.who.first, self.minutes, self.tickets, self.who.person

    def take(self, item: Item) -> None:
        self.minutes += item.minutes
        self.tickets += 1
        self.room -= not item.waits


def _able(item: Item, hands: list[_Hand], known: Competences) -> tuple[list[_Hand], Why]:
    """Who can take it, and what the last ones who could not were lacking."""
    checks = (
        (Why.TEAM, lambda hand: not hand.who.teams.isdisjoint(item.teams)),
        (Why.COMPETENCE, lambda hand: known.fits(hand.who.person, item.type)),
        (Why.ABSENT, lambda hand: hand.who.here),
        (Why.ROOM, lambda hand: item.waits or hand.room > 0),
    )
    for why, check in checks:
        hands = [hand for hand in hands if check(hand)]
        if not hands:
            return [], why
    return hands, Why.ROOM


def _urgency(item: Item) -> tuple[float, int, int]:
    due_at = inf if item.due_at is None else item.due_at.timestamp()
    return due_at, _URGENCY[item.priority], item.number


TIMES = ("overdue", "near")
MOST = 12  # a button must remember them


def wanted(policy: Policy, text: str) -> Wanted:
    """Types, priorities, `overdue` and `near`, in any order; a name of several words stands alone."""
    types = {kind.name.casefold(): key for key, kind in policy.types.items()}
    types |= {key.casefold(): key for key in policy.types}
    words = [word.removeprefix("type:").removeprefix("!") for word in text.casefold().split()]
    if " ".join(words) in types:
        words = [" ".join(words)]
    known = {*types, *map(str, Priority), *TIMES}
    if len(words) > MOST:
        raise DeskError(f"Say it with at most {MOST} words; without any, all of their tickets are meant.")
    for word in words:
        if word not in known:
            raise DeskError(_unknown(word, known, policy))
    return Wanted(
        types=frozenset(types[word] for word in words if word in types),
        priorities=frozenset(Priority(word) for word in words if word in list(Priority) and word not in types),
        overdue="overdue" in words,
        near="near" in words,
    )


def _unknown(word: str, known: Iterable[str], policy: Policy) -> str:
    near = get_close_matches(word, list(known), n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{key}`" for key in policy.types)
    return (
        f"`{word}` says neither who nor which tickets.{meant} Write `/desk move @from @to`, and after it a type "
        f"({listed}), a priority, `overdue` or `near`."
    )
