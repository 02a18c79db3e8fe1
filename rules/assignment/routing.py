"""Who gets the next ticket: the best of those who fit, are here and have room, and why it is them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rules.model.people import LEVEL_WORDS, Availability, Level, rank
from rules.model.policy import Assigning, Policy, Team
from rules.presence.presence import HERE_WORDS, REACHABLE, Here, Presence

ALIKE = 15  # minutes: work is compared in quarters of an hour where more than minutes counts
CATCH_UP = 240  # minutes: whoever was away for long, or is new, gets so much more than the others, and no flood
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the team, as far as it matters for one ticket.

    `room` is how many tickets more they may hold, None where nothing limits them. `knows_asker` says that they resolved
    the last ticket of this type for the same person or customer. `turn` is when the desk gave them something last,
    `given` how many minutes of work it gave them so far.
    """

    person: str
    presence: Presence
    level: Level | None = None
    fits: bool = True
    minutes: int = 0
    open: int = 0
    room: int | None = None
    knows_asker: bool = False
    turn: datetime | None = None
    given: int = 0
    passed: bool = False

    @property
    def is_full(self) -> bool:
        return self.room is not None and self.room <= 0

    @property
    def is_free(self) -> bool:
        """Whether the desk would give it to them now."""
        return self.could and self.presence.works and not self.is_full

    @property
    def could(self) -> bool:
        """Whether they would get it at another hour: they are competent, known in Slack, and have not passed it."""
        return self.fits and not self.passed and self.presence.here is not Here.GONE

    @property
    def needs_reason(self) -> bool:
        """Whether somebody who gives it to them says why: they are not competent, or not here."""
        return not self.fits or self.presence.here not in REACHABLE


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets it and why; without a person, why nobody does. `hopeless` when waiting will not help."""

    person: str | None
    reason: str
    hopeless: bool = False


def mode(policy: Policy, type_key: str, team: str) -> Assigning:
    """Who gives tickets of that type to somebody: as the type says, else as its team does."""
    return policy.type(type_key).assigning or policy.team(team).assigning


def room(team: Team, available: Availability, held: int) -> int | None:
    """How many tickets more somebody may hold; the smaller of their own limit and the team's. None without any."""
    limits = [limit for limit in (available.capacity, team.capacity) if limit is not None]
    return min(limits) - held if limits else None


def best(candidates: Sequence[Candidate], way: Assigning, *, what: str = "it") -> Choice:
    """Who of them gets the ticket; `what` is the type's name, for the sentence.

    OFFER looks at the level, then at the work in quarters of an hour, then at who resolved the last one for whoever
    asks, then at whose turn it is. ROUND_ROBIN looks at the turn alone, LEAST_LOADED at the minutes alone. The turn is
    that of whoever was given the fewest minutes of work so far, among equals that of whoever waits longest: so the work
    of a month is shared, and not the number of tickets. Who is away, on a break, full, not competent, or has passed it
    gets nothing from the desk.
    """
    ranked = sorted(_level(one for one in candidates if one.is_free), key=lambda one: _place(one, way))
    if ranked:
        return Choice(ranked[0].person, why(ranked, way, what=what))
    return _nobody(candidates, what)


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """All of them as a lead wants to see them: who could begin now first, who needs a reason last, each best first."""
    level = _level(candidates)
    return sorted(level, key=lambda one: (one.needs_reason, not one.is_free, _place(one, Assigning.OFFER)))


def why(ranked: Sequence[Candidate], way: Assigning, *, what: str = "it") -> str:
    """Why the first of them is first, in a sentence: what tells them from the second."""
    first, *others = ranked
    if not others:
        return f"<@{first.person}> is the only one who is here, fits {what} and has room."
    second = others[0]
    for differs, words in _TOLD[way]:
        if differs(first) != differs(second):
            return f"{words(first, second, what)}."
    return f"<@{first.person}> and <@{second.person}> are equally free."


def _level(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Nobody stands more than CATCH_UP behind whoever was given most."""
    found = list(candidates)
    least = max((one.given for one in found), default=0) - CATCH_UP
    return [replace(one, given=max(one.given, least)) for one in found]


def _place(one: Candidate, way: Assigning) -> tuple[Any, ...]:
    turn = (one.given, one.turn or _NEVER)
    settles = (one.minutes, *turn, one.person)
    if way is Assigning.ROUND_ROBIN:
        return (*turn, *settles)
    if way is Assigning.LEAST_LOADED:
        return settles
    return (-rank(one.level), not one.presence.works, one.minutes // ALIKE, not one.knows_asker, *turn, *settles)


def _nobody(candidates: Sequence[Candidate], what: str) -> Choice:
    could = [one for one in candidates if one.could]
    if could:
        parts = [f"<@{one.person}> {_hindrance(one)}" for one in could]
        return Choice(None, f"Everybody who could take {what} is full or not here: {', '.join(parts[:10])}.")
    if any(one.passed for one in candidates):
        return Choice(None, f"Everybody who could take {what} has passed it.", hopeless=True)
    return Choice(None, f"Nobody in the team is competent for {what}.", hopeless=True)


def _hindrance(one: Candidate) -> str:
    if not one.presence.works:
        return f"is {HERE_WORDS[one.presence.here]}"
    return f"has {one.open} open and may have no more"


_Words = Callable[[Candidate, Candidate, str], str]
_Told = tuple[Callable[[Candidate], object], _Words]


def _knows_better(first: Candidate, second: Candidate, what: str) -> str:
    known = LEVEL_WORDS[first.level] if first.level is not None else "may take it"
    return f"<@{first.person}> knows {what} best: {known}"


def _is_here(first: Candidate, second: Candidate, what: str) -> str:
    return f"<@{first.person}> is here, <@{second.person}> is {HERE_WORDS[second.presence.here]}"


def _has_less(first: Candidate, second: Candidate, what: str) -> str:
    return f"<@{first.person}> has {first.minutes} min of work, <@{second.person}> {second.minutes} min"


def _has_resolved(first: Candidate, second: Candidate, what: str) -> str:
    return f"<@{first.person}> resolved the last ticket about {what} for whoever asks"


def _is_next(first: Candidate, second: Candidate, what: str) -> str:
    more = "was given more work so far" if first.given < second.given else "had one later"
    return f"It is <@{first.person}>'s turn; <@{second.person}> {more}"


_TURN: _Told = (lambda one: (one.given, one.turn), _is_next)
_MINUTES: _Told = (lambda one: one.minutes, _has_less)
_TOLD: dict[Assigning, tuple[_Told, ...]] = {
    Assigning.ROUND_ROBIN: (_TURN, _MINUTES),
    Assigning.LEAST_LOADED: (_MINUTES, _TURN),
    Assigning.OFFER: (
        (lambda one: rank(one.level), _knows_better),
        (lambda one: one.presence.works, _is_here),
        (lambda one: one.minutes // ALIKE, _has_less),
        (lambda one: one.knows_asker, _has_resolved),
        _TURN,
        _MINUTES,
    ),
}
_TOLD[Assigning.BY_HAND] = _TOLD[Assigning.OFFER]
