"""Who knows what: a lead's page of the team, one person's levels with the evidence, everybody who knows a type."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from handlers.assignment.cards.candidates import where
from handlers.people.cards.memberships import add, lately, role_of
from handlers.slack.blocks import (
    Block,
    Message,
    button,
    clip,
    context,
    field,
    form,
    line,
    moment,
    page,
    person,
    pick_date,
    section,
    select,
    text_input,
)
from handlers.slack.ids import Button, Form
from rules.model.people import Level, Skill
from rules.model.policy import Policy
from rules.people.memberships import Member
from rules.skills import CERTIFICATE_LIMIT, NONE, suggestion, words
from storage.schema.people import CompetenceChange
from storage.skills import Knower, Known

LEVELS = {NONE: "None", Level.LEARNING: "Is learning it", Level.CAN: "Can do it", Level.EXPERT: "Is an expert"}
LEAST = {Level.LEARNING: "learns it at least", Level.CAN: "can do it", Level.EXPERT: "is an expert"}
PLURALS = {Level.EXPERT: "Experts", Level.CAN: "Can do it", Level.LEARNING: "Are learning it"}
SOON = timedelta(days=30)
TYPES = 20  # four blocks each, and a form has a hundred
ROLES = 15
PEOPLE = 45
KNOWERS = 3

View = dict[str, Any]


def team_page(
    people: Mapping[str, Sequence[str]], policy: Policy, *, said: Mapping[str, Sequence[Member]] | None = None
) -> View:
    """Everybody of the teams that the reader leads, each with the way to what they know and are; and, for each team,
    what was said lately of who belongs to it."""
    content: list[Block] = []
    for key, members in people.items():
        team = policy.team(key)
        content += [section(f"*{line(team.name, 80)}*", accessory=add(team)), *lately((said or {}).get(key, ()))]
        for who in members[:PEOPLE]:
            knows = button("Skills, role…", Button.SKILLS, who, says="What this person knows, and their role")
            content.append(section(person(who), accessory=knows))
    return page("Team", content[:99] or [section("You lead no team here, so there is nobody to show.")])


def skills_form(known: Known, policy: Policy, *, led: Sequence[str] = ()) -> View:
    """One person's role in each team that the reader leads (`led`), and their levels by type, each with what the
    history says; nothing in it is changed by itself."""
    teams = [policy.team(key) for key in led if known.person in policy.team(key).people]
    roles = [role_of(team, known.person) for team in teams[:ROLES]]
    if not known.skills:
        none = section(f"{person(known.person)}'s teams work on no types yet: see `types:` in desk.yml.")
        return page("Skills", [*roles, none])
    head = section(f"What {person(known.person)} knows. What you say here counts before desk.yml.")
    content: list[Block] = [*roles, head]
    for key, skill in list(known.skills.items())[:TYPES]:
        content += _fields(key, skill, known, policy)
    more = len(known.skills) - TYPES
    if more > 0:
        content.append(context(f"and {more} more types: `/desk skill @… TYPE LEVEL`"))
    return form(Form.SKILLS, f"Skills: {clip(known.name, 16)}", content, submit="Keep", about=known.person)


def skills(known: Known, policy: Policy, *, just_said: str = "") -> Message:
    """The answer to `/desk skill @ana`, for their lead."""
    head = f"✓ {just_said}" if just_said else f"What {person(known.person)} knows"
    rows = [
        f"*{_type(policy, key)}*: {level_of(skill, known.day)}\n{_told(known, key)}"
        for key, skill in known.skills.items()
    ]
    content = [section(head), *(section(row) for row in rows[:TYPES])]
    changes = [_change(one, policy) for one in known.changes]
    if changes:
        content.append(context(*changes))
    return Message(f"{head}.", content)


def knowing(
    found: Sequence[Knower], type_key: str, policy: Policy, *, day: date, zone: str, whole: bool
) -> list[Block]:
    """Everybody who knows the type, by level; nothing where nobody's level is known and none is needed.

    `whole` tells where each is, what they hold and until when it counts: that is for people of the desk.
    """
    rows = []
    for level, plural in PLURALS.items():
        those = [_knower(one, day, zone) if whole else person(one.person) for one in found if one.skill.level is level]
        more = f" · the first {KNOWERS} of {len(those)}" if len(those) > KNOWERS else ""
        rows += [f"*{plural}*{more}", *those[:KNOWERS]] if those else []
    if rows:
        return [section("\n".join(rows))]
    needs = policy.type(type_key).needs
    if needs is None:
        return []
    return [section(f"⚠️ It needs somebody who {LEAST[needs]}, and has nobody. A lead says who: `/desk skill`.")]


def level_of(skill: Skill | None, day: date) -> str:
    """A level in words, with its certificate and whether that runs out."""
    if skill is None:
        return "no level"
    parts = [LEVELS[skill.level].lower()]
    if skill.certificate:
        parts.append(f"certificate {line(skill.certificate, 80)}")
    if skill.until is not None:
        parts.append(_until(skill.until, day))
    return ", ".join(parts)


def _fields(key: str, skill: Skill | None, known: Known, policy: Policy) -> list[Block]:
    options = [(words, str(level)) for level, words in LEVELS.items()]
    level = select(f"level:{key}", options, chosen=str(skill.level) if skill else NONE)
    certificate = text_input(f"certificate:{key}", initial=skill.certificate if skill else "", limit=CERTIFICATE_LIMIT)
    until = pick_date(f"until:{key}", chosen=skill.until if skill else None)
    return [
        section(f"*{_type(policy, key)}*\n{_told(known, key)}"),
        field(f"Level in {policy.type(key).name}", level),
        field("Certificate", certificate, optional=True),
        field("Counts until", until, optional=True, hint="The last day; empty for a level that does not run out."),
    ]


def _told(known: Known, key: str) -> str:
    found, skill = known.evidence[key], known.skills[key]
    level = skill.level if skill is not None and skill.counts_on(known.day) else None
    asks = suggestion(found, level)
    return words(found) + (f"\n💡 {asks}" if asks else "")


def _change(change: CompetenceChange, policy: Policy) -> str:
    was, now = ((one or {}).get("level") or NONE for one in (change.was, change.now))
    kind = _type(policy, change.type)
    return f"{person(change.by)} said {moment(change.at)}: {kind} {line(now)}, before {line(was)}"


def _knower(one: Knower, day: date, zone: str) -> str:
    parts = [where(one.presence, zone), f"{one.open} open", f"{one.minutes} min of work"]
    if one.skill.until is not None:
        name = f"certificate {line(one.skill.certificate, 80)} ".replace("  ", " ") if one.skill.certificate else ""
        parts.append(f"{name}{_until(one.skill.until, day)}")
    return f"{person(one.person)} · {' · '.join(parts)}"


def _until(until: date, day: date) -> str:
    if until < day:
        return f"⚠️ ran out on {until}"
    return f"⚠️ runs out on {until}" if until - day <= SOON else f"until {until}"


def _type(policy: Policy, key: str) -> str:
    return line(policy.type(key).name, 80)
