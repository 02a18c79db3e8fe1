"""The desk's own description, read strictly: a policy, or every fault with its place and remedy."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rules.description_calendars import clock, read_calendar
from rules.description_checks import DescriptionError, Part, channel, kind_of, one_of, person
from rules.durations import Duration, parse_duration
from rules.policy import Line, Policy, Target, Team, TicketType
from rules.sla import ClockKind
from rules.tickets import Priority

SECTIONS = ("calendars", "teams", "managers", "observers", "admins", "types", "sla", "warn_at")
MOST_WARNINGS = 9
_NAMED = (("calendars", "Calendar"), ("teams", "Team"), ("types", "Type"))
_LISTED = (("managers", "Managers"), ("observers", "Observers"), ("admins", "Admins"))


def read_policy(plain: Mapping[str, Any]) -> Policy:
    """The policy that the description says, or DescriptionError with all that is wrong in it."""
    desk = Part(plain).only(*SECTIONS)
    desk.missing("teams", "a desk needs at least one team")
    desk.missing("types", "a ticket needs a type to be filed under")
    calendars = desk.entries("calendars", "calendar")
    teams = desk.entries("teams", "team")
    types = desk.entries("types", "type")
    policy = Policy(
        calendars={key: calendar for key, part in calendars.items() if (calendar := read_calendar(part))},
        teams={key: _team(key, part, calendars=calendars, types=types) for key, part in teams.items()},
        types={key: _type(key, part, teams=teams) for key, part in types.items()},
        sla=tuple(_target(row, types=types, teams=teams) for row in desk.rows("sla", "sla row")),
        warn_at=_shares(desk) if "warn_at" in plain else Policy().warn_at,
        managers=frozenset(desk.all_parsed("managers", person)),
        observers=frozenset(desk.all_parsed("observers", person)),
        admins=frozenset(desk.all_parsed("admins", person)),
    )
    _own_channels(desk, policy)
    if desk.problems:
        raise DescriptionError(tuple(desk.problems))
    return policy


def warnings(policy: Policy) -> tuple[str, ...]:
    """What may be meant but probably is not: tickets without a due time, and rows that never apply."""
    return (*_unpromised(policy), *_never_applied(policy))


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing that differs; none when nothing does. Both are descriptions that were read."""
    old = before or {}
    return [
        *(line for key, kind in _NAMED for line in _section(kind, old.get(key) or {}, after.get(key) or {})),
        *(line for key, name in _LISTED for line in _field(name, old.get(key), after.get(key) or [])),
        *_promises(old.get("sla") or [], after.get("sla") or []),
        *_field("Warnings", old.get("warn_at"), after.get("warn_at")),
    ]


def _team(key: str, part: Part, *, calendars: Collection[str], types: Collection[str]) -> Team:
    part.only(
        "name", "line", "channel", "calendar", "leads", "agents", "experts", "handles", "summary_at", "answer_within"
    )
    part.missing("channel", "write the id of the team's Slack channel")
    team = Team(
        key=key,
        name=part.text("name", key),
        line=part.parsed("line", lambda word: Line(one_of(word, tuple(Line), "line", "the lines")), Line.FIRST),
        channel=part.parsed("channel", channel, ""),
        calendar=part.reference("calendar", calendars, "calendars"),
        leads=part.all_parsed("leads", person),
        agents=part.all_parsed("agents", person),
        experts=part.all_parsed("experts", person),
        handles=part.all_parsed("handles", lambda word: one_of(word, types, "type", "the types here")),
        summary_at=part.parsed("summary_at", clock, None),
        answer_within=part.parsed("answer_within", parse_duration, Team(key, key).answer_within),
    )
    if team.line is Line.EXPERT and not part.plain.get("experts"):
        part.fault("a team of experts needs people: write experts: [U0EXPERT1].")
    if team.line is Line.FIRST and not (part.plain.get("agents") or part.plain.get("leads")):
        part.fault("a first line needs people: write agents: [U0AGENT1] or leads: [U0LEAD1].")
    return team


def _type(key: str, part: Part, *, teams: Mapping[str, Part]) -> TicketType:
    part.only("name", "team", "experts", "priority")
    part.missing("team", "write the team that takes tickets of this type")
    experts = part.reference("experts", teams, "teams")
    if experts and teams[experts].plain.get("line") != Line.EXPERT:
        part.fault(f"experts `{experts}` is not a team of experts: give that team line: expert.", "experts")
    return TicketType(
        key=key,
        name=part.text("name", key),
        team=part.reference("team", teams, "teams"),
        experts=experts or None,
        priority=part.parsed("priority", _priority, Priority.NORMAL),
    )


def _target(row: Part, *, types: Collection[str], teams: Collection[str]) -> Target:
    row.only(*ClockKind, "type", "priority", "team")
    if not any(row.plain.get(kind) for kind in ClockKind):
        row.fault("promises nothing: write first_response: 2h, resolution: 3d, or both.")
    return Target(
        first_response=row.parsed("first_response", parse_duration, None),
        resolution=row.parsed("resolution", parse_duration, None),
        type=row.reference("type", types, "types") or None,
        priority=row.parsed("priority", _priority, None),
        team=row.reference("team", teams, "teams") or None,
    )


def _priority(word: str) -> Priority:
    return Priority(one_of(word, tuple(Priority), "priority", "the priorities"))


def _shares(desk: Part) -> tuple[float, ...]:
    found = [_share(desk, index, value) for index, value in enumerate(desk.items("warn_at"))]
    shares = sorted({share for share in found if share})
    if len(shares) < len(found) and all(found):
        desk.fault("`warn_at` names a share twice: keep one.", "warn_at")
    if len(shares) > MOST_WARNINGS:
        desk.fault(f"`warn_at` has more than {MOST_WARNINGS} warnings: keep those that someone acts on.", "warn_at")
    return tuple(shares)


def _share(desk: Part, index: int, value: object) -> float:
    """A share of the promised time, from 50% or 0.5; 0 with a fault where it is neither."""
    try:
        share = float(value[:-1]) / 100 if isinstance(value, str) and value.endswith("%") else value
    except ValueError:
        share = None
    if isinstance(share, float) and 0 < share < 1:
        return share
    said = f"`{value}`" if isinstance(value, str | int | float) else kind_of(value)
    desk.fault(f"warn_at: {said} is not a share of the promised time: write 50% or 0.5.", "warn_at", index)
    return 0


def _own_channels(desk: Part, policy: Policy) -> None:
    owners: dict[str, str] = {}
    for key, team in policy.teams.items():
        owner = owners.setdefault(team.channel, key)
        if team.channel and owner != key:
            sentence = f"team {key}: channel {team.channel} is team {owner}'s already: each team needs its own."
            desk.fault(sentence, "teams", key, "channel")


def _unpromised(policy: Policy) -> list[str]:
    general = [row for row in policy.sla if (row.type, row.priority, row.team) == (None, None, None)]
    missing = [kind for kind in ClockKind if not any(_promise(row, kind) for row in general)]
    return [
        f"sla: tickets that fit no row have no {kind} time; a last row without conditions promises it to all."
        for kind in missing
    ]


def _never_applied(policy: Policy) -> list[str]:
    sentences = []
    for number, row in enumerate(policy.sla, start=1):
        same = (row.type, row.priority, row.team)
        for kind in ClockKind:
            earlier = (other for other in policy.sla[: number - 1] if (other.type, other.priority, other.team) == same)
            if _promise(row, kind) and any(_promise(other, kind) for other in earlier):
                sentences.append(f"sla row {number}: its {kind} never applies, an earlier row has the same conditions.")
    return sentences


def _promise(row: Target, kind: ClockKind) -> Duration | None:
    return row.first_response if kind is ClockKind.FIRST_RESPONSE else row.resolution


def _section(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in _keys(old, new):
        entry = new.get(key) or old.get(key) or {}
        name = f"{kind} {entry.get('name', key)}"
        if key not in old:
            yield f"{name} is new"
        elif key not in new:
            yield f"{name} is removed"
        else:
            for each in _keys(old[key], new[key]):
                yield from _field(f"{name}: {each}", old[key].get(each), new[key].get(each))


def _field(name: str, old: object, new: object) -> Iterator[str]:
    if isinstance(new, list | tuple) and (old is None or isinstance(old, list | tuple)):
        yield from _list(name, old or (), new)
    elif old != new:
        yield f"{name} {_said(old)} → {_said(new)}"


def _list(name: str, old: Sequence[object], new: Sequence[object]) -> Iterator[str]:
    signs = [f"+ {_said(each)}" for each in new if each not in old] + [
        f"- {_said(each)}" for each in old if each not in new
    ]
    if signs:
        yield f"{name} {', '.join(signs)}"
    elif list(old) != list(new):
        yield f"{name} in another order"


def _promises(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return _list("Promises", [_row(row) for row in old], [_row(row) for row in new])


def _row(row: Mapping[str, Any]) -> str:
    fits = " and ".join(f"{key} {row[key]}" for key in ("priority", "type", "team") if row.get(key)) or "everything"
    times = ", ".join(f"{key} {row[key]}" for key in ("first_response", "resolution") if row.get(key))
    return f"{fits} ({times})"


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys((*old, *new)))


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_said(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(each) for each in value)
    return "nothing" if value is None else str(value)
