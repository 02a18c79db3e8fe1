"""A person's workload in minutes, and when a day is too full."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONG_TICKET_SECONDS = 3600  # expected handling time from which a ticket is long
MAX_LONG_TICKETS = 10  # a day
MAX_SHORT_TICKETS = 100  # a day


@dataclass(frozen=True, slots=True)
class WorkItem:
    """An assigned ticket with its whole and its remaining handling time in seconds; or, without a `number`, `count`
    tickets of one type, whose remaining times are added up.

    While it `is_waiting` for the customer or the experts, nobody can work on it.
    """

    number: int | None
    type: str
    total_s: float
    remaining_s: float
    is_waiting: bool = False
    count: int = 1

    @property
    def is_long(self) -> bool:
        return self.total_s >= LONG_TICKET_SECONDS


@dataclass(frozen=True, slots=True)
class Workload:
    """A person's assigned tickets, and how many long and short ones they have resolved today."""

    items: tuple[WorkItem, ...] = ()
    done_long: int = 0
    done_short: int = 0

    @property
    def open_count(self) -> int:
        return sum(item.count for item in self.items)

    @property
    def workable_items(self) -> tuple[WorkItem, ...]:
        return tuple(item for item in self.items if not item.is_waiting)

    @property
    def workable_count(self) -> int:
        return sum(item.count for item in self.workable_items)

    @property
    def minutes(self) -> int:
        return round(sum(item.remaining_s for item in self.workable_items) / 60)

    @property
    def waiting_minutes(self) -> int:
        return round(sum(item.remaining_s for item in self.items if item.is_waiting) / 60)

    @property
    def long_count(self) -> int:
        return self.done_long + sum(item.count for item in self.workable_items if item.is_long)

    @property
    def short_count(self) -> int:
        return self.done_short + sum(item.count for item in self.workable_items if not item.is_long)


@dataclass(frozen=True, slots=True)
class Overload:
    """A person with more than fits in a day, and (ticket, receiver) moves that would relieve them."""

    person: str
    long_count: int
    short_count: int
    minutes: int
    moves: tuple[tuple[int, str], ...] = ()


def day_fullness(workload: Workload) -> float:
    """How full a day is; above 1 it cannot be managed.

    The rule: not more than 10 tickets a day for one person when a ticket takes an hour or more, and not more than 100
    when it takes minutes. Today's tickets are those the person can work on now and those they resolved today; waiting
    tickets do not count. A ticket is long when its type is expected to take 60 minutes or more in all. Each long one
    fills a tenth of the day and each short one a hundredth, so that 10 and 100 are just manageable, 11 and 101 are not,
    and a mix is measured by the same two.
    """
    return workload.long_count / MAX_LONG_TICKETS + workload.short_count / MAX_SHORT_TICKETS


def find_overloads(workloads: Mapping[str, Workload], takers_by_ticket: Mapping[int, Iterable[str]]) -> list[Overload]:
    """Everyone whose day is too full, the fullest first.

    Only tickets that are given one by one are moved. `takers_by_ticket` lists the people who have the skill, are here,
    and are below their limit.
    """
    full = {person: workload for person, workload in workloads.items() if day_fullness(workload) > 1 + _ROUNDING}
    room = {person: 1 - day_fullness(workload) for person, workload in workloads.items() if person not in full}
    ordered = sorted(full, key=lambda person: (-day_fullness(full[person]), person))
    overloads = []
    for person in ordered:
        load = full[person]
        moves = _suggest_moves(load, takers_by_ticket, room)
        overloads.append(Overload(person, load.long_count, load.short_count, load.minutes, moves))
    return overloads


_ROUNDING = 1e-9  # sums of tenths and hundredths are not exact


def _suggest_moves(
    workload: Workload, takers_by_ticket: Mapping[int, Iterable[str]], room: dict[str, float]
) -> tuple[tuple[int, str], ...]:
    moves, excess = [], day_fullness(workload) - 1
    numbered = [(item.number, item) for item in workload.workable_items if item.number is not None]
    for number, item in sorted(numbered, key=lambda each: (-each[1].remaining_s, each[0])):
        fills = 1 / MAX_LONG_TICKETS if item.is_long else 1 / MAX_SHORT_TICKETS
        takers = [who for who in takers_by_ticket.get(number, ()) if room.get(who, 0) >= fills - _ROUNDING]
        if excess > _ROUNDING and takers:
            taker = min(takers, key=lambda who: (-room[who], who))
            room[taker] -= fills
            excess -= fills
            moves.append((number, taker))
    return tuple(moves)
