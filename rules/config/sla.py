"""What the desk's description promises: rows of `sla`, warnings, pauses, how alerts behave, companies and people."""

from collections.abc import Collection, Mapping
from typing import Any

from rules.calendars.durations import Duration, parse_duration
from rules.config.validation import Part, channel, kind_of, one_of, person, short_text
from rules.errors import Refused
from rules.model.policy import DEFAULT_PAUSES, AlertSettings, Company, Policy, SlaRule, WarningPoint
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerKind

MOST_WARNINGS = 9
_HELD = (Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING, Status.ESCALATED)
_PAUSABLE = (TimerKind.FIRST_RESPONSE, TimerKind.NEXT_RESPONSE, TimerKind.STEP, TimerKind.RESOLUTION)


def read_target(
    row: Part,
    *,
    types: Collection[str],
    teams: Collection[str],
    companies: Collection[str],
    calendars: Collection[str],
) -> SlaRule:
    """One row of `sla`; a fault where it promises nothing."""
    row.only(*TimerKind, "type", "priority", "team", "customer", "company", "channel", "calendar")
    if not any(row.plain.get(kind) for kind in TimerKind):
        row.fault("promises nothing: write first_response: 2h, resolution: 3d, or both.")
    times = {str(kind): row.parsed(kind, parse_duration, None) for kind in TimerKind}
    return SlaRule(
        **times,
        type=row.reference("type", types, "types") or None,
        priority=row.parsed("priority", read_priority, None),
        team=row.reference("team", teams, "teams") or None,
        customer=row.text("customer") or None,
        company=row.reference("company", companies, "companies") or None,
        channel=row.parsed("channel", channel, None),
        calendar=row.reference("calendar", calendars, "calendars"),
    )


def read_priority(word: str) -> Priority:
    return Priority(one_of(word, tuple(Priority), "priority", "the priorities"))


def read_warnings(desk: Part) -> tuple[WarningPoint, ...]:
    """Shares of the promised time that are used, in their order, then open time that is left (30m)."""
    if "warn_at" not in desk.plain:
        return Policy().warn_at
    found = [_warning(desk, index, value) for index, value in enumerate(desk.items("warn_at"))]
    shares = sorted({one for one in found if isinstance(one, float) and one})
    spans = sorted({one for one in found if isinstance(one, Duration)}, key=lambda one: -one.seconds)
    if len(shares) + len(spans) < len(found) and all(found):
        desk.fault("`warn_at` names a warning twice: keep one.", "warn_at")
    if len(found) > MOST_WARNINGS:
        desk.fault(f"`warn_at` has more than {MOST_WARNINGS} warnings: keep those that someone acts on.", "warn_at")
    return (*shares, *spans)


def read_pauses(desk: Part) -> Mapping[TimerKind, frozenset[Status]]:
    """Which clocks stand still in which state, from `pause_while: {waiting: [resolution, step]}`."""
    if "pause_while" not in desk.plain:
        return DEFAULT_PAUSES
    part, found = desk.inner("pause_while", ""), dict.fromkeys(_PAUSABLE, frozenset[Status]())
    for state in part.plain:
        try:
            status = Status(one_of(str(state), _HELD, "state", "the states of an open ticket"))
        except Refused as error:
            part.fault(f"pause_while: {error}", state)
            continue
        for kind in part.all_parsed(state, lambda word: one_of(word, _PAUSABLE, "clock", "the clocks that pause")):
            found[TimerKind(kind)] |= {status}
    return found


def read_alerting(desk: Part) -> AlertSettings:
    """`alerts:`, each part as it is where it is not named."""
    part, usual = desk.inner("alerts", "alerts"), AlertSettings()
    part.only("climb_after", "at_once", "per_hour", "extend_freely")
    return AlertSettings(
        escalate_after=part.parsed("climb_after", parse_duration, usual.escalate_after),
        group_above=part.number("at_once", usual.group_above, least=1, most=50),
        messages_per_hour=part.number("per_hour", usual.messages_per_hour, least=1, most=1000),
        free_extension=part.parsed("extend_freely", parse_duration, usual.free_extension),
    )


def read_company(key: str, part: Part) -> Company:
    part.only("name", "customers", "people", "channels")
    return Company(
        key=key,
        name=part.text("name", key),
        customers=part.all_parsed("customers", lambda words: short_text(words, "customers")),
        people=part.all_parsed("people", person),
        channels=part.all_parsed("channels", channel),
    )


def _warning(desk: Part, index: int, value: object) -> WarningPoint:
    """A share from 50% or 0.5, or a span of open time from 30m; 0 with a fault where it is neither."""
    share = share_of(value)
    if share is not None and 0 < share < 1:
        return share
    if isinstance(value, str) and not value.endswith("%") and value[-1:] in "hms":
        try:
            return parse_duration(value)
        except Refused:
            pass
    sentence = f"warn_at: {quoted(value)} is no warning: write a share of the promised time, 50%, or what is left, 30m."
    desk.fault(sentence, "warn_at", index)
    return 0.0


def share_of(value: object) -> float | None:
    """0.5 from 50% or 0.5; None for anything else."""
    try:
        share: Any = float(value[:-1]) / 100 if isinstance(value, str) and value.endswith("%") else value
    except ValueError:
        return None
    return float(share) if isinstance(share, int | float) and not isinstance(share, bool) else None


def quoted(value: object) -> str:
    return f"`{value}`" if isinstance(value, str | int | float) else kind_of(value)
