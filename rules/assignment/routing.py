"""Who gets a new ticket: the best available candidate, and the reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rules.model.people import PersonProfile, SkillLevel, skill_rank
from rules.model.policy import AssignmentMode, Policy, Team
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus
from rules.text import Person, Text, WorkTime, _, join_texts, ngettext

WORKLOAD_STEP_MINUTES = 15  # minutes; OFFER compares workloads in steps of this
MAX_CATCH_UP_MINUTES = 240  # minutes; a person new or long absent gets at most this much more than the others
HINDRANCES_NAMED = 10  # people of whom a refusal says what hinders them; the others are counted
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team member with the facts that matter for one ticket.

    `free_slots` is how many more tickets they may hold, None without a limit. `knows_requester` says that they resolved
    the last ticket of this type for the same person or customer. `assigned_minutes` is the work the desk has assigned
    them so far, `last_assigned_at` when it last did.
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
        return self.is_eligible and self.presence.is_at_work and not self.is_full

    @property
    def is_eligible(self) -> bool:
        """Whether they could get it at another hour."""
        return self.is_qualified and not self.has_passed and self.presence.status is not PresenceStatus.GONE

    @property
    def needs_reason(self) -> bool:
        return not self.is_qualified or self.presence.status not in REACHABLE_STATUSES


@dataclass(frozen=True, slots=True)
class AssignmentChoice:
    """The assignee and what speaks for them, as a phrase; without an assignee, a sentence why there is none.

    `is_hopeless` when waiting will not help.
    """

    person: str | None
    reason: Text
    is_hopeless: bool = False


def assignment_mode(policy: Policy, type_key: str, team: str) -> AssignmentMode:
    return policy.type(type_key).assignment_mode or policy.team(team).assignment_mode


def free_slots(team: Team, available: PersonProfile, held: int) -> int | None:
    limits = [limit for limit in (available.capacity, team.capacity) if limit is not None]
    return min(limits) - held if limits else None


def choose_candidate(candidates: Sequence[Candidate], mode: AssignmentMode, *, type_name: str) -> AssignmentChoice:
    """The candidate who gets the ticket; `type_name` is for the reason.

    OFFER compares the level, then the work in quarters of an hour, then who resolved the requester's last one, then the
    turn. ROUND_ROBIN compares the turn first, LEAST_LOADED the minutes first. The turn goes to the person with the
    fewest minutes of work assigned so far, then to the one who waits longest: so a month's work is shared, rather than
    the number of tickets. People who are away, on a break, full, without the skill, or have passed get nothing.
    """
    ranked = sorted(_limit_catch_up(one for one in candidates if one.is_free), key=lambda one: _ranking_key(one, mode))
    if ranked:
        return AssignmentChoice(ranked[0].person, explain_choice(ranked, mode, type_name=type_name))
    return _no_candidate(candidates, type_name)


def rank_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """All candidates for the lead's eyes: available first, those who need a reason last, each group best first."""
    level = _limit_catch_up(candidates)
    return sorted(level, key=lambda one: (one.needs_reason, not one.is_free, _ranking_key(one, AssignmentMode.OFFER)))


def explain_choice(ranked: Sequence[Candidate], mode: AssignmentMode, *, type_name: str) -> Text:
    """What speaks for the first one, as a phrase beside their name: "40 min of work; @Ana 1 h 30 min"."""
    first, *others = ranked
    if not others:
        return _("the only one here with the skill for {type} and room for another ticket", type=type_name)
    second = others[0]
    for differs, reason_text in _CRITERIA[mode]:
        if differs(first) != differs(second):
            return reason_text(first, second, type_name)
    return _("same skill and workload as {other}", other=Person(second.person))


def _limit_catch_up(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Nobody is more than MAX_CATCH_UP_MINUTES behind the person with the most."""
    compared = list(candidates)
    least = max((one.assigned_minutes for one in compared), default=0) - MAX_CATCH_UP_MINUTES
    return [replace(one, assigned_minutes=max(one.assigned_minutes, least)) for one in compared]


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
    eligible = [one for one in candidates if one.is_eligible]
    if eligible:
        people = join_texts(map(_hindrance_text, eligible[:HINDRANCES_NAMED]), ", ")
        if (more := len(eligible) - HINDRANCES_NAMED) > 0:
            people = _("{people} and {count} more", people=people, count=more)
        reason = _("everyone with the skill for {type} is full or not here: {people}.", type=type_name, people=people)
        return AssignmentChoice(None, reason)
    if any(one.has_passed for one in candidates):
        reason = _("everyone with the skill for {type} has declined it.", type=type_name)
        return AssignmentChoice(None, reason, is_hopeless=True)
    reason = _("no one in the team has the skill for {type}.", type=type_name)
    return AssignmentChoice(None, reason, is_hopeless=True)


def _hindrance_text(candidate: Candidate) -> Text:
    person = Person(candidate.person)
    if not candidate.presence.is_at_work:
        return _("{person} is {status}", person=person, status=candidate.presence.status.label)
    return ngettext(
        "{person} is full with {n} open ticket",
        "{person} is full with {n} open tickets",
        candidate.open_tickets,
        person=person,
    )


_ReasonText = Callable[[Candidate, Candidate, str], Text]
_Criterion = tuple[Callable[[Candidate], object], _ReasonText]


def _level_reason(first: Candidate, second: Candidate, type_name: str) -> Text:
    return _("higher skill in {type} than {other}", type=type_name, other=Person(second.person))


def _presence_reason(first: Candidate, second: Candidate, type_name: str) -> Text:
    return _("here; {other} is {status}", other=Person(second.person), status=second.presence.status.label)


def _workload_reason(first: Candidate, second: Candidate, type_name: str) -> Text:
    work, other_work = WorkTime(60 * first.minutes), WorkTime(60 * second.minutes)
    return _("{work} of work; {other} {other_work}", work=work, other=Person(second.person), other_work=other_work)


def _requester_reason(first: Candidate, second: Candidate, type_name: str) -> Text:
    return _("resolved this requester's last ticket of type {type}", type=type_name)


def _turn_reason(first: Candidate, second: Candidate, type_name: str) -> Text:
    other = Person(second.person)
    if first.assigned_minutes < second.assigned_minutes:
        return _("next in turn; {other} was assigned more work so far", other=other)
    return _("next in turn; {other} was assigned a ticket more recently", other=other)


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
