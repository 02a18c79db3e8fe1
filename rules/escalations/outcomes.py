"""Escalation outcomes by team, type and person, with confidence intervals; never a ranking of people."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.escalations.escalations import UNDECIDED_STATES, EscalationState, RejectionReason
from rules.model.policy import PeerReviewRule
from rules.statistics import wilson_interval

OUTCOME_PERIOD = timedelta(days=90)
MIN_ANSWERS = 10  # answers; a share of fewer says little about a person
LOW_ACCEPTED_SHARE = 0.5  # below it the cause is not a person but something the team shares
MIN_RECURRENCES, RECURRENCE_PERIOD, MIN_TITLE_SIMILARITY = 3, timedelta(days=30), 0.5
_WORD_PATTERN = re.compile(r"\w+")
_SMALL_WORDS = frozenset({"the", "and", "for", "not", "with", "from", "that", "this", "are", "was", "has", "does"})


@dataclass(frozen=True, slots=True)
class EscalationRecord:
    """One escalation with its current or final state; `info_requested` when the experts asked for more."""

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
    is_own_decision: bool = False  # accepted or rejected by the person who escalated


Escalations = Iterable[EscalationRecord]


@dataclass(frozen=True, slots=True)
class EscalationOutcomes:
    """Counts of escalations by state; `accepted_share` is among those accepted or rejected by others than who asked,
    which are counted in `own_decisions` alone."""

    states: Mapping[EscalationState, int] = field(default_factory=dict)
    info_requested: int = 0
    reasons: Mapping[RejectionReason, int] = field(default_factory=dict)
    own_decisions: int = 0

    @property
    def escalated(self) -> int:
        """A redirected escalation counts once, where it ended."""
        return sum(self.states.values()) + self.own_decisions - self.redirected

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
    def ended(self) -> int:
        """Those of imported logs, which do not say whether an escalation was accepted or rejected."""
        return self.states.get(EscalationState.ENDED, 0)

    @property
    def undecided(self) -> int:
        return sum(self.states.get(state, 0) for state in UNDECIDED_STATES)

    @property
    def answered(self) -> int:
        return self.accepted + self.rejected

    @property
    def accepted_share(self) -> float | None:
        return self.accepted / self.answered if self.answered else None

    @property
    def accepted_interval(self) -> tuple[float, float]:
        return wilson_interval(self.accepted, self.answered)

    @property
    def is_small(self) -> bool:
        return self.answered < MIN_ANSWERS


class TeamComparison(StrEnum):
    FEW = "few"
    AS_TEAM = "as_team"
    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class PersonOutcomes:
    """The outcomes of one person's escalations, in all and by type, compared with the team's share."""

    person: str
    outcomes: EscalationOutcomes
    by_type: Mapping[str, EscalationOutcomes]
    comparison: TeamComparison


@dataclass(frozen=True, slots=True)
class RecurringEscalation:
    """A type whose similar tickets the experts accepted several times lately: a solution worth writing down."""

    type: str
    titles: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TeamOutcomes:
    """One team's outcomes. `is_low`: so many are rejected that the cause is not a person."""

    team: str
    outcomes: EscalationOutcomes
    by_type: Mapping[str, EscalationOutcomes]
    people: tuple[PersonOutcomes, ...]
    is_low: bool
    recurring: tuple[RecurringEscalation, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpertTeamOutcomes:
    """The escalations to one expert team, by asking team; no person is named."""

    expert_team: str
    outcomes: EscalationOutcomes
    by_asking_team: Mapping[str, EscalationOutcomes]


def outcomes_by_expert_team(escalations: Escalations) -> tuple[ExpertTeamOutcomes, ...]:
    """Every expert team's outcomes, by key; escalations in peer review, or returned by it, never reached them."""
    unseen = (EscalationState.IN_PEER_REVIEW, EscalationState.RETURNED)
    by_experts = _group((one for one in escalations if one.state not in unseen), lambda one: one.experts)
    return tuple(
        ExpertTeamOutcomes(experts, count_outcomes(asked), _outcomes_by(asked, lambda one: one.team))
        for experts, asked in by_experts.items()
    )


def outcomes_by_team(escalations: Escalations, names: Mapping[str, str], *, now: datetime) -> tuple[TeamOutcomes, ...]:
    """Every team's outcomes, by key; people are sorted by name, never by their numbers.

    1. The team's own share comes first. 2. Each person's interval is compared with it: only an interval that does not
    reach the team's share says anything. 3. In a team that is low itself nobody counts as below.
    """
    by_team = _group(escalations, lambda one: one.team)
    return tuple(_team_outcomes(team, group, names, now) for team, group in by_team.items())


def count_outcomes(escalations: Escalations) -> EscalationOutcomes:
    rows = list(escalations)
    by_others = [one for one in rows if not one.is_own_decision]
    rejected = (one.rejection_reason for one in by_others if one.state is EscalationState.REJECTED)
    return EscalationOutcomes(
        states=Counter(one.state for one in by_others),
        info_requested=sum(one.info_requested for one in rows),
        reasons=Counter(reason for reason in rejected if reason is not None),
        own_decisions=len(rows) - len(by_others),
    )


def outcomes_by_type(escalations: Escalations) -> dict[str, EscalationOutcomes]:
    return _outcomes_by(escalations, lambda one: one.type)


def compare_with_team(person: EscalationOutcomes, team: EscalationOutcomes) -> TeamComparison:
    if person.is_small or team.accepted_share is None:
        return TeamComparison.FEW
    low, high = person.accepted_interval
    if high < team.accepted_share:
        return TeamComparison.BELOW
    return TeamComparison.ABOVE if low > team.accepted_share else TeamComparison.AS_TEAM


def needs_peer_review(outcomes: EscalationOutcomes, rule: PeerReviewRule | None) -> bool:
    """Whether there are enough answers, and even the interval's upper bound is below the limit."""
    if rule is None or outcomes.answered < rule.min_answers:
        return False
    return outcomes.accepted_interval[1] < rule.accepted_below


def find_recurring(escalations: Sequence[EscalationRecord], *, now: datetime) -> tuple[RecurringEscalation, ...]:
    """Escalations accepted at least three times in thirty days, of one type, with similar titles.

    Titles are similar when at least half of their words are the same (shared words by all words of both, small words
    and those of two letters left out; Jaccard). Each joins the first group whose first title it is similar to.
    """
    since = now - RECURRENCE_PERIOD
    by_others = [one for one in escalations if not one.is_own_decision]
    accepted = [one for one in by_others if one.state is EscalationState.ACCEPTED and one.at >= since]
    groups: list[list[EscalationRecord]] = []
    for one in sorted(accepted, key=lambda each: (each.type, each.at, each.number)):
        alike = (group for group in groups if group[0].type == one.type and are_titles_alike(group[0].title, one.title))
        group = next(alike, None)
        if group is None:
            groups.append([one])
        elif one.number not in [each.number for each in group]:
            group.append(one)
    return tuple(
        RecurringEscalation(
            group[0].type, tuple(dict.fromkeys(each.title for each in group)), tuple(each.number for each in group)
        )
        for group in groups
        if len(group) >= MIN_RECURRENCES
    )


def are_titles_alike(one: str, other: str) -> bool:
    first, second = _significant_words(one), _significant_words(other)
    return bool(first and second) and len(first & second) / len(first | second) >= MIN_TITLE_SIMILARITY


def _group(escalations: Escalations, key: Callable[[EscalationRecord], str]) -> dict[str, list[EscalationRecord]]:
    groups: dict[str, list[EscalationRecord]] = defaultdict(list)
    for escalation in escalations:
        groups[key(escalation)].append(escalation)
    return dict(sorted(groups.items()))


def _outcomes_by(escalations: Escalations, key: Callable[[EscalationRecord], str]) -> dict[str, EscalationOutcomes]:
    return {name: count_outcomes(group) for name, group in _group(escalations, key).items()}


def _team_outcomes(
    team: str, escalations: Sequence[EscalationRecord], names: Mapping[str, str], now: datetime
) -> TeamOutcomes:
    whole, by_person = count_outcomes(escalations), _group(escalations, lambda one: one.escalated_by)
    is_low = not whole.is_small and whole.accepted_interval[1] < LOW_ACCEPTED_SHARE
    people = sorted(by_person, key=lambda person: (names.get(person, person).casefold(), person))
    rows = tuple(_person_outcomes(person, by_person[person], whole, is_low=is_low) for person in people)
    recurring = find_recurring(escalations, now=now)
    return TeamOutcomes(team, whole, outcomes_by_type(escalations), rows, is_low, recurring)


def _person_outcomes(who: str, escalations: Escalations, team: EscalationOutcomes, *, is_low: bool) -> PersonOutcomes:
    outcomes = count_outcomes(escalations)
    comparison = compare_with_team(outcomes, team)
    if is_low and comparison is TeamComparison.BELOW:
        comparison = TeamComparison.AS_TEAM
    return PersonOutcomes(who, outcomes, outcomes_by_type(escalations), comparison)


def _significant_words(title: str) -> frozenset[str]:
    words = _WORD_PATTERN.findall(title.casefold())
    return frozenset(word for word in words if len(word) > 2 and word not in _SMALL_WORDS)  # noqa: PLR2004
