"""`baton check`: each thing that Baton needs, with what to do where it is not there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.config_file import load
from bot.settings import REMEDIES, Mode, Settings
from bot.slack.manifest import NOT_NEEDED, bot_scopes
from bot.slack.socket_mode import code_of
from bot.slack.user_groups import told_of
from rules.errors import DeskError
from rules.model.groups import REINSTALL
from rules.model.policy import Policy, Team
from storage.database import parse, shown
from storage.migrations import migrate

PATIENCE: Final = 10
GROUPS_SCOPE: Final = "usergroups:read"
NO_CHANNEL: Final = frozenset({"channel_not_found", "invalid_channel"})
NO_PERSON: Final = frozenset({"user_not_found", "user_not_visible", "invalid_user"})


class State(StrEnum):
    """A note is worth reading; only what is wrong keeps Baton from working."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer."""

    state: State
    sentence: str


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding as soon as it is made: the description, the database, Slack, then channels and people."""
    policy, described = _description(settings)
    for finding in described:
        yield finding
    yield await asyncio.to_thread(_database, settings)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
        async for finding in _slack(settings, policy, session):
            yield finding


def _description(settings: Settings) -> tuple[Policy, list[Finding]]:
    """The policy, empty when the file cannot be used."""
    try:
        file = load(settings.baton_config)
    except DeskError as error:
        return Policy(), [Finding(State.WRONG, line) for line in str(error).splitlines()]
    told = f"{settings.baton_config} describes {_count(len(file.policy.teams), 'team')}"
    told += f" and {_count(len(file.policy.types), 'type')} of tickets."
    return file.policy, [Finding(State.OK, told), *(Finding(State.NOTE, warning) for warning in file.warnings)]


def _database(settings: Settings) -> Finding:
    address, name = settings.database_url, shown(parse(settings.database_url))
    try:
        stands_at, behind = migrate.current(address), migrate.pending(address)
        migrate.try_writing(address)
    except DeskError as error:
        return Finding(State.WRONG, str(error))
    if stands_at is None:
        return Finding(State.OK, f"The database {name} is empty; its tables are made at the first start.")
    if behind:
        return Finding(State.NOTE, f"The database {name} is behind. The next start mends it, or: baton db upgrade")
    return Finding(State.OK, f"The database {name} is up to date and can be written to.")


async def _slack(settings: Settings, policy: Policy, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    yield await _way_in(settings, session)
    try:
        client = _client(settings, session, settings.bot_token)
        me = await client.auth_test()
    except DeskError as error:
        yield Finding(State.WRONG, str(error))
    except SlackApiError as error:
        yield Finding(State.WRONG, f"Slack refuses SLACK_BOT_TOKEN ({code_of(error)}). {REMEDIES['slack_bot_token']}")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        yield _out_of_reach(settings, error)
    else:
        yield Finding(State.OK, f"Slack knows this app as @{me['user']} in {me['team']}.")
        for finding in _scopes(me.headers.get("x-oauth-scopes"), policy):
            yield finding
        async for finding in _named(client, policy, str(me["user"])):
            yield finding


async def _named(client: AsyncWebClient, policy: Policy, name: str) -> AsyncIterator[Finding]:
    """Every channel, person and user group that the description names."""
    for team in policy.teams.values():
        yield await _channel(client, team, name=name)
    for person, place in _people(policy).items():
        yield await _person(client, person, place)
    for finding in await _groups(client, policy):
        yield finding


async def _way_in(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    """How Slack reaches Baton."""
    if settings.mode is Mode.HTTP:
        if settings.slack_signing_secret is None:
            return Finding(
                State.WRONG,
                "SLACK_APP_TOKEN is missing, or SLACK_SIGNING_SECRET for HTTP Mode. " + REMEDIES["slack_app_token"],
            )
        return Finding(State.OK, f"HTTP Mode: Slack posts to /slack/events on {settings.host}:{settings.port}.")
    try:
        await _client(settings, session, None).apps_connections_open(app_token=settings.app_token)
    except SlackApiError as error:
        return Finding(State.WRONG, f"Slack refuses SLACK_APP_TOKEN ({code_of(error)}). {REMEDIES['slack_app_token']}")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return _out_of_reach(settings, error)
    return Finding(State.OK, "Socket Mode: Slack opens a line for SLACK_APP_TOKEN.")


def _scopes(told: str | None, policy: Policy) -> Iterator[Finding]:
    """What the app lacks; where Baton does without, it is a note that says without what."""
    if told is None:
        yield Finding(State.NOTE, "This Slack does not tell which scopes the app has; Slack itself does.")
        return
    missing = bot_scopes() - {scope.strip() for scope in told.split(",")}
    spared = {scope for scope in missing & set(NOT_NEEDED) if not (scope == GROUPS_SCOPE and policy.groups)}
    if missing - spared:
        lacks = f"The app lacks {_count(len(missing - spared), 'scope')}: {', '.join(sorted(missing - spared))}."
        yield Finding(State.WRONG, f"{lacks} {REINSTALL}")
    else:
        yield Finding(State.OK, "The app has every scope that it needs.")
    for scope in sorted(spared):
        yield Finding(State.NOTE, f"Without the scope {scope} {NOT_NEEDED[scope]}. {REINSTALL}")


async def _channel(client: AsyncWebClient, team: Team, *, name: str) -> Finding:
    def judged(answer: dict[str, Any]) -> Finding:
        channel = answer["channel"]
        place = f"Team {team.key}: #{channel.get('name', team.channel)}"
        if channel.get("is_archived"):
            return Finding(State.WRONG, f"{place} is archived. Unarchive it, or give the team another channel.")
        if not channel.get("is_member"):
            return Finding(State.WRONG, f"{place} has no Baton in it. Write there: /invite @{name}")
        return Finding(State.OK, f"{place} has Baton in it.")

    unknown = (
        f"Team {team.key}: Slack shows Baton no channel {team.channel}. "
        f"Correct its id; if it is private, write there first: /invite @{name}"
    )
    return await _asked(
        client, "conversations.info", {"channel": team.channel}, judged=judged, unknown=unknown, codes=NO_CHANNEL
    )


async def _person(client: AsyncWebClient, person: str, place: str) -> Finding:
    def judged(answer: dict[str, Any]) -> Finding:
        user = answer["user"]
        name = f"{user.get('real_name') or user.get('name') or person} ({person}, {place})"
        if user.get("deleted"):
            return Finding(State.WRONG, f"{name} is deactivated in Slack. Take this person out of the description.")
        if user.get("is_bot"):
            return Finding(State.WRONG, f"{name} is a bot. Name a person instead.")
        return Finding(State.OK, f"{name} is in Slack.")

    unknown = f"Slack knows nobody as {person} ({place}). Correct the id: profile, ⋮, Copy member ID."
    return await _asked(client, "users.info", {"user": person}, judged=judged, unknown=unknown, codes=NO_PERSON)


async def _groups(client: AsyncWebClient, policy: Policy) -> list[Finding]:
    """How many people each user group has that the description names."""
    if not policy.groups:
        return []
    try:
        told, unheard = await told_of(client, policy.groups)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [Finding(State.WRONG, f"Slack did not tell of the user groups: {_reason(error)}. Try again.")]
    places = {feed.group.key: f"team {team.key}" for team in policy.teams.values() for feed in team.feeds}
    found = [
        Finding(
            State.OK if group.members else State.NOTE,
            f"@{group.handle} ({group.key}, {places[group.key]}) has {_people_in(len(group.members))}.",
        )
        for group in told
    ]
    return [*found, *(Finding(State.WRONG, sentence) for sentence in unheard)]


async def _asked(
    client: AsyncWebClient,
    method: str,
    values: dict[str, str],
    *,
    judged: Callable[[dict[str, Any]], Finding],
    unknown: str,
    codes: frozenset[str],
) -> Finding:
    """What one answer of Slack's amounts to."""
    try:
        answer = await client.api_call(method, data=values)
    except SlackApiError as error:
        code = code_of(error)
        sentence = unknown if code in codes else f"Slack did not tell of {', '.join(values.values())} ({code})."
        return Finding(State.WRONG, sentence)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return Finding(State.WRONG, f"Slack did not tell of {', '.join(values.values())}: {_reason(error)}. Try again.")
    return judged(dict(answer.data)) if isinstance(answer.data, dict) else Finding(State.WRONG, unknown)


def _people(policy: Policy) -> dict[str, str]:
    """Everyone named in the description, each once, with where."""
    found: dict[str, str] = {}
    for person, place in _places(policy):
        found.setdefault(person, place)
    return found


def _places(policy: Policy) -> Iterator[tuple[str, str]]:
    for team in policy.teams.values():
        yield from ((person, f"team {team.key}") for person in team.people)
    yield from ((person, "managers") for person in sorted(policy.managers))
    yield from ((person, "observers") for person in sorted(policy.observers))
    yield from ((person, "admins") for person in sorted(policy.admins))


def _client(settings: Settings, session: aiohttp.ClientSession, token: str | None) -> AsyncWebClient:
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url, session=session)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
    return client


def _out_of_reach(settings: Settings, error: Exception) -> Finding:
    remedy = f"{settings.slack_api_url} is out of reach: {_reason(error)}. Check the network, and SLACK_API_URL if set."
    return Finding(State.WRONG, remedy)


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _people_in(number: int) -> str:
    return {0: "nobody in it", 1: "1 person"}.get(number, f"{number} people")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
