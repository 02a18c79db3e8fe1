"""Skills: `/desk skill`, and the lead's team page on Home."""

from datetime import timedelta

from handlers.people.cards.memberships import CHANGES_SHOWN
from handlers.registry import Registry
from handlers.skills import cards
from handlers.slack.blocks import Message, Modal, page_modal, section
from handlers.slack.ids import Button, Command, Form
from handlers.slack.payloads import Press, Submission, TypedCommand
from rules.errors import FieldError
from rules.model.people import Skill
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, Role, desk_wide_roles, teams_led_by
from rules.skills import parse_skill_command, parse_skill_level
from rules.text import Person, _, ngettext
from services import skills
from services.desk import Desk
from storage.people.memberships import membership_history
from storage.skills import person_skills
from storage.transaction import Transaction

LEVEL_FIELD_PREFIX = "level:"


def register(on: Registry) -> None:
    on.word(
        Command.DESK,
        "skill",
        Permission.EDIT_SKILLS,
        _("how well a person knows a type"),
        examples=("/desk skill @ana network expert until 2027-01-31",),
        synonyms="skills",
    )(answer_skill_word)
    on.action(Button.TEAM_PAGE, Permission.EDIT_SKILLS)(show_team_page)
    on.action(Button.PERSON_SKILLS, Permission.EDIT_SKILLS)(open_skills_form)
    on.view(Form.SKILLS, Permission.EDIT_SKILLS)(save_skills)
    on.job("competence.remind", order=160, every=timedelta(hours=1))(skills.remind_of_certificates)


async def show_team_page(press: Press, desk: Desk) -> Modal:
    teams = teams_in_charge_of(desk.policy, press.user)
    if not teams:
        raise NotAllowed(Permission.EDIT_SKILLS)
    said = {key: await desk.read(membership_history, key, limit=CHANGES_SHOWN) for key in teams}
    people = {key: desk.policy.team(key).people for key in teams}
    return cards.team_page(people, desk.policy, changes=said)


async def open_skills_form(press: Press, desk: Desk) -> Modal:
    skills.check_may_set_skills(desk.policy, press.value, press.user)
    known = await desk.read(person_skills, press.value, policy=desk.policy, at=desk.clock())
    return cards.skills_form(known, desk.policy, led=teams_in_charge_of(desk.policy, press.user))


async def save_skills(form: Submission, desk: Desk) -> Modal:
    changed = await desk.execute_once(form.key, _save_levels, form.metadata, said=_skills_from_form(form), by=form.user)
    text = ngettext("✓ Saved. {n} skill changed.", "✓ Saved. {n} skills changed.", changed)
    return page_modal(_("Skills"), [section(text if changed else _("Nothing was changed."))])


async def answer_skill_word(command: TypedCommand, desk: Desk) -> Message:
    said = parse_skill_command(command.rest, desk.policy)
    skills.check_may_set_skills(desk.policy, said.person, command.user)
    change = None
    if said.type is not None:
        await desk.execute(skills.set_skill, said.person, said.type, skill=said.skill, by=command.user)
        level = cards.level_text(said.skill, desk.clock().date())
        name = desk.policy.type(said.type).name
        change = _("{person} in {type}: {level}", person=Person(said.person), type=name, level=level)
    known = await desk.read(person_skills, said.person, policy=desk.policy, at=desk.clock())
    return cards.skills_message(known, desk.policy, change=change)


def teams_in_charge_of(policy: Policy, person: str) -> list[str]:
    """The teams whose skills and roles this person may set: their own, or all for a manager."""
    if Role.MANAGER in desk_wide_roles(policy, person):
        return list(policy.teams)
    return teams_led_by(policy, person)


def _save_levels(tx: Transaction, person: str, *, said: dict[str, Skill | None], by: str) -> int:
    return sum(skills.set_skill(tx, person, key, skill=skill, by=by) for key, skill in said.items())


def _skills_from_form(form: Submission) -> dict[str, Skill | None]:
    keys = [name.removeprefix(LEVEL_FIELD_PREFIX) for name in form.answers if name.startswith(LEVEL_FIELD_PREFIX)]
    return {key: _skill_from_form(form, key) for key in keys}


def _skill_from_form(form: Submission, key: str) -> Skill | None:
    level, until, certificate = (form[f"{name}:{key}"] for name in ("level", "until", "certificate"))
    parsed = parse_skill_level(level)
    if parsed is None and (until or certificate.strip()):
        raise FieldError(
            f"level:{key}", _("A certificate needs a level. Choose one, or clear the certificate and its day.")
        )
    valid_until = form.day(f"until:{key}") if until else None
    return Skill(parsed, valid_until, certificate.strip()) if parsed else None
