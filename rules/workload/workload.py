"""How much work somebody has before them, in minutes, and when that is more than one person can keep in hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONG_TICKET_SECONDS = 3600  # a ticket that takes so long or longer is a long one
MAX_LONG_TICKETS = 10  # of these a day are still manageable
MAX_SHORT_TICKETS = 100  # and of all others


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A ticket that somebody holds: what it takes in all and what it still takes, in seconds of attention.

    While it `waits` for the customer or for experts, nothing is to be done about it.
    """

    number: int
    type: str
    total_s: float
    remaining_s: float
    is_waiting: bool = False

    @property
    def is_long(self) -> bool:
        return self.total_s >= LONG_TICKET_SECONDS


@dataclass(frozen=True, slots=True)
class Workload:
    """What one person holds, and how many tickets, long and short, they have resolved today."""

    items: tuple[WorkItem, ...] = ()
    done_long: int = 0
    done_short: int = 0

    @property
    def workable_items(self) -> tuple[WorkItem, ...]:
        """What can be worked on: everything but what waits."""
        return tuple(item for item in self.items if not item.is_waiting)

    @property
    def minutes(self) -> int:
        """The work that is left of what can be worked on."""
        return round(sum(item.remaining_s for item in self.workable_items) / 60)

    @property
    def waiting_minutes(self) -> int:
        """The work that will be left of what waits, told apart."""
        return round(sum(item.remaining_s for item in self.items if item.is_waiting) / 60)

    @property
    def long_count(self) -> int:
        """Today's tickets that take an hour or more."""
        return self.done_long + sum(item.is_long for item in self.workable_items)

    @property
    def short_count(self) -> int:
        """Today's tickets that take less."""
        return self.done_short + sum(not item.is_long for item in self.workable_items)


@dataclass(frozen=True, slots=True)
class Overload:
    """Somebody has more than a day holds, and who could take which of it: (ticket, person), the shortest way out."""

    person: str
    long_count: int
    short_count: int
    minutes: int
    moves: tuple[tuple[int, str], ...] = ()


def day_fullness(workload: Workload) -> float:
    """How full a day is; above 1 it cannot be managed.

    The rule says: not more than 10 tickets a day for one person when a ticket takes an hour or more, and not more than
    100 when it takes minutes. Read exactly so: today's tickets are those the person holds and can work on now, and
    those they resolved today; what waits for somebody else is not counted. A ticket is long when its type is expected
    to take 60 minutes of attention or more in all. Each long one fills a tenth of the day and each other one a
    hundredth, so that 10 and 100 are just manageable, 11 and 101 are not, and a mix is measured by the same two.
    """
    return workload.long_count / MAX_LONG_TICKETS + workload.short_count / MAX_SHORT_TICKETS


def find_overloads(workloads: Mapping[str, Workload], takers_by_ticket: Mapping[int, Iterable[str]]) -> list[Overload]:
    """Everyone whose day is too full, the fullest first, with who could take what.

    `takers` says for a ticket who is competent for it, here, and not full by a limit of the desk's own.
    """
    full = {who: load for who, load in workloads.items() if day_fullness(load) > 1 + _ROUNDING}
    room = {who: 1 - day_fullness(load) for who, load in workloads.items() if who not in full}
    ordered = sorted(full, key=lambda who: (-day_fullness(full[who]), who))
    return [
        Overload(
            who,
            full[who].long_count,
            full[who].short_count,
            full[who].minutes,
            _suggest_moves(full[who], takers_by_ticket, room),
        )
        for who in ordered
    ]


_ROUNDING = 1e-9  # sums of tenths are not exact


def _suggest_moves(
    workload: Workload, takers_by_ticket: Mapping[int, Iterable[str]], room: dict[str, float]
) -> tuple[tuple[int, str], ...]:
    """The longest tickets first, each to the one with the most room, until the day can be managed."""
    moves, excess = [], day_fullness(workload) - 1
    for item in sorted(workload.workable_items, key=lambda item: (-item.remaining_s, item.number)):
        fills = 1 / MAX_LONG_TICKETS if item.is_long else 1 / MAX_SHORT_TICKETS
        can = [who for who in takers_by_ticket.get(item.number, ()) if room.get(who, 0) >= fills - _ROUNDING]
        if excess > _ROUNDING and can:
            taker = min(can, key=lambda who: (-room[who], who))
            room[taker] -= fills
            excess -= fills
            moves.append((item.number, taker))
    return tuple(moves)
