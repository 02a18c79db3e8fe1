"""Who knows what: `/desk skill`, and the lead's page of the team on Home."""

from datetime import date
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.people.cards.memberships import NEWEST
from handlers.skills import cards
from handlers.slack.blocks import Message, page, section
from handlers.slack.ids import Button, Form
from handlers.slack.payloads import Press, Submission
from handlers.slack.router import Router
from handlers.slack.ticket_actions import show
from rules.errors import FieldError
from rules.model.people import Skill
from rules.model.policy import Policy
from rules.people.permissions import Deed, NotAllowed, Role, standing, teams_led
from rules.skills import read_level, read_said
from services import skills
from services.desk import Desk
from storage.people.memberships import history
from storage.skills import known_of
from storage.transaction import Transaction

PREFIX = "level:"


def register(on: Router) -> None:
    on.action(Button.TEAM)(show_team)
    on.action(Button.SKILLS)(ask_skills)
    on.view(Form.SKILLS)(keep_skills)


async def show_team(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    teams = led_by(desk.policy, press.by)
    if not teams:
        raise NotAllowed(Deed.SKILL)
    said = {key: await desk.read(history, key, limit=NEWEST) for key in teams}
    people = {key: desk.policy.team(key).people for key in teams}
    await show(client, press, cards.team_page(people, desk.policy, said=said))
    await ack()


async def ask_skills(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    skills.require(desk.policy, press.value, press.by)
    known = await desk.read(known_of, press.value, policy=desk.policy, at=desk.clock())
    await show(client, press, cards.skills_form(known, desk.policy, led=led_by(desk.policy, press.by)))
    await ack()


async def keep_skills(ack: AsyncAck, body: dict[str, Any], desk: Desk) -> None:
    sent = Submission.read(body)
    changed = await desk.execute_once(sent.key, _keep, sent.about, said=_said(sent), by=sent.by)
    words = f"✓ Kept. {changed} changed." if changed else "Nothing was changed."
    await ack(response_action="update", view=page("Skills", [section(words)]))


async def answer(desk: Desk, by: str, text: str) -> Message:
    """What `/desk skill` answers, after the level was kept where one was named."""
    said = read_said(text, desk.policy)
    skills.require(desk.policy, said.person, by)
    words = ""
    if said.type is not None:
        await desk.execute(skills.say, said.person, said.type, skill=said.skill, by=by)
        level = cards.level_of(said.skill, desk.clock().date())
        words = f"<@{said.person}> in {desk.policy.type(said.type).name}: {level}"
    known = await desk.read(known_of, said.person, policy=desk.policy, at=desk.clock())
    return cards.skills(known, desk.policy, just_said=words)


def led_by(policy: Policy, person: str) -> list[str]:
    """The teams whose people this person may say something of: their own, or every one for a manager."""
    if Role.MANAGER in standing(policy, person):
        return list(policy.teams)
    return teams_led(policy, person)


def _keep(tx: Transaction, person: str, *, said: dict[str, Skill | None], by: str) -> int:
    return sum(skills.say(tx, person, key, skill=skill, by=by) for key, skill in said.items())


def _said(sent: Submission) -> dict[str, Skill | None]:
    keys = [name.removeprefix(PREFIX) for name in sent.answers if name.startswith(PREFIX)]
    return {key: _skill(sent, key) for key in keys}


def _skill(sent: Submission, key: str) -> Skill | None:
    level, until, certificate = (sent.says(f"{name}:{key}") for name in ("level", "until", "certificate"))
    found = read_level(level)
    if found is None and (until or certificate.strip()):
        raise FieldError(
            f"level:{key}", "A certificate needs a level: choose one, or empty the certificate and its day."
        )
    return Skill(found, date.fromisoformat(until) if until else None, certificate.strip()) if found else None
