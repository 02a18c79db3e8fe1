"""`baton check`: each thing that Baton needs, with a remedy where it is missing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.config_file import load_desk_file
from bot.settings import REMEDIES, Mode, Settings
from bot.slack.manifest import OPTIONAL_SCOPES, bot_scopes
from bot.slack.user_groups import fetch_user_groups
from handlers.slack.ephemeral import error_code
from handlers.text.terminal import render_terminal
from rules.errors import Refused
from rules.model.groups import REINSTALL_REMEDY
from rules.model.health import HealthState
from rules.model.policy import Policy, Team
from storage.connections.pooling import is_pooled
from storage.connections.sqlite_files import is_readable_by_others, sqlite_files
from storage.database import SQLITE, masked_url, parse_database_url
from storage.migrations import migrate

SLACK_TIMEOUT_SECONDS: Final = 10
RUNNING_TIMEOUT_SECONDS: Final = 2
USER_GROUPS_SCOPE: Final = "usergroups:read"
UNREACHABLE: Final = (aiohttp.ClientError, OSError, TimeoutError)
UNKNOWN_ERRORS: Final = {"channel_not_found", "invalid_channel", "user_not_found", "user_not_visible", "invalid_user"}


class FindingState(StrEnum):
    """A note is worth reading; only WRONG keeps Baton from working."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    state: FindingState
    sentence: str


def _ok(sentence: str) -> Finding:
    return Finding(FindingState.OK, sentence)


def _note(sentence: str) -> Finding:
    return Finding(FindingState.NOTE, sentence)


def _wrong(sentence: str) -> Finding:
    return Finding(FindingState.WRONG, sentence)


async def setup_findings(settings: Settings) -> AsyncIterator[Finding]:
    policy, findings = _configuration_findings(settings)
    for finding in findings:
        yield finding
    yield await asyncio.to_thread(_database_finding, settings)
    for finding in (*_privacy_findings(settings), *await asyncio.to_thread(_pooler_findings, settings)):
        yield finding
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SLACK_TIMEOUT_SECONDS)) as session:
        for finding in await _running_findings(settings, session):
            yield finding
        async for finding in _slack_findings(settings, policy, session):
            yield finding


def _configuration_findings(settings: Settings) -> tuple[Policy, list[Finding]]:
    """The policy is empty when the file cannot be used."""
    try:
        file = load_desk_file(settings.baton_config)
    except Refused as error:
        return Policy(), [*map(_wrong, render_terminal(error.text).splitlines())]
    sentence = f"{settings.baton_config} describes {_counted(len(file.policy.teams), 'team')}"
    sentence += f" and {_counted(len(file.policy.types), 'type')} of tickets."
    return file.policy, [_ok(sentence), *(_note(render_terminal(warning)) for warning in file.warnings)]


def _database_finding(settings: Settings) -> Finding:
    address, name = settings.database_url, masked_url(parse_database_url(settings.database_url))
    try:
        version, pending = migrate.current_revision(address), migrate.has_pending_revisions(address)
        migrate.check_writable(address)
    except Refused as error:
        return _wrong(str(error))
    if version is None:
        return _ok(f"The database {name} is empty; its tables are made at the first start.")
    if pending:
        return _note(f"The database {name} is behind. The next start mends it, or: baton db upgrade")
    return _ok(f"The database {name} is up to date and can be written to.")


def _privacy_findings(settings: Settings) -> Iterator[Finding]:
    """Notes on files with secrets, or with what people wrote, that others on this machine can read."""
    url = parse_database_url(settings.database_url)
    paths = [Path(".env"), *(sqlite_files(url) if url.get_backend_name() == SQLITE else [])]
    for path in paths:
        if path.is_file() and is_readable_by_others(path):
            yield _note(f"{path} can be read by others on this machine. Keep it to yourself: chmod 600 {path}")


def _pooler_findings(settings: Settings) -> list[Finding]:
    url = parse_database_url(settings.database_url)
    if url.get_backend_name() == SQLITE or not is_pooled(url):
        return []
    reached = "PostgreSQL is reached through a pooler that lends connections by transaction (such as pgbouncer)"
    return [_note(f"{reached}. Baton works there and prepares no statement; connected directly it is faster.")]


async def _running_findings(settings: Settings, session: aiohttp.ClientSession) -> list[Finding]:
    """What the Baton says that runs on this machine; nothing when none answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/readyz"
    try:
        async with session.get(address, timeout=aiohttp.ClientTimeout(total=RUNNING_TIMEOUT_SECONDS)) as answer:
            page = await answer.json()
        state, reasons = HealthState(page["status"]), [str(one["reason"]) for one in page["reasons"]]
    except (*UNREACHABLE, ValueError, KeyError, TypeError):  # another program has the port
        return []
    finding = _wrong if state is HealthState.UNREADY else _note
    return [finding(f"The Baton that runs says: {reason}") for reason in reasons] or [
        _ok("The Baton that runs is well.")
    ]


async def _slack_findings(settings: Settings, policy: Policy, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    yield await _connection_finding(settings, session)
    try:
        client = _slack_client(settings, session, settings.bot_token)
        identity = await client.auth_test()
    except Refused as error:
        yield _wrong(str(error))
    except (SlackApiError, *UNREACHABLE) as error:
        yield _token_finding(settings, "slack_bot_token", error)
    else:
        yield _ok(f"Slack knows this app as @{identity['user']} in {identity['team']}.")
        for finding in _scope_findings(identity.headers.get("x-oauth-scopes"), policy):
            yield finding
        async for finding in _named_in_configuration(client, policy, str(identity["user"])):
            yield finding


async def _named_in_configuration(client: AsyncWebClient, policy: Policy, name: str) -> AsyncIterator[Finding]:
    for team in policy.teams.values():
        yield await _channel_finding(client, team, name=name)
    for person, place in _configured_people(policy).items():
        yield await _person_finding(client, person, place)
    for finding in await _user_group_findings(client, policy):
        yield finding


async def _connection_finding(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    if settings.mode is Mode.HTTP:
        if settings.slack_signing_secret is None:
            missing = "SLACK_APP_TOKEN is missing, or SLACK_SIGNING_SECRET for HTTP Mode."
            return _wrong(f"{missing} {REMEDIES['slack_app_token']}")
        return _ok(f"HTTP Mode: Slack posts to /slack/events on {settings.host}:{settings.port}.")
    try:
        await _slack_client(settings, session, None).apps_connections_open(app_token=settings.app_token)
    except (SlackApiError, *UNREACHABLE) as error:
        return _token_finding(settings, "slack_app_token", error)
    return _ok("Socket Mode: Slack opens a line for SLACK_APP_TOKEN.")


def _scope_findings(granted: str | None, policy: Policy) -> Iterator[Finding]:
    """A missing scope is WRONG; an optional one is a note that says what does not work without it."""
    if granted is None:
        yield _note("This Slack does not tell which scopes the app has; Slack itself does.")
        return
    missing = bot_scopes() - {scope.strip() for scope in granted.split(",")}
    optional = missing & set(OPTIONAL_SCOPES)
    if policy.user_group_ids:
        optional.discard(USER_GROUPS_SCOPE)
    if required := missing - optional:
        lacks = f"The app lacks {_counted(len(required), 'scope')}: {', '.join(sorted(required))}."
        yield _wrong(f"{lacks} {REINSTALL_REMEDY}")
    else:
        yield _ok("The app has every scope that it needs.")
    for scope in sorted(optional):
        yield _note(f"Without the scope {scope} {OPTIONAL_SCOPES[scope]}. {REINSTALL_REMEDY}")


async def _channel_finding(client: AsyncWebClient, team: Team, *, name: str) -> Finding:
    def judge(answer: dict[str, Any]) -> Finding:
        channel = answer["channel"]
        place = f"Team {team.key}: #{channel.get('name', team.channel)}"
        if channel.get("is_archived"):
            return _wrong(f"{place} is archived. Unarchive it, or give the team another channel.")
        if not channel.get("is_member"):
            return _wrong(f"{place} has no Baton in it. Write there: /invite @{name}")
        return _ok(f"{place} has Baton in it.")

    unknown = (
        f"Team {team.key}: Slack shows Baton no channel {team.channel}. "
        f"Correct its id; if it is private, write there first: /invite @{name}"
    )
    return await _api_finding(client, "conversations.info", {"channel": team.channel}, judge, unknown)


async def _person_finding(client: AsyncWebClient, person: str, place: str) -> Finding:
    def judge(answer: dict[str, Any]) -> Finding:
        user = answer["user"]
        name = f"{user.get('real_name') or user.get('name') or person} ({person}, {place})"
        if user.get("deleted"):
            return _wrong(f"{name} is deactivated in Slack. Take this person out of the description.")
        if user.get("is_bot"):
            return _wrong(f"{name} is a bot. Name a person instead.")
        return _ok(f"{name} is in Slack.")

    unknown = f"Slack knows nobody as {person} ({place}). Correct the id: profile, ⋮, Copy member ID."
    return await _api_finding(client, "users.info", {"user": person}, judge, unknown)


async def _user_group_findings(client: AsyncWebClient, policy: Policy) -> list[Finding]:
    if not policy.user_group_ids:
        return []
    try:
        groups, faults = await fetch_user_groups(client, policy.user_group_ids)
    except UNREACHABLE as error:
        return [_wrong(f"Slack did not tell of the user groups: {_error_reason(error)}. Try again.")]
    places = {feed.group.key: f"team {team.key}" for team in policy.teams.values() for feed in team.role_groups}
    findings = []
    for group in groups:
        sentence = f"@{group.handle} ({group.key}, {places[group.key]}) has {_people_count(len(group.members))}."
        findings.append(_ok(sentence) if group.members else _note(sentence))
    return [*findings, *map(_wrong, faults)]


async def _api_finding(
    client: AsyncWebClient,
    method: str,
    values: dict[str, str],
    judge: Callable[[dict[str, Any]], Finding],
    unknown: str,
) -> Finding:
    """What `judge` finds in the answer; `unknown` explains the UNKNOWN_ERRORS."""
    asked = ", ".join(values.values())
    try:
        answer = await client.api_call(method, data=values)
    except SlackApiError as error:
        code = error_code(error)
        return _wrong(unknown if code in UNKNOWN_ERRORS else f"Slack did not tell of {asked} ({code}).")
    except UNREACHABLE as error:
        return _wrong(f"Slack did not tell of {asked}: {_error_reason(error)}. Try again.")
    return judge(dict(answer.data)) if isinstance(answer.data, dict) else _wrong(unknown)


def _configured_people(policy: Policy) -> dict[str, str]:
    places: dict[str, str] = {}
    for person, place in _people_with_places(policy):
        places.setdefault(person, place)
    return places


def _people_with_places(policy: Policy) -> Iterator[tuple[str, str]]:
    for team in policy.teams.values():
        yield from ((person, f"team {team.key}") for person in team.people)
    yield from ((person, "managers") for person in sorted(policy.managers))
    yield from ((person, "observers") for person in sorted(policy.observers))
    yield from ((person, "admins") for person in sorted(policy.admins))


def _slack_client(settings: Settings, session: aiohttp.ClientSession, token: str | None) -> AsyncWebClient:
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url, session=session)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
    return client


def _token_finding(settings: Settings, token: str, error: Exception) -> Finding:
    if isinstance(error, SlackApiError):
        return _wrong(f"Slack refuses {token.upper()} ({error_code(error)}). {REMEDIES[token]}")
    place = f"{settings.slack_api_url} is out of reach: {_error_reason(error)}"
    return _wrong(f"{place}. Check the network, and SLACK_API_URL if set.")


def _error_reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _people_count(number: int) -> str:
    return {0: "nobody in it", 1: "1 person"}.get(number, f"{number} people")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
