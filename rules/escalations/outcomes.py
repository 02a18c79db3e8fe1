"""What became of escalations: per team, type and person, with how sure one may be; never a ranking of blame."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.policy import PeerReviewRule
from rules.statistics import wilson_interval

OUTCOME_PERIOD = timedelta(days=90)
MIN_ANSWERS = 10  # answers; of fewer a share says little about anybody
LOW_ACCEPTED_SHARE = 0.5  # a team of which surely less than this is accepted has a cause of its own
MIN_RECURRENCES, RECURRENCE_PERIOD, MIN_TITLE_SIMILARITY = 3, timedelta(days=30), 0.5
_WORD_PATTERN = re.compile(r"\w+")
_SMALL_WORDS = frozenset({"the", "and", "for", "not", "with", "from", "that", "this", "are", "was", "has", "does"})


@dataclass(frozen=True, slots=True)
class EscalationRecord:
    """One escalation as it ended, or as it stands; `asked_back` when the experts had to ask more."""

    number: int
    escalated_by: str
    type: str
    team: str
    experts: str
    state: EscalationState
    rejection_reason: RejectionReason | None
    info_requested: bool
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EscalationOutcomes:
    """How many were escalated, and what became of them; `share` is of those that were accepted or rejected."""

    states: Mapping[EscalationState, int] = field(default_factory=dict)
    info_requested: int = 0
    reasons: Mapping[RejectionReason, int] = field(default_factory=dict)

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
    def answered(self) -> int:
        return self.accepted + self.rejected

    @property
    def accepted_share(self) -> float | None:
        return self.accepted / self.answered if self.answered else None

    @property
    def accepted_interval(self) -> tuple[float, float]:
        """Where the true share lies, at 95 %."""
        return wilson_interval(self.accepted, self.answered)

    @property
    def is_small(self) -> bool:
        return self.answered < MIN_ANSWERS


class TeamComparison(StrEnum):
    """How somebody's share stands beside that of their team."""

    FEW = "few"
    AS_TEAM = "as_team"
    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class PersonOutcomes:
    """One who escalated: all of it, by type, and beside the team's own share."""

    person: str
    outcomes: EscalationOutcomes
    by_type: Mapping[str, EscalationOutcomes]
    comparison: TeamComparison


@dataclass(frozen=True, slots=True)
class RecurringEscalation:
    """A type that the experts took over several times lately for what reads alike: a solution worth writing down."""

    type: str
    titles: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TeamOutcomes:
    """One team's escalations. `is_low`: the team as a whole is refused so often that the cause is not a person."""

    team: str
    outcomes: EscalationOutcomes
    by_type: Mapping[str, EscalationOutcomes]
    people: tuple[PersonOutcomes, ...]
    is_low: bool
    recurring: tuple[RecurringEscalation, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpertTeamOutcomes:
    """What was asked of one expert team, and by which teams; nobody who asked is named."""

    expert_team: str
    outcomes: EscalationOutcomes
    by_asking_team: Mapping[str, EscalationOutcomes]


def outcomes_by_expert_team(escalations: Iterable[EscalationRecord]) -> tuple[ExpertTeamOutcomes, ...]:
    """Every expert team's, by key; what a colleague looked at first, and returned, was never asked of them."""
    by_experts: dict[str, list[EscalationRecord]] = defaultdict(list)
    for one in escalations:
        if one.state not in (EscalationState.IN_PEER_REVIEW, EscalationState.RETURNED):
            by_experts[one.experts].append(one)
    return tuple(
        ExpertTeamOutcomes(experts, count_outcomes(some), _outcomes_by(some, lambda one: one.team))
        for experts, some in sorted(by_experts.items())
    )


def outcomes_by_team(
    escalations: Iterable[EscalationRecord], names: Mapping[str, str], *, now: datetime
) -> tuple[TeamOutcomes, ...]:
    """Every team's, by key; people by name, never by their numbers.

    1. The team's own share is looked at first. 2. Each person's interval is held against it: only an interval that does
    not reach the team's share says anything. 3. Of a team that is low itself nobody is said to be below.
    """
    by_team: dict[str, list[EscalationRecord]] = defaultdict(list)
    for one in escalations:
        by_team[one.team].append(one)
    return tuple(_team_outcomes(team, theirs, names, now) for team, theirs in sorted(by_team.items()))


def count_outcomes(escalations: Iterable[EscalationRecord]) -> EscalationOutcomes:
    """What became of these."""
    some = list(escalations)
    reasons = Counter(
        one.rejection_reason
        for one in some
        if one.state is EscalationState.REJECTED and one.rejection_reason is not None
    )
    return EscalationOutcomes(Counter(one.state for one in some), sum(one.info_requested for one in some), reasons)


def outcomes_by_type(escalations: Iterable[EscalationRecord]) -> dict[str, EscalationOutcomes]:
    """The same for each type, by its key."""
    return _outcomes_by(escalations, lambda one: one.type)


def compare_with_team(person: EscalationOutcomes, team: EscalationOutcomes) -> TeamComparison:
    """Whether the interval of this person reaches the team's share; of few answers nothing is said."""
    if person.is_small or team.accepted_share is None:
        return TeamComparison.FEW
    low, high = person.accepted_interval
    if high < team.accepted_share:
        return TeamComparison.BELOW
    return TeamComparison.ABOVE if low > team.accepted_share else TeamComparison.AS_TEAM


def needs_peer_review(outcomes: EscalationOutcomes, rule: PeerReviewRule | None) -> bool:
    """Whether a colleague looks first: enough was answered, and even the upper bound lies below the limit."""
    return (
        rule is not None
        and outcomes.answered >= rule.min_answers
        and outcomes.accepted_interval[1] < rule.accepted_below
    )


def find_recurring(escalations: Sequence[EscalationRecord], *, now: datetime) -> tuple[RecurringEscalation, ...]:
    """What was accepted at least three times in thirty days, of one type, under titles that read alike.

    Titles are alike when at least half of their words are the same (shared words by all words of both, small words and
    those of two letters left out; Jaccard). Each goes to the first group whose first title it is like.
    """
    lately = [one for one in escalations if one.state is EscalationState.ACCEPTED and one.at >= now - RECURRENCE_PERIOD]
    groups: list[list[EscalationRecord]] = []
    for one in sorted(lately, key=lambda each: (each.type, each.at, each.number)):
        like = next(
            (some for some in groups if some[0].type == one.type and are_titles_alike(some[0].title, one.title)), None
        )
        if like is None:
            groups.append([one])
        elif one.number not in [each.number for each in like]:
            like.append(one)
    return tuple(
        RecurringEscalation(
            some[0].type, tuple(dict.fromkeys(each.title for each in some)), tuple(each.number for each in some)
        )
        for some in groups
        if len(some) >= MIN_RECURRENCES
    )


def are_titles_alike(one: str, other: str) -> bool:
    """Whether two titles share at least half of their words."""
    first, second = _significant_words(one), _significant_words(other)
    return bool(first and second) and len(first & second) / len(first | second) >= MIN_TITLE_SIMILARITY


def _outcomes_by(
    escalations: Iterable[EscalationRecord], key: Callable[[EscalationRecord], str]
) -> dict[str, EscalationOutcomes]:
    groups: dict[str, list[EscalationRecord]] = defaultdict(list)
    for one in escalations:
        groups[key(one)].append(one)
    return {name: count_outcomes(some) for name, some in sorted(groups.items())}


def _team_outcomes(
    team: str, escalations: Sequence[EscalationRecord], names: Mapping[str, str], now: datetime
) -> TeamOutcomes:
    whole, people = count_outcomes(escalations), defaultdict(list)
    for one in escalations:
        people[one.escalated_by].append(one)
    is_low = not whole.is_small and whole.accepted_interval[1] < LOW_ACCEPTED_SHARE
    rows = (
        _person_outcomes(who, some, whole, is_low=is_low)
        for who, some in sorted(people.items(), key=lambda each: (names.get(each[0], each[0]).casefold(), each[0]))
    )
    return TeamOutcomes(
        team, whole, outcomes_by_type(escalations), tuple(rows), is_low, find_recurring(escalations, now=now)
    )


def _person_outcomes(
    who: str, escalations: Sequence[EscalationRecord], team: EscalationOutcomes, *, is_low: bool
) -> PersonOutcomes:
    theirs = count_outcomes(escalations)
    where = compare_with_team(theirs, team)
    return PersonOutcomes(
        who,
        theirs,
        outcomes_by_type(escalations),
        TeamComparison.AS_TEAM if is_low and where is TeamComparison.BELOW else where,
    )


def _significant_words(title: str) -> frozenset[str]:
    words = _WORD_PATTERN.findall(title.casefold())
    return frozenset(word for word in words if len(word) > 2 and word not in _SMALL_WORDS)  # noqa: PLR2004
