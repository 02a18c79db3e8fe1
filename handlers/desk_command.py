"""`/desk`: who is who, who handles what, and how the desk itself is."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment import next_ticket
from handlers.forecasts.forecasts import answer_risk
from handlers.people import memberships
from handlers.people.cards import teams as cards
from handlers.preferences import preferences
from handlers.presence import presence, shifts
from handlers.reassignment.reassignment import answer_move_word
from handlers.skills import skills
from handlers.skills.cards import skilled_people
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Command
from handlers.slack.payloads import TypedCommand
from handlers.slack.router import Router
from handlers.slack.text import unescape_text
from rules.errors import Refused
from rules.model.policy import Policy, Team
from rules.people.permissions import (
    NotAllowed,
    Permission,
    desk_wide_roles,
    is_allowed,
    roles_anywhere,
    teams_worked_in,
)
from rules.reports.queries import find_team_key
from services.desk import Desk
from storage import health
from storage.presence.board import BoardEntry, board_entries
from storage.skills import handles_type, people_with_skill, team_today, viewer_timezone
from storage.workload import workloads

LISTENERS_BY_WORD = {
    "risk": answer_risk,
    "move": answer_move_word,
    "team": memberships.answer_team_word,
    "shift": shifts.answer_shift_word,
}
LISTENERS_BY_WORD |= dict.fromkeys(presence.PRESENCE_WORDS, presence.answer_presence_word)
DESK_WORDS = ("help", "health", "who", "alerts", "skill", "next", *LISTENERS_BY_WORD)


def register(on: Router) -> None:
    on.command(Command.DESK)(answer_desk_command)


async def answer_desk_command(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    typed = TypedCommand.from_body(body)
    longer = LISTENERS_BY_WORD.get(typed.text.casefold().partition(" ")[0])
    if longer is not None:
        await longer(ack, body, client, desk)
        return
    text = unescape_text(typed.text)
    word, _, rest = text.strip().partition(" ")
    way = ANSWERS_BY_WORD.get(word.casefold())
    said = await (way(desk, typed.user, rest) if way else _answer_text(desk, typed.user, text))
    await ack(text=said.text, blocks=said.blocks)


async def _answer_next(desk: Desk, by: str, rest: str) -> Message:
    return await next_ticket.answer_next_ticket(desk, by)


ANSWERS_BY_WORD: dict[str, Callable[[Desk, str, str], Awaitable[Message]]] = {
    "next": _answer_next,
    "skill": skills.answer_skill_word,
    "skills": skills.answer_skill_word,
}


async def _answer_text(desk: Desk, by: str, text: str) -> Message:
    match text.casefold().split():
        case []:
            return await _answer_own_teams(desk, by)
        case ["help" | "?"]:
            return cards.desk_help()
        case ["health"]:
            return await _answer_health(desk, by)
        case ["alerts", *words]:
            return await preferences.answer_alerts(desk, by, " ".join(words))
        case ["who", _, *_]:
            return await _answer_who(desk, " ".join(text.split()[1:]), by)
        case ["who"]:
            raise Refused(f"Who handles what? Write `/desk who TYPE`. {_known_types_text(desk.policy)}")
    named = find_team_key(desk.policy, text)
    if named is not None and _may_see_presence(desk, by):
        return await _answer_teams(desk, by, [desk.policy.team(named)])
    raise Refused(_unknown_word_text(text, desk.policy))


async def _answer_own_teams(desk: Desk, by: str) -> Message:
    """The teams that one is in; all of them for who manages or observes the desk."""
    teams = [desk.policy.team(key) for key in teams_worked_in(desk.policy, by)]
    if not teams and desk_wide_roles(desk.policy, by):
        teams = list(desk.policy.teams.values())
    return await _answer_teams(desk, by, teams) if teams else cards.teams_overview(desk.policy)


async def _answer_teams(desk: Desk, by: str, teams: list[Team]) -> Message:
    return cards.presence_of_teams(teams, await _presence_of_teams(desk, by, teams), desk.policy, by=by)


async def _answer_health(desk: Desk, by: str) -> Message:
    if not is_allowed(Permission.SEE_HEALTH, roles_anywhere(desk.policy, by)):
        raise NotAllowed(Permission.SEE_HEALTH)
    now = desk.clock()
    return cards.health_message(
        await desk.read(health.desk_health, since=now - timedelta(days=cards.GIVEN_UP_DAYS)), now
    )


async def _answer_who(desk: Desk, name: str, by: str) -> Message:
    found = _handling_teams(desk.policy, name)
    if not found:
        raise Refused(
            f"Nobody here handles `{name}`.{_did_you_mean(desk.policy, name)} {_known_types_text(desk.policy)}"
        )
    said = cards.handling_teams(found, await _presence_of_teams(desk, by, [team for _, team in found]), desk.policy)
    kind = _type_by_name(desk.policy, name)
    return said if kind is None else Message(said.text, [*await _skilled_people(desk, kind, by), *said.blocks])


async def _skilled_people(desk: Desk, kind: str, by: str) -> list[Block]:
    """Who knows that type, where they are and what they hold."""
    policy, now = desk.policy, desk.clock()
    people = [who for team in policy.teams.values() if handles_type(policy, team, kind) for who in team.people]
    found = await desk.read(people_with_skill, kind, people, policy=policy, at=now)
    zone = await desk.read(viewer_timezone, by)
    whole, day = _may_see_presence(desk, by), team_today(policy, policy.type(kind).team, now)
    return skilled_people(found, kind, policy, day=day, zone=zone, with_details=whole)


async def _presence_of_teams(desk: Desk, by: str, teams: list[Team]) -> dict[str, BoardEntry]:
    """Everyone of these teams, for the people of the desk; what others do all day is not for everybody to read."""
    if not _may_see_presence(desk, by):
        return {}
    people, policy, now = [who for team in teams for who in team.people], desk.policy, desk.clock()
    found = await desk.read(board_entries, people, policy=policy, team="", at=now)
    held = await desk.read_in_worker(workloads, people, policy=policy, at=now)
    return {who: replace(seat, workload_minutes=held[who].minutes) for who, seat in found.items()}


def _may_see_presence(desk: Desk, by: str) -> bool:
    return is_allowed(Permission.SEE_PRESENCE_BOARD, roles_anywhere(desk.policy, by))


def _handling_teams(policy: Policy, name: str) -> list[tuple[str, Team]]:
    """The team that takes tickets of this type, the experts behind it, and the team of that name, each with why."""
    found: list[tuple[str, Team]] = []
    kind = _type_by_name(policy, name)
    if kind is not None:
        about = policy.type(kind)
        found.append((f"{about.name} tickets go to {policy.team(about.team).name}.", policy.team(about.team)))
        knowing = [team for team in policy.teams.values() if team.key == about.expert_team or kind in team.handles]
        found += [(f"{team.name} are their experts.", team) for team in knowing if team.key != about.team]
    key = find_team_key(policy, name)
    if key is not None and all(team.key != key for _, team in found):
        found.append((f"{policy.team(key).name} is a team.", policy.team(key)))
    return found


def _type_by_name(policy: Policy, name: str) -> str | None:
    return _types_by_name(policy).get(name.casefold())


def _types_by_name(policy: Policy) -> dict[str, str]:
    by_name = {kind.name.casefold(): key for key, kind in policy.types.items()}
    return by_name | {key.casefold(): key for key in policy.types}


def _did_you_mean(policy: Policy, name: str) -> str:
    known = [*_types_by_name(policy), *(team.key.casefold() for team in policy.teams.values())]
    near = get_close_matches(name.casefold(), known, n=1)
    return f" Did you mean `/desk who {near[0]}`?" if near else ""


def _known_types_text(policy: Policy) -> str:
    return f"Types: {', '.join(f'`{key}`' for key in policy.types) or 'none yet'}."


def _unknown_word_text(text: str, policy: Policy) -> str:
    near = get_close_matches(text.casefold().split()[0], DESK_WORDS, n=1)
    meant = f" Did you mean `/desk {near[0]}`?" if near else ""
    if not near and _handling_teams(policy, text):
        meant = f" Did you mean `/desk who {' '.join(text.split())}`?"
    ways = "Ask `/desk`, `/desk TEAM`, `/desk away`, `/desk next`, `/desk who TYPE`, `/desk risk` or `/desk help`."
    return f"`{text}` is not something `/desk` knows.{meant} {ways}"
