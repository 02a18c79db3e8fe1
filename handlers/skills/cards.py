"""Skills: a lead's team page, one person's levels with the evidence, everyone skilled in a type."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from handlers.assignment.cards.candidates import presence_in_zone
from handlers.people.cards.memberships import add_person_button, recent_changes, role_row
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import clip, escape_line, local_time, mention
from rules.model.people import Skill, SkillLevel
from rules.model.policy import Policy
from rules.people.memberships import TeamMembership
from rules.skills import MAX_CERTIFICATE_LENGTH, NO_SKILL, evidence_text, level_question
from storage.schema.people import SkillChange
from storage.skills import PersonSkills, SkilledPerson

LEVEL_OPTIONS = {
    NO_SKILL: "None",
    SkillLevel.LEARNING: "Is learning it",
    SkillLevel.CAN: "Can do it",
    SkillLevel.EXPERT: "Is an expert",
}
NEEDED_LEVEL_TEXTS = {
    SkillLevel.LEARNING: "learns it at least",
    SkillLevel.CAN: "can do it",
    SkillLevel.EXPERT: "is an expert",
}
LEVEL_HEADINGS = {SkillLevel.EXPERT: "Experts", SkillLevel.CAN: "Can do it", SkillLevel.LEARNING: "Are learning it"}
EXPIRES_SOON = timedelta(days=30)
TYPES_SHOWN = 20  # of at most four blocks each; a form has a hundred
ROLES_SHOWN = 15
PEOPLE_SHOWN = 45
LAST_DAY_HINT = "The last day; empty for a level that does not run out."
SKILLED_PEOPLE_SHOWN = 3


def team_page(
    people: Mapping[str, Sequence[str]],
    policy: Policy,
    *,
    changes: Mapping[str, Sequence[TeamMembership]] | None = None,
) -> Modal:
    """Every person of the teams that the viewer leads, and the latest membership changes of each team."""
    content: list[Block] = []
    for key, members in people.items():
        team = policy.team(key)
        content += [
            blocks.section(f"*{blocks.name_of(team)}*", accessory=add_person_button(team)),
            *recent_changes((changes or {}).get(key, ())),
        ]
        for who in members[:PEOPLE_SHOWN]:
            spoken = "What this person knows, and their role"
            knows = blocks.button("Skills, role…", Button.PERSON_SKILLS, who, spoken=spoken)
            content.append(blocks.section(mention(who), accessory=knows))
    nobody = blocks.section("You lead no team here, so there is nobody to show.")
    return blocks.page_modal("Team", content[:99] or [nobody])


def skills_form(profile: PersonSkills, policy: Policy, *, led: Sequence[str] = ()) -> Modal:
    """The person's role in each team of `led`, and their level for each type beside the evidence of the history."""
    teams = [policy.team(key) for key in led if profile.person in policy.team(key).people]
    roles = [role_row(team, profile.person) for team in teams[:ROLES_SHOWN]]
    if not profile.skills:
        none = f"{mention(profile.person)}'s teams work on no types yet: see `types:` in desk.yml."
        return blocks.page_modal("Skills", [*roles, blocks.section(none)])
    head = blocks.section(f"What {mention(profile.person)} knows. What you say here counts before desk.yml.")
    content: list[Block] = [*roles, head]
    for key, skill in list(profile.skills.items())[:TYPES_SHOWN]:
        content += _type_fields(key, skill, profile, policy)
    more = len(profile.skills) - TYPES_SHOWN
    if more > 0:
        content.append(blocks.context(f"and {more} more types: `/desk skill @… TYPE LEVEL`"))
    title = f"Skills: {clip(profile.name, 16)}"
    return blocks.form_modal(Form.SKILLS, title, content, submit="Keep", metadata=profile.person)


def skills_message(profile: PersonSkills, policy: Policy, *, just_said: str = "") -> Message:
    head = f"✓ {just_said}" if just_said else f"What {mention(profile.person)} knows"
    rows = [
        f"*{_type_name(policy, key)}*: {level_text(skill, profile.day)}\n{_evidence_text(profile, key)}"
        for key, skill in profile.skills.items()
    ]
    content = [blocks.section(head), *(blocks.section(row) for row in rows[:TYPES_SHOWN])]
    changes = [_change_text(one, policy) for one in profile.changes]
    if changes:
        content.append(blocks.context(*changes))
    return Message(f"{head}.", content)


def skilled_people(
    people: Sequence[SkilledPerson], type_key: str, policy: Policy, *, day: date, zone: str, with_details: bool
) -> list[Block]:
    """Everyone skilled in the type, by level; empty where no level is known and none is needed.

    `with_details` adds presence, workload and expiry, which only people of the desk may read.
    """
    rows = []
    for level, plural in LEVEL_HEADINGS.items():
        of_level = [one for one in people if one.skill.level is level]
        those = [_skilled_person(one, day, zone) if with_details else mention(one.person) for one in of_level]
        more = f" · the first {SKILLED_PEOPLE_SHOWN} of {len(those)}" if len(those) > SKILLED_PEOPLE_SHOWN else ""
        rows += [f"*{plural}*{more}", *those[:SKILLED_PEOPLE_SHOWN]] if those else []
    if rows:
        return [blocks.section("\n".join(rows))]
    needs = policy.type(type_key).required_level
    if needs is None:
        return []
    words = f"⚠️ It needs somebody who {NEEDED_LEVEL_TEXTS[needs]}, and has nobody. A lead says who: `/desk skill`."
    return [blocks.section(words)]


def level_text(skill: Skill | None, day: date) -> str:
    if skill is None:
        return "no level"
    parts = [LEVEL_OPTIONS[skill.level].lower()]
    if skill.certificate:
        parts.append(f"certificate {escape_line(skill.certificate, 80)}")
    if skill.valid_until is not None:
        parts.append(_expiry_text(skill.valid_until, day))
    return ", ".join(parts)


def _type_fields(key: str, skill: Skill | None, profile: PersonSkills, policy: Policy) -> list[Block]:
    options = [(words, str(level)) for level, words in LEVEL_OPTIONS.items()]
    level = blocks.select(f"level:{key}", options, chosen=str(skill.level) if skill else NO_SKILL)
    initial = skill.certificate if skill else ""
    certificate = blocks.text_input(f"certificate:{key}", initial=initial, limit=MAX_CERTIFICATE_LENGTH)
    until = blocks.date_picker(f"until:{key}", chosen=skill.valid_until if skill else None)
    return [
        blocks.section(f"*{_type_name(policy, key)}*\n{_evidence_text(profile, key)}"),
        blocks.input_field(f"Level in {policy.type(key).name}", level),
        blocks.input_field("Certificate", certificate, optional=True),
        blocks.input_field("Counts until", until, optional=True, hint=LAST_DAY_HINT),
    ]


def _evidence_text(profile: PersonSkills, key: str) -> str:
    evidence, skill = profile.evidence[key], profile.skills[key]
    level = skill.level if skill is not None and skill.is_valid_on(profile.day) else None
    asks = level_question(evidence, level)
    return evidence_text(evidence) + (f"\n💡 {asks}" if asks else "")


def _change_text(change: SkillChange, policy: Policy) -> str:
    was, now = ((one or {}).get("level") or NO_SKILL for one in (change.was, change.now))
    kind = _type_name(policy, change.type)
    return f"{mention(change.by)} said {local_time(change.at)}: {kind} {escape_line(now)}, before {escape_line(was)}"


def _skilled_person(one: SkilledPerson, day: date, zone: str) -> str:
    parts = [presence_in_zone(one.presence, zone), f"{one.open_count} open", f"{one.workload_minutes} min of work"]
    if one.skill.valid_until is not None:
        name = f"certificate {escape_line(one.skill.certificate, 80)} " if one.skill.certificate else ""
        parts.append(f"{name}{_expiry_text(one.skill.valid_until, day)}")
    return f"{mention(one.person)} · {' · '.join(parts)}"


def _expiry_text(until: date, day: date) -> str:
    if until < day:
        return f"⚠️ ran out on {until}"
    return f"⚠️ runs out on {until}" if until - day <= EXPIRES_SOON else f"until {until}"


def _type_name(policy: Policy, key: str) -> str:
    return blocks.name_of(policy.type(key))
