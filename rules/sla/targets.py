"""Which promise a ticket is under: the row of `sla` that fits it best, and where rows overlap or leave a gap."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

from rules.calendars.durations import Duration
from rules.model.policy import Policy, Target
from rules.model.tickets import Priority
from rules.model.timers import ClockKind

WORKING_DAY = 8 * 3600
_USUAL = {ClockKind.FIRST_RESPONSE: "2h", ClockKind.RESOLUTION: "3d"}
CONDITIONS = ("customer", "company", "priority", "type", "channel", "team")


@dataclass(frozen=True, slots=True)
class Case:
    """What a promise may depend on. `step` is the step that now runs, `experts` the team that was asked."""

    type: str
    priority: Priority
    team: str
    customer: str = ""
    company: str = ""
    channel: str = ""
    step: str = ""
    experts: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """How long, by which calendar (its key; "" is day and night), and for which tickets, in words."""

    duration: Duration
    calendar: str
    because: str


def promised(policy: Policy, kind: ClockKind, case: Case) -> Promise | None:
    """What the most specific row that fits promises; None when no row that fits promises this kind.

    Of two rows with as many conditions the one with the weightier condition wins: customer, company, priority, type,
    channel, team, in this order; then the earlier row. For the experts' answer, `team` is the team that was asked. A
    step's own time, and a team's own answer time where no row speaks of it, stand in for a row.
    """
    if kind is ClockKind.EXPERT_ANSWER:
        case = replace(case, team=case.experts)
    calendar = policy.team(case.team).calendar
    if kind is ClockKind.STEP and (step := policy.type(case.type).step(case.step)) is not None and step.within:
        return Promise(step.within, calendar, f"step {step.name} of {policy.type(case.type).name}")
    fitting = (row for row in policy.sla if row.time(kind) is not None and fits(row, case))
    best = max(fitting, key=weight, default=None)
    if best is not None and (duration := best.time(kind)) is not None:
        return Promise(duration, best.calendar or calendar, conditions(best))
    if kind is ClockKind.EXPERT_ANSWER and case.experts:
        experts = policy.team(case.experts)
        return Promise(experts.answer_within, calendar, f"the answer time of {experts.name}")
    return None


def fits(row: Target, case: Case) -> bool:
    """Whether every condition of the row is met; names of customers are compared without their capitals."""
    return all(_same(getattr(row, name), getattr(case, name)) for name in CONDITIONS)


def weight(row: Target) -> tuple[int, ...]:
    """Rows compare by how many conditions they have, then by which."""
    told = tuple(int(getattr(row, name) is not None) for name in CONDITIONS)
    return sum(told), *told


def conditions(row: Target) -> str:
    """For which tickets the row is, in words."""
    told = [f"{name} {getattr(row, name)}" for name in CONDITIONS if getattr(row, name) is not None]
    return " and ".join(told) or "everything"


def overlaps(policy: Policy) -> list[str]:
    """Rows with as many conditions that fit the same tickets, where the one that counts is a surprise: the other
    never does, or promises less time."""
    numbered = list(enumerate(policy.sla, start=1))
    return [
        sentence
        for (one, row), (other, rival) in combinations(numbered, 2)
        for kind in ClockKind
        if (sentence := _overlap(kind, (one, row), (other, rival)))
    ]


def gaps(policy: Policy) -> list[str]:
    """For which types and priorities nothing is promised, one sentence for each kind."""
    return [sentence for kind in (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION) for sentence in _gap(policy, kind)]


def _overlap(kind: ClockKind, first: tuple[int, Target], second: tuple[int, Target]) -> str:
    (one, row), (other, rival) = first, second
    mine, theirs = row.time(kind), rival.time(kind)
    if mine is None or theirs is None or weight(row)[0] != weight(rival)[0] or not _meet(row, rival):
        return ""
    if weight(row) == weight(rival):
        return (
            f"sla row {other}: its {kind} never counts, for row {one} has the same conditions and stands first: "
            "keep one of the two."
        )
    wins, loses = ((one, row), (other, rival)) if weight(row) > weight(rival) else ((other, rival), (one, row))
    return _looser(kind, *wins, *loses)


def _looser(kind: ClockKind, one: int, row: Target, other: int, rival: Target) -> str:
    """Told where the row that counts gives more time than the other: only that is a surprise to anybody."""
    mine, theirs = row.time(kind), rival.time(kind)
    if mine is None or theirs is None or _length(mine) <= _length(theirs):
        return ""
    told = {name: getattr(row, name) or getattr(rival, name) for name in CONDITIONS}
    both = {name: value for name, value in told.items() if value is not None}
    counts, yields = next(_differing(row, rival))
    written = ", ".join(f"{name}: {value}" for name, value in both.items())
    return (
        f"sla rows {one} and {other}: a ticket of {' and '.join(f'{name} {value}' for name, value in both.items())} "
        f"fits both, and row {one} counts ({counts} weighs more than {yields}): its {kind} is {mine}, not {theirs}. "
        f"If that is not meant, add {{{written}, {kind}: {theirs}}}."
    )


def _differing(row: Target, rival: Target) -> Iterator[tuple[str, str]]:
    """The weightiest condition of each that the other does not have, the one that counts first."""
    mine = [name for name in CONDITIONS if getattr(row, name) is not None and getattr(rival, name) is None]
    theirs = [name for name in CONDITIONS if getattr(rival, name) is not None and getattr(row, name) is None]
    yield from zip(mine, theirs, strict=False)


def _length(duration: Duration) -> int:
    """To compare hours with days: a working day is taken for eight hours."""
    return duration.seconds or duration.days * WORKING_DAY


def _gap(policy: Policy, kind: ClockKind) -> Iterator[str]:
    """Types are named with the priorities that lack it; where all lack it, once for the desk."""
    bare = [
        (key, priority)
        for key, priority in product(policy.types, Priority)
        if promised(policy, kind, Case(key, priority, policy.type(key).team)) is None
    ]
    if not bare:
        return
    if len(bare) == len(policy.types) * len(Priority):
        yield f"sla: no ticket is promised a {kind}. {_remedy(kind)}"
        return
    lacking: dict[str, list[str]] = {}
    for key, priority in bare:
        lacking.setdefault(key, []).append(str(priority))
    for key, priorities in lacking.items():
        which = "" if len(priorities) == len(Priority) else f" and priority {' or '.join(priorities)}"
        yield f"sla: a ticket of type {key}{which} is promised no {kind}. {_remedy(kind)}"


def _remedy(kind: ClockKind) -> str:
    return f"Add it to a last row without conditions: {{{kind}: {_USUAL[kind]}}}."


def _meet(row: Target, rival: Target) -> bool:
    """Whether one ticket can fit both."""
    return all(
        getattr(row, name) is None
        or getattr(rival, name) is None
        or _same(getattr(row, name), str(getattr(rival, name)))
        for name in CONDITIONS
    )


def _same(wanted: str | None, found: str) -> bool:
    return wanted is None or wanted.casefold() == found.casefold()
