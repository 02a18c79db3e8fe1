"""Skills: a lead's team page, one person's levels with the evidence, everyone skilled in a type."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from handlers.assignment.cards.candidates import presence_in_zone
from handlers.people.cards.memberships import add_person_button, recent_changes, role_row
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, clip, escape_line, join, mention, render
from rules.model.people import Skill, SkillLevel
from rules.model.policy import Policy
from rules.people.memberships import TeamMembership
from rules.skills import MAX_CERTIFICATE_LENGTH, NO_SKILL, evidence_text, level_suggestion
from rules.text import Code, Day, Moment, Person, Text, WorkTime, _, join_texts, ngettext
from storage.schema.people import SkillChange
from storage.skills import PersonSkills, SkilledPerson

LEVEL_OPTIONS: dict[str, Text] = {
    NO_SKILL: _("None"),
    SkillLevel.LEARNING: _("Learning"),
    SkillLevel.CAN: _("Can do it"),
    SkillLevel.EXPERT: _("Expert"),
}
LEVEL_HEADINGS = {SkillLevel.EXPERT: _("Experts"), SkillLevel.CAN: _("Can do it"), SkillLevel.LEARNING: _("Learning")}
EXPIRES_SOON = timedelta(days=30)
TYPES_SHOWN = 20  # of at most four blocks each; a form has a hundred
PAGE_BLOCKS = 98  # Slack's hundred, and room for what says that there are more
ROLES_SHOWN = 15
LAST_DAY_HINT = _("The last valid day. Leave empty if it never expires.")
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
            blocks.section(bold(blocks.name_of(team)), accessory=add_person_button(team)),
            *recent_changes((changes or {}).get(key, ())),
        ]
        for who in members:
            spoken = _("Skills and role of this person")
            edit = blocks.button(_("Skills, role…"), Button.PERSON_SKILLS, who, spoken=spoken)
            content.append(blocks.section(mention(who), accessory=edit))
    if len(content) > PAGE_BLOCKS:
        content[PAGE_BLOCKS:] = [
            blocks.context(_("Not everybody fits here. For others write {command}.", command=_EXAMPLE))
        ]
    return blocks.page_modal(_("Team"), content or [blocks.section(_("You lead no team here."))])


_EXAMPLE = Code("/desk skill @ana network expert")


def skills_form(profile: PersonSkills, policy: Policy, *, led: Sequence[str] = ()) -> Modal:
    """The person's role in each team of `led`, and their level for each type beside the evidence of the history."""
    teams = [policy.team(key) for key in led if profile.person in policy.team(key).people]
    roles = [role_row(team, profile.person) for team in teams[:ROLES_SHOWN]]
    roles += blocks.more_context(len(teams) - ROLES_SHOWN)
    person = Person(profile.person)
    if not profile.skills:
        none = _(
            "The teams of {person} handle no ticket types yet: see {key} in desk.yml.",
            person=person,
            key=Code("types:"),
        )
        return blocks.page_modal(_("Skills"), [*roles, blocks.section(none)])
    content: list[Block] = [*roles, blocks.section(_("Skills of {person} (override desk.yml).", person=person))]
    for key, skill in list(profile.skills.items())[:TYPES_SHOWN]:
        content += _type_fields(key, skill, profile, policy)
    more = len(profile.skills) - TYPES_SHOWN
    if more > 0:
        text = ngettext("{n} more type: {command}", "{n} more types: {command}", more, command=_EXAMPLE)
        content.append(blocks.context(text))
    title = _("Skills: {name}", name=clip(profile.name, 16))
    return blocks.form_modal(Form.SKILLS, title, content, submit=_("Save"), metadata=profile.person)


def skills_message(profile: PersonSkills, policy: Policy, *, change: Text | None = None) -> Message:
    head = render(
        _("Skills of {person}", person=Person(profile.person)) if change is None else _("✓ {change}", change=change)
    )
    rows = [
        join("\n", [_type_level(policy, key, level_text(skill, profile.day)), *_evidence_lines(profile, key)])
        for key, skill in profile.skills.items()
    ]
    content = [blocks.section(head), *(blocks.section(row) for row in rows[:TYPES_SHOWN])]
    if len(rows) > TYPES_SHOWN:
        more = len(rows) - TYPES_SHOWN
        content.append(blocks.context(ngettext("{n} more type", "{n} more types", more)))
    changes = [_change_text(one, policy) for one in profile.changes]
    if changes:
        content.append(blocks.context(*changes))
    return Message(render(_("{head}.", head=head)), content)


def _type_level(policy: Policy, key: str, level: Text) -> Markup:
    return join(": ", [bold(_type_name(policy, key)), level])


def skilled_people(
    people: Sequence[SkilledPerson], type_key: str, policy: Policy, *, day: date, zone: str, with_details: bool
) -> list[Block]:
    """Everyone skilled in the type, by level; empty where no level is known and none is needed.

    `with_details` adds presence, workload and expiry, which only people of the desk may read.
    """
    rows: list[Markup] = []
    for level, plural in LEVEL_HEADINGS.items():
        of_level = [one for one in people if one.skill.level is level]
        those = [_skilled_person(one, day, zone) if with_details else mention(one.person) for one in of_level]
        head = [bold(plural)]
        if len(those) > SKILLED_PEOPLE_SHOWN:
            head.append(render(_("the first {shown} of {count}", shown=SKILLED_PEOPLE_SHOWN, count=len(those))))
        rows += [join(" · ", head), *those[:SKILLED_PEOPLE_SHOWN]] if those else []
    if rows:
        return [blocks.section(join("\n", rows))]
    needs = policy.type(type_key).required_level
    if needs is None:
        return []
    remedy = _("A lead can set skills with {command}.", command=Code("/desk skill"))
    return [blocks.section(_missing_level_text(policy.type(type_key).name, needs, remedy))]


def _missing_level_text(type_name: str, needs: SkillLevel, remedy: Text) -> Text:
    name = escape_line(type_name, 80)
    texts = {
        SkillLevel.LEARNING: _(
            "⚠️ {type} needs somebody learning it, and there is nobody. {remedy}", type=name, remedy=remedy
        ),
        SkillLevel.CAN: _(
            "⚠️ {type} needs somebody who can do it, and there is nobody. {remedy}", type=name, remedy=remedy
        ),
        SkillLevel.EXPERT: _("⚠️ {type} needs an expert, and there is none. {remedy}", type=name, remedy=remedy),
    }
    return texts[needs]


def level_text(skill: Skill | None, day: date) -> Text:
    if skill is None:
        return _("no level")
    parts = [_LEVEL_TEXTS[skill.level]]
    if skill.certificate:
        parts.append(_certificate_text(skill.certificate))
    if skill.valid_until is not None:
        parts.append(_expiry_text(skill.valid_until, day))
    return join_texts(parts, ", ")


_LEVEL_TEXTS = {SkillLevel.LEARNING: _("learning"), SkillLevel.CAN: _("can do it"), SkillLevel.EXPERT: _("expert")}


def _certificate_text(name: str) -> Text:
    return _("certificate {name}", name=escape_line(name, 80))


def _type_fields(key: str, skill: Skill | None, profile: PersonSkills, policy: Policy) -> list[Block]:
    """The certificate is asked for once there is a level to which it belongs."""
    options = [(text, str(level)) for level, text in LEVEL_OPTIONS.items()]
    level = blocks.select(f"level:{key}", options, chosen=str(skill.level) if skill else NO_SKILL)
    head = join("\n", [bold(_type_name(policy, key)), *_evidence_lines(profile, key)])
    fields = [
        blocks.section(head),
        blocks.input_field(_("Level in {type}", type=policy.type(key).name), level),
    ]
    if skill is None:
        return fields
    certificate = blocks.text_input(f"certificate:{key}", initial=skill.certificate, limit=MAX_CERTIFICATE_LENGTH)
    until = blocks.date_picker(f"until:{key}", chosen=skill.valid_until)
    return [
        *fields,
        blocks.input_field(_("Certificate"), certificate, optional=True),
        blocks.input_field(_("Valid until"), until, optional=True, hint=LAST_DAY_HINT),
    ]


def _evidence_lines(profile: PersonSkills, key: str) -> list[Text]:
    evidence, skill = profile.evidence[key], profile.skills[key]
    level = skill.level if skill is not None and skill.is_valid_on(profile.day) else None
    suggestion = level_suggestion(evidence, level)
    return [evidence_text(evidence), *([_("💡 {suggestion}", suggestion=suggestion)] if suggestion else [])]


def _change_text(change: SkillChange, policy: Policy) -> Text:
    was, now = ((one or {}).get("level") or NO_SKILL for one in (change.was, change.now))
    return _(
        "{by} changed {type} from {before} to {level}, {at}",
        by=Person(change.by),
        type=_type_name(policy, change.type),
        level=LEVEL_OPTIONS[now],
        before=LEVEL_OPTIONS[was],
        at=Moment(change.at),
    )


def _skilled_person(one: SkilledPerson, day: date, zone: str) -> Markup:
    parts: list[Text | Markup] = [
        mention(one.person),
        render(presence_in_zone(one.presence, zone)),
        _("{count} open", count=one.open_count),
        _("{time} of work", time=WorkTime(60 * one.workload_minutes)),
    ]
    if one.skill.valid_until is not None:
        parts += [_certificate_text(one.skill.certificate)] if one.skill.certificate else []
        parts.append(_expiry_text(one.skill.valid_until, day))
    return join(" · ", parts)


def _expiry_text(until: date, day: date) -> Text:
    if until < day:
        return _("⚠️ expired on {day}", day=Day(until))
    return _("⚠️ expires on {day}", day=Day(until)) if until - day <= EXPIRES_SOON else _("until {day}", day=Day(until))


def _type_name(policy: Policy, key: str) -> Markup:
    return blocks.name_of(policy.type(key))
