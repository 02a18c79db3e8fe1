"""What became of escalations: per team, type and person, with how sure one may be; never a ranking of blame."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.escalations.escalations import Advice, EscalationState
from rules.model.policy import PeerCheck
from rules.statistics import wilson

SPAN = timedelta(days=90)
ENOUGH = 10  # answers; of fewer a share says little about anybody
LOW = 0.5  # a team of which surely less than this is accepted has a cause of its own
OFTEN, LATELY, ALIKE = 3, timedelta(days=30), 0.5
_WORD = re.compile(r"\w+")
_SMALL_WORDS = frozenset({"the", "and", "for", "not", "with", "from", "that", "this", "are", "was", "has", "does"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One escalation as it ended, or as it stands; `asked_back` when the experts had to ask more."""

    number: int
    by: str
    type: str
    team: str
    experts: str
    state: EscalationState
    advice: Advice | None
    asked_back: bool
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were escalated, and what became of them; `share` is of those that were accepted or rejected."""

    states: Mapping[EscalationState, int] = field(default_factory=dict)
    asked_back: int = 0
    reasons: Mapping[Advice, int] = field(default_factory=dict)

    @property
    def escalated(self) -> int:
        """What was sent on to other experts is one question, counted where it ended."""
        return sum(self.states.values()) - self.redirected

    @property
    def accepted(self) -> int:
        return self.states.get(EscalationState.ACCEPTED, 0)

    @property
    def rejected(self) -> int:
        return self.states.get(EscalationState.REJECTED, 0)

    @property
    def redirected(self) -> int:
        return self.states.get(EscalationState.REDIRECTED, 0)

    @property
    def withdrawn(self) -> int:
        return self.states.get(EscalationState.WITHDRAWN, 0)

    @property
    def returned(self) -> int:
        return self.states.get(EscalationState.RETURNED, 0)

    @property
    def n(self) -> int:
        return self.accepted + self.rejected

    @property
    def share(self) -> float | None:
        return self.accepted / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, at 95 %."""
        return wilson(self.accepted, self.n)

    @property
    def is_small(self) -> bool:
        return self.n < ENOUGH


class Stands(StrEnum):
    """How somebody's share stands beside that of their team."""

    FEW = "few"
    AS_TEAM = "as_team"
    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Person:
    """One who escalated: all of it, by type, and beside the team's own share."""

    who: str
    tally: Tally
    types: Mapping[str, Tally]
    stands: Stands


@dataclass(frozen=True, slots=True)
class Recurring:
    """A type that the experts took over several times lately for what reads alike: a solution worth writing down."""

    type: str
    titles: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfTeam:
    """One team's escalations. `is_low`: the team as a whole is refused so often that the cause is not a person."""

    team: str
    tally: Tally
    types: Mapping[str, Tally]
    people: tuple[Person, ...]
    is_low: bool
    recurring: tuple[Recurring, ...] = ()


@dataclass(frozen=True, slots=True)
class OfExperts:
    """What was asked of one expert team, and by which teams; nobody who asked is named."""

    experts: str
    tally: Tally
    askers: Mapping[str, Tally]


def asked_of(found: Iterable[Asked]) -> tuple[OfExperts, ...]:
    """Every expert team's, by key; what a colleague looked at first, and returned, was never asked of them."""
    by_experts: dict[str, list[Asked]] = defaultdict(list)
    for one in found:
        if one.state not in (EscalationState.TO_CHECK, EscalationState.RETURNED):
            by_experts[one.experts].append(one)
    return tuple(
        OfExperts(experts, tally(some), _tallies(some, lambda one: one.team))
        for experts, some in sorted(by_experts.items())
    )


def ledger(found: Iterable[Asked], names: Mapping[str, str], *, now: datetime) -> tuple[OfTeam, ...]:
    """Every team's, by key; people by name, never by their numbers.

    1. The team's own share is looked at first. 2. Each person's interval is held against it: only an interval that does
    not reach the team's share says anything. 3. Of a team that is low itself nobody is said to be below.
    """
    by_team: dict[str, list[Asked]] = defaultdict(list)
    for one in found:
        by_team[one.team].append(one)
    return tuple(_of_team(team, theirs, names, now) for team, theirs in sorted(by_team.items()))


def tally(found: Iterable[Asked]) -> Tally:
    """What became of these."""
    some = list(found)
    reasons = Counter(one.advice for one in some if one.state is EscalationState.REJECTED and one.advice is not None)
    return Tally(Counter(one.state for one in some), sum(one.asked_back for one in some), reasons)


def by_type(found: Iterable[Asked]) -> dict[str, Tally]:
    """The same for each type, by its key."""
    return _tallies(found, lambda one: one.type)


def stands(theirs: Tally, team: Tally) -> Stands:
    """Whether the interval of this person reaches the team's share; of few answers nothing is said."""
    if theirs.is_small or team.share is None:
        return Stands.FEW
    low, high = theirs.interval
    if high < team.share:
        return Stands.BELOW
    return Stands.ABOVE if low > team.share else Stands.AS_TEAM


def needs_check(theirs: Tally, limit: PeerCheck | None) -> bool:
    """Whether a colleague looks first: enough was answered, and even the upper bound lies below the limit."""
    return limit is not None and theirs.n >= limit.at_least and theirs.interval[1] < limit.below


def recurring(found: Sequence[Asked], *, now: datetime) -> tuple[Recurring, ...]:
    """What was accepted at least three times in thirty days, of one type, under titles that read alike.

    Titles are alike when at least half of their words are the same (shared words by all words of both, small words and
    those of two letters left out; Jaccard). Each goes to the first group whose first title it is like.
    """
    lately = [one for one in found if one.state is EscalationState.ACCEPTED and one.at >= now - LATELY]
    groups: list[list[Asked]] = []
    for one in sorted(lately, key=lambda each: (each.type, each.at, each.number)):
        like = next((some for some in groups if some[0].type == one.type and alike(some[0].title, one.title)), None)
        if like is None:
            groups.append([one])
        elif one.number not in [each.number for each in like]:
            like.append(one)
    return tuple(
        Recurring(some[0].type, tuple(dict.fromkeys(each.title for each in some)), tuple(each.number for each in some))
        for some in groups
        if len(some) >= OFTEN
    )


def alike(one: str, other: str) -> bool:
    """Whether two titles share at least half of their words."""
    first, second = _words(one), _words(other)
    return bool(first and second) and len(first & second) / len(first | second) >= ALIKE


def _tallies(found: Iterable[Asked], key: Callable[[Asked], str]) -> dict[str, Tally]:
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return {name: tally(some) for name, some in sorted(groups.items())}


def _of_team(team: str, found: Sequence[Asked], names: Mapping[str, str], now: datetime) -> OfTeam:
    whole, people = tally(found), defaultdict(list)
    for one in found:
        people[one.by].append(one)
    is_low = not whole.is_small and whole.interval[1] < LOW
    rows = (
        _person(who, some, whole, is_low=is_low)
        for who, some in sorted(people.items(), key=lambda each: (names.get(each[0], each[0]).casefold(), each[0]))
    )
    return OfTeam(team, whole, by_type(found), tuple(rows), is_low, recurring(found, now=now))


def _person(who: str, found: Sequence[Asked], team: Tally, *, is_low: bool) -> Person:
    theirs = tally(found)
    where = stands(theirs, team)
    return Person(who, theirs, by_type(found), Stands.AS_TEAM if is_low and where is Stands.BELOW else where)


def _words(title: str) -> frozenset[str]:
    words = _WORD.findall(title.casefold())
    return frozenset(word for word in words if len(word) > 2 and word not in _SMALL_WORDS)  # noqa: PLR2004
