"""`/desk`: presence of the teams, who handles which type, and the health of the desk."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from handlers.people.cards import teams as cards
from handlers.skills.cards import skilled_people
from handlers.slack.answers import may_take_long
from handlers.slack.blocks import Block, Message, section
from handlers.slack.command_words import help_rows, suggested_words
from handlers.slack.ids import Command
from handlers.slack.markup import unescape_text
from handlers.slack.payloads import TypedCommand
from handlers.slack.router import Route, Router
from handlers.text.slack import render
from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.model.policy import Policy, Team
from rules.people import permissions
from rules.people.permissions import NotAllowed, Permission
from rules.reports.queries import find_team_key
from rules.text import Code, Text, _, join_texts
from rules.typed_text import closest_word
from services.desk import Desk
from storage import health
from storage.presence.board import BoardEntry, board_entries
from storage.skills import handles_type, people_with_skill, viewer_timezone
from storage.workload import workloads

OWN_TEAMS_ROW = _("`/desk`, `/desk TEAM`  who is here until when, who is away, open tickets of each")


def register(on: Router) -> None:
    on.command(Command.DESK, Permission.USE_DESK_COMMAND)(answer_team)
    on.word(
        Command.DESK,
        "who",
        Permission.USE_DESK_COMMAND,
        _("the team that handles it, who has the skill, who is here and their workload"),
        examples=("/desk who network",),
    )(answer_who)
    health_help = _("messages waiting or not delivered, with the remedy, and failed background tasks")
    on.word(Command.DESK, "health", Permission.SEE_HEALTH, health_help, alone=True)(answer_health)
    on.word(Command.DESK, "help", Permission.USE_DESK_COMMAND, alone=True, synonyms="?")(answer_help)


@may_take_long
async def answer_team(command: TypedCommand, desk: Desk, words: dict[str, Route]) -> Message:
    text, by = unescape_text(command.text).strip(), command.user
    if not text:
        return await _answer_own_teams(desk, by)
    key = find_team_key(desk.policy, text)
    if key is not None and _may_see_presence(desk, by):
        return await _answer_teams(desk, by, [desk.policy.team(key)])
    raise Refused(_unknown_word_text(text, desk.policy, suggested_words(words)))


async def answer_help(words: dict[str, Route]) -> Message:
    rows = "\n".join([render(OWN_TEAMS_ROW), *help_rows(words)])
    return Message(render(_("What you can type behind /desk.")), [section(rows)])


async def _answer_own_teams(desk: Desk, by: str) -> Message:
    teams = [desk.policy.team(key) for key in permissions.teams_worked_in(desk.policy, by)]
    if not teams and permissions.desk_wide_roles(desk.policy, by):
        teams = list(desk.policy.teams.values())
    return await _answer_teams(desk, by, teams) if teams else cards.teams_overview(desk.policy)


async def _answer_teams(desk: Desk, by: str, teams: list[Team]) -> Message:
    return cards.presence_of_teams(teams, await _presence_of_teams(desk, by, teams), desk.policy, by=by)


async def answer_health(command: TypedCommand, desk: Desk) -> Message:
    if not permissions.is_allowed(Permission.SEE_HEALTH, permissions.roles_anywhere(desk.policy, command.user)):
        raise NotAllowed(Permission.SEE_HEALTH)
    now = desk.clock()
    since = now - timedelta(days=cards.GIVEN_UP_DAYS)
    process = cards.process_rows(desk.health.reasons, desk.health.restarts)
    return cards.health_message(await desk.read(health.desk_health, since=since), now, process=process)


@may_take_long
async def answer_who(command: TypedCommand, desk: Desk) -> Message:
    name, by = " ".join(command.rest.split()), command.user
    if not name:
        question = _("Who handles what? Write {command}.", command=Code("/desk who TYPE"))
        raise Refused(join_texts([question, _known_types_text(desk.policy)]))
    found = _handling_teams(desk.policy, name)
    if not found:
        sentence = _("No team handles {name}.", name=Code(name))
        raise Refused(join_texts([sentence, *_meant_type(desk.policy, name), _known_types_text(desk.policy)]))
    answer = cards.handling_teams(found, await _presence_of_teams(desk, by, [team for _, team in found]), desk.policy)
    kind = _type_by_name(desk.policy, name)
    return answer if kind is None else Message(answer.text, [*await _skilled_people(desk, kind, by), *answer.blocks])


async def _skilled_people(desk: Desk, kind: str, by: str) -> list[Block]:
    policy, now = desk.policy, desk.clock()
    people = [who for team in policy.teams.values() if handles_type(policy, team, kind) for who in team.people]
    skilled = await desk.read_in_worker(people_with_skill, kind, people, policy=policy, at=now)
    zone = await desk.read(viewer_timezone, by)
    whole, day = _may_see_presence(desk, by), local_date(now, policy.team_calendar(policy.type(kind).team).timezone)
    return skilled_people(skilled, kind, policy, day=day, zone=zone, with_details=whole)


async def _presence_of_teams(desk: Desk, by: str, teams: list[Team]) -> dict[str, BoardEntry]:
    """Presence, for people of the desk only; empty for everyone else. Workload for teams that are listed by person."""
    if not _may_see_presence(desk, by):
        return {}
    people, policy, now = [who for team in teams for who in team.people], desk.policy, desk.clock()
    listed = [who for team in teams if cards.is_listed_by_person(team) for who in team.people]
    board = await desk.read_in_worker(board_entries, people, policy=policy, team="", at=now)
    work = await desk.read_in_worker(workloads, listed, policy=policy, at=now)
    return board | {who: replace(board[who], workload_minutes=work[who].minutes) for who in listed}


def _may_see_presence(desk: Desk, by: str) -> bool:
    return permissions.is_allowed(Permission.SEE_PRESENCE_BOARD, permissions.roles_anywhere(desk.policy, by))


def _handling_teams(policy: Policy, name: str) -> list[tuple[Text, Team]]:
    teams: list[tuple[Text, Team]] = []
    kind = _type_by_name(policy, name)
    if kind is not None:
        about = policy.type(kind)
        first = policy.team(about.team)
        teams.append((_("{type} tickets go to {team}.", type=about.name, team=first.name), first))
        knowing = [team for team in policy.teams.values() if team.key == about.expert_team or kind in team.handles]
        teams += [(_("{team} are the experts.", team=team.name), team) for team in knowing if team.key != about.team]
    key = find_team_key(policy, name)
    if key is not None and all(team.key != key for _, team in teams):
        teams.append((_("{team} is a team.", team=policy.team(key).name), policy.team(key)))
    return teams


def _type_by_name(policy: Policy, name: str) -> str | None:
    return policy.type_keys_by_name.get(name.casefold())


def _meant_type(policy: Policy, name: str) -> list[Text]:
    known = [*policy.type_keys_by_name, *(team.key.casefold() for team in policy.teams.values())]
    near = closest_word(name.casefold(), known)
    return _guess_texts(near and f"/desk who {near}")


def _guess_texts(guess: str | None) -> list[Text]:
    return [_("Did you mean {guess}?", guess=Code(guess))] if guess else []


def _known_types_text(policy: Policy) -> Text:
    if not policy.types:
        return _("There are no types yet.")
    types = join_texts((Text("{key}", {"key": Code(key)}) for key in policy.types), ", ")
    return _("Types: {types}.", types=types)


def _unknown_word_text(text: str, policy: Policy, words: Collection[str]) -> Text:
    near = closest_word(text.casefold().split()[0], words)
    if near is None and _handling_teams(policy, text):
        near = f"who {' '.join(text.split())}"
    unknown = _("{command} doesn't know {text}.", command=Code("/desk"), text=Code(text))
    ways = _("Try `/desk`, `/desk TEAM`, `/desk away`, `/desk next`, `/desk who TYPE`, `/desk risk` or `/desk help`.")
    return join_texts([unknown, *_guess_texts(near and f"/desk {near}"), ways])
