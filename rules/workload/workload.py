"""How much work somebody has before them, in minutes, and when that is more than one person can keep in hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONG_S = 3600  # a ticket that takes so long or longer is a long one
LONG_MOST = 10  # of these a day are still manageable
SHORT_MOST = 100  # and of all others


@dataclass(frozen=True, slots=True)
class Item:
    """A ticket that somebody holds: what it takes in all and what it still takes, in seconds of attention.

    While it `waits` for the customer or for experts, nothing is to be done about it.
    """

    number: int
    type: str
    whole_s: float
    left_s: float
    waits: bool = False

    @property
    def is_long(self) -> bool:
        return self.whole_s >= LONG_S


@dataclass(frozen=True, slots=True)
class Load:
    """What one person holds, and how many tickets, long and short, they have resolved today."""

    items: tuple[Item, ...] = ()
    done_long: int = 0
    done_short: int = 0

    @property
    def at_hand(self) -> tuple[Item, ...]:
        """What can be worked on: everything but what waits."""
        return tuple(item for item in self.items if not item.waits)

    @property
    def minutes(self) -> int:
        """The work that is left of what can be worked on."""
        return round(sum(item.left_s for item in self.at_hand) / 60)

    @property
    def waiting_minutes(self) -> int:
        """The work that will be left of what waits, told apart."""
        return round(sum(item.left_s for item in self.items if item.waits) / 60)

    @property
    def long(self) -> int:
        """Today's tickets that take an hour or more."""
        return self.done_long + sum(item.is_long for item in self.at_hand)

    @property
    def short(self) -> int:
        """Today's tickets that take less."""
        return self.done_short + sum(not item.is_long for item in self.at_hand)


@dataclass(frozen=True, slots=True)
class Overload:
    """Somebody has more than a day holds, and who could take which of it: (ticket, person), the shortest way out."""

    person: str
    long: int
    short: int
    minutes: int
    moves: tuple[tuple[int, str], ...] = ()


def overload(load: Load) -> float:
    """How full a day is; above 1 it cannot be managed.

    The rule says: not more than 10 tickets a day for one person when a ticket takes an hour or more, and not more than
    100 when it takes minutes. Read exactly so: today's tickets are those the person holds and can work on now, and
    those they resolved today; what waits for somebody else is not counted. A ticket is long when its type is expected
    to take 60 minutes of attention or more in all. Each long one fills a tenth of the day and each other one a
    hundredth, so that 10 and 100 are just manageable, 11 and 101 are not, and a mix is measured by the same two.
    """
    return load.long / LONG_MOST + load.short / SHORT_MOST


def overloaded(loads: Mapping[str, Load], takers: Mapping[int, Iterable[str]]) -> list[Overload]:
    """Everyone whose day is too full, the fullest first, with who could take what.

    `takers` says for a ticket who is competent for it, here, and not full by a limit of the desk's own.
    """
    full = {who: load for who, load in loads.items() if overload(load) > 1 + _EXACT}
    room = {who: 1 - overload(load) for who, load in loads.items() if who not in full}
    ordered = sorted(full, key=lambda who: (-overload(full[who]), who))
    return [
        Overload(who, full[who].long, full[who].short, full[who].minutes, _moves(full[who], takers, room))
        for who in ordered
    ]


_EXACT = 1e-9  # sums of tenths are not exact


def _moves(load: Load, takers: Mapping[int, Iterable[str]], room: dict[str, float]) -> tuple[tuple[int, str], ...]:
    """The longest tickets first, each to the one with the most room, until the day can be managed."""
    moves, excess = [], overload(load) - 1
    for item in sorted(load.at_hand, key=lambda item: (-item.left_s, item.number)):
        fills = 1 / LONG_MOST if item.is_long else 1 / SHORT_MOST
        can = [who for who in takers.get(item.number, ()) if room.get(who, 0) >= fills - _EXACT]
        if excess > _EXACT and can:
            taker = min(can, key=lambda who: (-room[who], who))
            room[taker] -= fills
            excess -= fills
            moves.append((item.number, taker))
    return tuple(moves)
