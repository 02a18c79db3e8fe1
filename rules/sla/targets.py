"""Which SLA target a ticket has, and where SLA rules overlap or leave tickets without one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from rules.calendars.durations import Duration, duration_text
from rules.model.policy import SLA_CONDITIONS, Policy, SlaRule
from rules.model.tickets import Priority
from rules.model.timers import TimerKind
from rules.text import Code, Text, _, join_texts

WORKING_DAY_SECONDS = 8 * 3600
EVERY_TICKET = "everything"  # stored, for a rule without conditions
_SUGGESTED_TIMES = {TimerKind.FIRST_RESPONSE: "2h", TimerKind.RESOLUTION: "3d"}


@dataclass(frozen=True, slots=True)
class SlaCase:
    """What SLA rules look at. `step` is the step that runs now, `expert_team` the team that was asked."""

    type: str
    priority: Priority
    team: str
    customer: str = ""
    company: str = ""
    channel: str = ""
    step: str = ""
    expert_team: str = ""


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """How long, by which calendar (its key; "" is day and night), and for which tickets, as a text."""

    duration: Duration
    calendar: str
    conditions_text: str


def find_target(policy: Policy, kind: TimerKind, case: SlaCase) -> SlaTarget | None:
    """The target by the most specific matching rule; None when no matching rule sets this kind.

    Of two rules with as many conditions the one with the weightier condition wins: customer, company, priority, type,
    channel, team, in this order; then the earlier rule. For the experts' answer, `team` is the expert team. A step's
    own time limit, and the expert team's answer time where no rule sets one, count like a rule.
    """
    if kind is TimerKind.EXPERT_ANSWER:
        case = replace(case, team=case.expert_team)
    calendar = policy.team(case.team).calendar
    if kind is TimerKind.STEP and (step := policy.type(case.type).find_step(case.step)) is not None and step.time_limit:
        return SlaTarget(step.time_limit, calendar, f"step {step.name} of {policy.type(case.type).name}")
    fitting = (row for row in policy.sla_rules if row.duration_for(kind) is not None and rule_applies(row, case))
    best = max(fitting, key=rule_weight, default=None)
    if best is not None and (duration := best.duration_for(kind)) is not None:
        return SlaTarget(duration, best.calendar or calendar, describe_conditions(best))
    if kind is TimerKind.EXPERT_ANSWER and case.expert_team:
        experts = policy.team(case.expert_team)
        return SlaTarget(experts.answer_within, calendar, f"the answer time of {experts.name}")
    return None


def rule_applies(rule: SlaRule, case: SlaCase) -> bool:
    return all(getattr(case, name).casefold() == wanted for name, wanted in rule.conditions)


def rule_weight(rule: SlaRule) -> tuple[int, ...]:
    """The key by which rules compare: how many conditions they have, then which."""
    conditions = dict(rule.conditions)
    return len(conditions), *(int(name in conditions) for name in SLA_CONDITIONS)


def describe_conditions(rule: SlaRule) -> str:
    parts = [f"{name} {getattr(rule, name)}" for name in SLA_CONDITIONS if getattr(rule, name) is not None]
    return " and ".join(parts) or EVERY_TICKET


def overlap_warnings(policy: Policy) -> list[Text]:
    """Of rules with as many conditions for the same tickets: one never counts, or the looser one counts."""
    cases = product(combinations(enumerate(policy.sla_rules, start=1), 2), TimerKind)
    return [sentence for rows, kind in cases if (sentence := _overlap_warning(kind, *rows)) is not None]


def missing_target_warnings(policy: Policy) -> list[Text]:
    kinds = (TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION)
    return [sentence for kind in kinds for sentence in _missing_targets(policy, kind)]


def _overlap_warning(kind: TimerKind, first: tuple[int, SlaRule], second: tuple[int, SlaRule]) -> Text | None:
    (one, row), (other, rival) = first, second
    weight, rival_weight = rule_weight(row), rule_weight(rival)
    both_set_it = row.duration_for(kind) is not None and rival.duration_for(kind) is not None
    if not both_set_it or weight[0] != rival_weight[0] or not _can_both_apply(row, rival):
        return None
    if weight == rival_weight:
        return _(
            "SLA row {other}: its {kind} never applies, as row {one} has the same conditions and comes first. "
            "Keep one of the two.",
            other=other,
            kind=Code(kind),
            one=one,
        )
    wins, loses = (first, second) if weight > rival_weight else (second, first)
    return _looser_rule_warning(kind, *wins, *loses)


def _looser_rule_warning(kind: TimerKind, one: int, rule: SlaRule, other: int, rival: SlaRule) -> Text | None:
    time, rival_time = rule.duration_for(kind), rival.duration_for(kind)
    if time is None or rival_time is None or _comparable_seconds(time) <= _comparable_seconds(rival_time):
        return None
    values = {name: getattr(rule, name) or getattr(rival, name) for name in SLA_CONDITIONS}
    shared = {name: value for name, value in values.items() if value is not None}
    counts, yields = next(_deciding_conditions(rule, rival))
    written = ", ".join(f"{name}: {value}" for name, value in shared.items())
    return _(
        "SLA rows {one} and {other} both match a ticket of {conditions}, and row {one} applies ({stronger} weighs more "
        "than {weaker}): its {kind} is {time}, not {other_time}. If that is not intended, add {row}.",
        one=one,
        other=other,
        conditions=written,
        stronger=Code(counts),
        weaker=Code(yields),
        kind=Code(kind),
        time=duration_text(time),
        other_time=duration_text(rival_time),
        row=Code(f"{{{written}, {kind}: {rival_time}}}"),
    )


def _deciding_conditions(rule: SlaRule, rival: SlaRule) -> Iterator[tuple[str, str]]:
    """The weightiest condition of each that the other does not have, the one that counts first."""
    own = [name for name in SLA_CONDITIONS if getattr(rule, name) is not None and getattr(rival, name) is None]
    others = [name for name in SLA_CONDITIONS if getattr(rival, name) is not None and getattr(rule, name) is None]
    yield from zip(own, others, strict=False)


def _comparable_seconds(duration: Duration) -> int:
    """Makes hours and days comparable: a working day is taken as eight hours."""
    return duration.seconds or duration.days * WORKING_DAY_SECONDS


def _missing_targets(policy: Policy, kind: TimerKind) -> Iterator[Text]:
    """Names types with the priorities that lack the target; one warning for the desk where all lack it."""
    cases = (SlaCase(key, priority, policy.type(key).team) for key, priority in product(policy.types, Priority))
    bare = [case for case in cases if find_target(policy, kind, case) is None]
    if not bare:
        return
    if len(bare) == len(policy.types) * len(Priority):
        yield join_texts([_("No SLA row sets {kind}.", kind=Code(kind)), _remedy(kind)])
        return
    lacking: dict[str, list[str]] = {}
    for case in bare:
        lacking.setdefault(case.type, []).append(str(case.priority))
    for key, priorities in lacking.items():
        yield join_texts([_missing_text(kind, key, priorities), _remedy(kind)])


def _missing_text(kind: TimerKind, key: str, priorities: Sequence[str]) -> Text:
    if len(priorities) == len(Priority):
        return _("No SLA row sets {kind} for type {type}.", kind=Code(kind), type=Code(key))
    listed = ", ".join(priorities)
    return _(
        "No SLA row sets {kind} for type {type} with priority {priorities}.",
        kind=Code(kind),
        type=Code(key),
        priorities=listed,
    )


def _remedy(kind: TimerKind) -> Text:
    row = Code(f"{{{kind}: {_SUGGESTED_TIMES[kind]}}}")
    return _("Add it to a last row without conditions: {row}.", row=row)


def _can_both_apply(rule: SlaRule, rival: SlaRule) -> bool:
    pairs = ((getattr(rule, name), getattr(rival, name)) for name in SLA_CONDITIONS)
    return all(other is None or _condition_holds(one, str(other)) for one, other in pairs)


def _condition_holds(wanted: str | None, found: str) -> bool:
    return wanted is None or wanted.casefold() == found.casefold()
