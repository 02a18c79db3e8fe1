"""Who gets the next ticket: the best of those who fit, are here and have room, and why it is them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rules.model.people import SKILL_LEVEL_TEXTS, PersonProfile, SkillLevel, skill_rank
from rules.model.policy import AssignmentMode, Policy, Team
from rules.presence.presence import PRESENCE_STATUS_TEXTS, REACHABLE_STATUSES, Presence, PresenceStatus

WORKLOAD_STEP_MINUTES = 15  # minutes: work is compared in quarters of an hour where more than minutes counts
MAX_CATCH_UP_MINUTES = (
    240  # minutes: whoever was away for long, or is new, gets so much more than the others, and no flood
)
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
    level: SkillLevel | None = None
    is_qualified: bool = True
    minutes: int = 0
    open_tickets: int = 0
    free_slots: int | None = None
    knows_requester: bool = False
    last_assigned_at: datetime | None = None
    assigned_minutes: int = 0
    has_passed: bool = False

    @property
    def is_full(self) -> bool:
        return self.free_slots is not None and self.free_slots <= 0

    @property
    def is_free(self) -> bool:
        """Whether the desk would give it to them now."""
        return self.is_eligible and self.presence.is_at_work and not self.is_full

    @property
    def is_eligible(self) -> bool:
        """Whether they would get it at another hour: they are competent, known in Slack, and have not passed it."""
        return self.is_qualified and not self.has_passed and self.presence.status is not PresenceStatus.GONE

    @property
    def needs_reason(self) -> bool:
        """Whether somebody who gives it to them says why: they are not competent, or not here."""
        return not self.is_qualified or self.presence.status not in REACHABLE_STATUSES


@dataclass(frozen=True, slots=True)
class AssignmentChoice:
    """Who gets it and why; without a person, why nobody does. `hopeless` when waiting will not help."""

    person: str | None
    reason: str
    is_hopeless: bool = False


def assignment_mode(policy: Policy, type_key: str, team: str) -> AssignmentMode:
    """Who gives tickets of that type to somebody: as the type says, else as its team does."""
    return policy.type(type_key).assignment_mode or policy.team(team).assignment_mode


def free_slots(team: Team, available: PersonProfile, held: int) -> int | None:
    """How many tickets more somebody may hold; the smaller of their own limit and the team's. None without any."""
    limits = [limit for limit in (available.capacity, team.capacity) if limit is not None]
    return min(limits) - held if limits else None


def choose_candidate(
    candidates: Sequence[Candidate], mode: AssignmentMode, *, type_name: str = "it"
) -> AssignmentChoice:
    """Who of them gets the ticket; `what` is the type's name, for the sentence.

    OFFER looks at the level, then at the work in quarters of an hour, then at who resolved the last one for whoever
    asks, then at whose turn it is. ROUND_ROBIN looks at the turn alone, LEAST_LOADED at the minutes alone. The turn is
    that of whoever was given the fewest minutes of work so far, among equals that of whoever waits longest: so the work
    of a month is shared, and not the number of tickets. Who is away, on a break, full, not competent, or has passed it
    gets nothing from the desk.
    """
    ranked = sorted(_limit_catch_up(one for one in candidates if one.is_free), key=lambda one: _ranking_key(one, mode))
    if ranked:
        return AssignmentChoice(ranked[0].person, explain_choice(ranked, mode, type_name=type_name))
    return _no_candidate(candidates, type_name)


def rank_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """All of them as a lead wants to see them: who could begin now first, who needs a reason last, each best first."""
    level = _limit_catch_up(candidates)
    return sorted(level, key=lambda one: (one.needs_reason, not one.is_free, _ranking_key(one, AssignmentMode.OFFER)))


def explain_choice(ranked: Sequence[Candidate], mode: AssignmentMode, *, type_name: str = "it") -> str:
    """Why the first of them is first, in a sentence: what tells them from the second."""
    first, *others = ranked
    if not others:
        return f"<@{first.person}> is the only one who is here, fits {type_name} and has room."
    second = others[0]
    for differs, words in _CRITERIA[mode]:
        if differs(first) != differs(second):
            return f"{words(first, second, type_name)}."
    return f"<@{first.person}> and <@{second.person}> are equally free."


def _limit_catch_up(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Nobody stands more than CATCH_UP behind whoever was given most."""
    found = list(candidates)
    least = max((one.assigned_minutes for one in found), default=0) - MAX_CATCH_UP_MINUTES
    return [replace(one, assigned_minutes=max(one.assigned_minutes, least)) for one in found]


def _ranking_key(candidate: Candidate, mode: AssignmentMode) -> tuple[Any, ...]:
    turn = (candidate.assigned_minutes, candidate.last_assigned_at or _NEVER)
    settles = (candidate.minutes, *turn, candidate.person)
    if mode is AssignmentMode.ROUND_ROBIN:
        return (*turn, *settles)
    if mode is AssignmentMode.LEAST_LOADED:
        return settles
    return (
        -skill_rank(candidate.level),
        not candidate.presence.is_at_work,
        candidate.minutes // WORKLOAD_STEP_MINUTES,
        not candidate.knows_requester,
        *turn,
        *settles,
    )


def _no_candidate(candidates: Sequence[Candidate], type_name: str) -> AssignmentChoice:
    could = [one for one in candidates if one.is_eligible]
    if could:
        parts = [f"<@{one.person}> {_hindrance_text(one)}" for one in could]
        return AssignmentChoice(
            None, f"Everybody who could take {type_name} is full or not here: {', '.join(parts[:10])}."
        )
    if any(one.has_passed for one in candidates):
        return AssignmentChoice(None, f"Everybody who could take {type_name} has passed it.", is_hopeless=True)
    return AssignmentChoice(None, f"Nobody in the team is competent for {type_name}.", is_hopeless=True)


def _hindrance_text(candidate: Candidate) -> str:
    if not candidate.presence.is_at_work:
        return f"is {PRESENCE_STATUS_TEXTS[candidate.presence.status]}"
    return f"has {candidate.open_tickets} open and may have no more"


_ReasonText = Callable[[Candidate, Candidate, str], str]
_Criterion = tuple[Callable[[Candidate], object], _ReasonText]


def _level_reason(first: Candidate, second: Candidate, what: str) -> str:
    known = SKILL_LEVEL_TEXTS[first.level] if first.level is not None else "may take it"
    return f"<@{first.person}> knows {what} best: {known}"


def _presence_reason(first: Candidate, second: Candidate, what: str) -> str:
    return f"<@{first.person}> is here, <@{second.person}> is {PRESENCE_STATUS_TEXTS[second.presence.status]}"


def _workload_reason(first: Candidate, second: Candidate, what: str) -> str:
    return f"<@{first.person}> has {first.minutes} min of work, <@{second.person}> {second.minutes} min"


def _requester_reason(first: Candidate, second: Candidate, what: str) -> str:
    return f"<@{first.person}> resolved the last ticket about {what} for whoever asks"


def _turn_reason(first: Candidate, second: Candidate, what: str) -> str:
    more = "was given more work so far" if first.assigned_minutes < second.assigned_minutes else "had one later"
    return f"It is <@{first.person}>'s turn; <@{second.person}> {more}"


_TURN_CRITERION: _Criterion = (lambda one: (one.assigned_minutes, one.last_assigned_at), _turn_reason)
_WORKLOAD_CRITERION: _Criterion = (lambda one: one.minutes, _workload_reason)
_CRITERIA: dict[AssignmentMode, tuple[_Criterion, ...]] = {
    AssignmentMode.ROUND_ROBIN: (_TURN_CRITERION, _WORKLOAD_CRITERION),
    AssignmentMode.LEAST_LOADED: (_WORKLOAD_CRITERION, _TURN_CRITERION),
    AssignmentMode.OFFER: (
        (lambda one: skill_rank(one.level), _level_reason),
        (lambda one: one.presence.is_at_work, _presence_reason),
        (lambda one: one.minutes // WORKLOAD_STEP_MINUTES, _workload_reason),
        (lambda one: one.knows_requester, _requester_reason),
        _TURN_CRITERION,
        _WORKLOAD_CRITERION,
    ),
}
_CRITERIA[AssignmentMode.BY_HAND] = _CRITERIA[AssignmentMode.OFFER]
