"""`/desk`: who is who, who handles what, and how the desk itself is."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.assignment import next_ticket
from handlers.forecasts.forecasts import risk
from handlers.people import memberships
from handlers.people.cards import teams as cards
from handlers.preferences import preferences
from handlers.presence import presence, shifts
from handlers.reassignment.reassignment import move
from handlers.skills import skills
from handlers.skills.cards import knowing
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Command
from handlers.slack.payloads import Typed
from handlers.slack.router import Router
from handlers.slack.text import unescape
from rules.errors import DeskError
from rules.model.policy import Policy, Team
from rules.people.permissions import Deed, NotAllowed, allowed, desk_roles, standing, teams_of
from rules.reports.queries import team_named
from services.desk import Desk
from storage import health
from storage.presence.board import Seat, seats
from storage.skills import knowers, today, works_on, zone_of
from storage.workload import loads

LONGER = {"risk": risk, "move": move, "team": memberships.typed, "shift": shifts.typed}
LONGER |= dict.fromkeys(presence.WORDS, presence.typed)
WORDS = ("help", "health", "who", "alerts", "skill", "next", *LONGER)


def register(on: Router) -> None:
    on.command(Command.DESK)(desk_of)


async def desk_of(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    typed = Typed.read(body)
    longer = LONGER.get(typed.text.casefold().partition(" ")[0])
    if longer is not None:
        await longer(ack, body, client, desk)
        return
    text = unescape(typed.text)
    word, _, rest = text.strip().partition(" ")
    way = WAYS.get(word.casefold())
    said = await (way(desk, typed.by, rest) if way else _answer(desk, typed.by, text))
    await ack(text=said.text, blocks=said.blocks)


async def _next(desk: Desk, by: str, rest: str) -> Message:
    return await next_ticket.found(desk, by)


WAYS: dict[str, Callable[[Desk, str, str], Awaitable[Message]]] = {
    "next": _next,
    "skill": skills.answer,
    "skills": skills.answer,
}


async def _answer(desk: Desk, by: str, text: str) -> Message:
    match text.casefold().split():
        case []:
            return await _mine(desk, by)
        case ["help" | "?"]:
            return cards.help_()
        case ["health"]:
            return await _health(desk, by)
        case ["alerts", *words]:
            return await preferences.said(desk, by, " ".join(words))
        case ["who", _, *_]:
            return await _who(desk, " ".join(text.split()[1:]), by)
        case ["who"]:
            raise DeskError(f"Who handles what? Write `/desk who TYPE`. {_known(desk.policy)}")
    named = team_named(desk.policy, text)
    if named is not None and _is_of_the_desk(desk, by):
        return await _floor(desk, by, [desk.policy.team(named)])
    raise DeskError(_suggestion(text, desk.policy))


async def _mine(desk: Desk, by: str) -> Message:
    """The teams that one is in; all of them for who manages or observes the desk."""
    teams = [desk.policy.team(key) for key in teams_of(desk.policy, by)]
    if not teams and standing(desk.policy, by):
        teams = list(desk.policy.teams.values())
    return await _floor(desk, by, teams) if teams else cards.all_teams(desk.policy)


async def _floor(desk: Desk, by: str, teams: list[Team]) -> Message:
    return cards.mine(teams, await _seats(desk, by, teams), desk.policy, by=by)


async def _health(desk: Desk, by: str) -> Message:
    if not allowed(Deed.HEALTH, desk_roles(desk.policy, by)):
        raise NotAllowed(Deed.HEALTH)
    now = desk.clock()
    return cards.health(await desk.read(health.health, since=now - timedelta(days=cards.GIVEN_UP_DAYS)), now)


async def _who(desk: Desk, name: str, by: str) -> Message:
    found = _handlers_of(desk.policy, name)
    if not found:
        raise DeskError(f"Nobody here handles `{name}`.{_meant(desk.policy, name)} {_known(desk.policy)}")
    said = cards.who(found, await _seats(desk, by, [team for _, team in found]), desk.policy)
    kind = _type_named(desk.policy, name)
    return said if kind is None else Message(said.text, [*await _knowing(desk, kind, by), *said.blocks])


async def _knowing(desk: Desk, kind: str, by: str) -> list[Block]:
    """Who knows that type, where they are and what they hold."""
    policy, now = desk.policy, desk.clock()
    people = [who for team in policy.teams.values() if works_on(policy, team, kind) for who in team.people]
    found = await desk.read(knowers, kind, people, policy=policy, at=now)
    zone = await desk.read(zone_of, by)
    whole, day = _is_of_the_desk(desk, by), today(policy, policy.type(kind).team, now)
    return knowing(found, kind, policy, day=day, zone=zone, whole=whole)


async def _seats(desk: Desk, by: str, teams: list[Team]) -> dict[str, Seat]:
    """Everyone of these teams, for the people of the desk; what others do all day is not for everybody to read."""
    if not _is_of_the_desk(desk, by):
        return {}
    people, policy, now = [who for team in teams for who in team.people], desk.policy, desk.clock()
    found = await desk.read(seats, people, policy=policy, team="", at=now)
    held = await desk.read_in_worker(loads, people, policy=policy, at=now)
    return {who: replace(seat, minutes=held[who].minutes) for who, seat in found.items()}


def _is_of_the_desk(desk: Desk, by: str) -> bool:
    return allowed(Deed.FLOOR, desk_roles(desk.policy, by))


def _handlers_of(policy: Policy, name: str) -> list[tuple[str, Team]]:
    """The team that takes tickets of this type, the experts behind it, and the team of that name, each with why."""
    found: list[tuple[str, Team]] = []
    kind = _type_named(policy, name)
    if kind is not None:
        about = policy.type(kind)
        found.append((f"{about.name} tickets go to {policy.team(about.team).name}.", policy.team(about.team)))
        knowing = [team for team in policy.teams.values() if team.key == about.experts or kind in team.handles]
        found += [(f"{team.name} are their experts.", team) for team in knowing if team.key != about.team]
    key = team_named(policy, name)
    if key is not None and all(team.key != key for _, team in found):
        found.append((f"{policy.team(key).name} is a team.", policy.team(key)))
    return found


def _type_named(policy: Policy, name: str) -> str | None:
    return _types(policy).get(name.casefold())


def _types(policy: Policy) -> dict[str, str]:
    by_name = {kind.name.casefold(): key for key, kind in policy.types.items()}
    return by_name | {key.casefold(): key for key in policy.types}


def _meant(policy: Policy, name: str) -> str:
    known = [*_types(policy), *(team.key.casefold() for team in policy.teams.values())]
    near = get_close_matches(name.casefold(), known, n=1)
    return f" Did you mean `/desk who {near[0]}`?" if near else ""


def _known(policy: Policy) -> str:
    return f"Types: {', '.join(f'`{key}`' for key in policy.types) or 'none yet'}."


def _suggestion(text: str, policy: Policy) -> str:
    near = get_close_matches(text.casefold().split()[0], WORDS, n=1)
    meant = f" Did you mean `/desk {near[0]}`?" if near else ""
    if not near and _handlers_of(policy, text):
        meant = f" Did you mean `/desk who {' '.join(text.split())}`?"
    ways = "Ask `/desk`, `/desk TEAM`, `/desk away`, `/desk next`, `/desk who TYPE`, `/desk risk` or `/desk help`."
    return f"`{text}` is not something `/desk` knows.{meant} {ways}"
