"""`baton check`: each thing that Baton needs, with a remedy where it is missing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
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
from rules.text import Code, Text, _, join_texts, ngettext
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
    sentence: Text | str


def _ok(sentence: Text | str) -> Finding:
    return Finding(FindingState.OK, sentence)


def _note(sentence: Text | str) -> Finding:
    return Finding(FindingState.NOTE, sentence)


def _wrong(sentence: Text | str) -> Finding:
    return Finding(FindingState.WRONG, sentence)


async def setup_findings(settings: Settings, token_faults: Sequence[Text] = ()) -> AsyncIterator[Finding]:
    """`token_faults` are sentences about tokens that cannot be right: then Slack is not asked."""
    policy, findings = _configuration_findings(settings)
    for finding in findings:
        yield finding
    yield await asyncio.to_thread(_database_finding, settings)
    for finding in (*_privacy_findings(settings), *await asyncio.to_thread(_pooler_findings, settings)):
        yield finding
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SLACK_TIMEOUT_SECONDS)) as session:
        for finding in await _running_findings(settings, session):
            yield finding
        if not token_faults:
            async for finding in _slack_findings(settings, policy, session):
                yield finding
    for fault in token_faults:
        yield _wrong(fault)


def _configuration_findings(settings: Settings) -> tuple[Policy, list[Finding]]:
    """The policy is empty when the file cannot be used."""
    try:
        file = load_desk_file(settings.baton_config)
    except Refused as error:
        return Policy(), [*map(_wrong, render_terminal(error.text).splitlines())]
    teams = ngettext("{n} team", "{n} teams", len(file.policy.teams))
    types = ngettext("{n} ticket type", "{n} ticket types", len(file.policy.types))
    sentence = _("{file} is valid: {teams}, {types}.", file=str(settings.baton_config), teams=teams, types=types)
    return file.policy, [_ok(sentence), *map(_note, file.warnings)]


def _database_finding(settings: Settings) -> Finding:
    address, name = settings.database_url, masked_url(parse_database_url(settings.database_url))
    try:
        version, pending = migrate.current_revision(address), migrate.has_pending_revisions(address)
        migrate.check_writable(address)
    except Refused as error:
        return _wrong(error.text)
    if version is None:
        return _ok(_("The database {name} is empty; its tables are made at the first start.", name=name))
    if pending:
        sentence = _(
            "The database {name} has an older schema. The next start upgrades it, or {command}.",
            name=name,
            command=Code("baton db upgrade"),
        )
        return _note(sentence)
    return _ok(_("The database {name} is up to date and can be written to.", name=name))


def _privacy_findings(settings: Settings) -> Iterator[Finding]:
    """Notes on files with secrets, or with what people wrote, that others on this machine can read."""
    url = parse_database_url(settings.database_url)
    paths = [Path(".env"), *(sqlite_files(url) if url.get_backend_name() == SQLITE else [])]
    for path in paths:
        if path.is_file() and is_readable_by_others(path):
            yield _note(
                _("{file} can be read by others on this machine. To prevent it: chmod 600 {file}", file=str(path))
            )


def _pooler_findings(settings: Settings) -> list[Finding]:
    url = parse_database_url(settings.database_url)
    if url.get_backend_name() == SQLITE or not is_pooled(url):
        return []
    sentence = _(
        "PostgreSQL is reached through a pooler in transaction mode (such as pgbouncer). Baton works with it; "
        "connected directly it is faster."
    )
    return [_note(sentence)]


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
    said = [finding(_("The running Baton reports: {reason}", reason=reason)) for reason in reasons]
    return said or [_ok(_("The running Baton is healthy."))]


async def _slack_findings(settings: Settings, policy: Policy, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    yield await _connection_finding(settings, session)
    try:
        client = _slack_client(settings, session, settings.bot_token)
        identity = await client.auth_test()
    except Refused as error:
        yield _wrong(error.text)
    except (SlackApiError, *UNREACHABLE) as error:
        yield _token_finding(settings, "slack_bot_token", error)
    else:
        user, workspace = str(identity["user"]), str(identity["team"])
        yield _ok(_("Slack knows this app as @{user} in {workspace}.", user=user, workspace=workspace))
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
            missing = _("SLACK_APP_TOKEN is missing, or SLACK_SIGNING_SECRET for HTTP Mode.")
            return _wrong(join_texts([missing, REMEDIES["slack_app_token"]]))
        sentence = _(
            "HTTP Mode: Slack posts to /slack/events on {host}:{port}.", host=settings.host, port=settings.port
        )
        return _ok(sentence)
    try:
        await _slack_client(settings, session, None).apps_connections_open(app_token=settings.app_token)
    except (SlackApiError, *UNREACHABLE) as error:
        return _token_finding(settings, "slack_app_token", error)
    return _ok(_("Socket Mode: Slack accepts SLACK_APP_TOKEN."))


def _scope_findings(granted: str | None, policy: Policy) -> Iterator[Finding]:
    """A missing scope is WRONG; an optional one is a note that says what does not work without it."""
    if granted is None:
        yield _note(_("This local Slack does not say which scopes the app has; Slack itself does."))
        return
    missing = bot_scopes() - {scope.strip() for scope in granted.split(",")}
    optional = missing & set(OPTIONAL_SCOPES)
    if policy.user_group_ids:
        optional.discard(USER_GROUPS_SCOPE)
    if required := missing - optional:
        scopes = ", ".join(sorted(required))
        lacks = ngettext(
            "The app lacks {n} scope: {scopes}.", "The app lacks {n} scopes: {scopes}.", len(required), scopes=scopes
        )
        yield _wrong(_("{fault} {remedy}", fault=lacks, remedy=REINSTALL_REMEDY))
    else:
        yield _ok(_("The app has every scope that it needs."))
    for scope in sorted(optional):
        yield _note(
            _(
                "Without the scope {scope} {consequence}. {remedy}",
                scope=scope,
                consequence=OPTIONAL_SCOPES[scope],
                remedy=REINSTALL_REMEDY,
            )
        )


async def _channel_finding(client: AsyncWebClient, team: Team, *, name: str) -> Finding:
    def judge(answer: dict[str, Any]) -> Finding:
        channel = answer["channel"]
        place = _("Team {team}: #{channel}", team=team.key, channel=str(channel.get("name", team.channel)))
        if channel.get("is_archived"):
            return _wrong(_("{place} is archived. Unarchive it, or give the team another channel.", place=place))
        if not channel.get("is_member"):
            return _wrong(
                _("{place} does not have Baton as a member. Write there: /invite @{name}", place=place, name=name)
            )
        return _ok(_("{place} has Baton as a member.", place=place))

    unknown = _(
        "Team {team}: Baton cannot see the channel {channel}. Correct its id; if it is private, write there first: "
        "/invite @{name}",
        team=team.key,
        channel=str(team.channel),
        name=name,
    )
    return await _api_finding(client, "conversations.info", {"channel": team.channel}, judge, unknown)


async def _person_finding(client: AsyncWebClient, person: str, place: Text) -> Finding:
    def judge(answer: dict[str, Any]) -> Finding:
        user = answer["user"]
        known_as = str(user.get("real_name") or user.get("name") or person)
        name = _("{name} ({person}, {place})", name=known_as, person=person, place=place)
        if user.get("deleted"):
            return _wrong(_("{name} is deactivated in Slack. Remove this person from the configuration.", name=name))
        if user.get("is_bot"):
            return _wrong(_("{name} is a bot. Name a person instead.", name=name))
        return _ok(_("{name} is in Slack.", name=name))

    unknown = _(
        "Slack does not know the person {person} ({place}). Correct the id: profile, ⋮, Copy member ID.",
        person=person,
        place=place,
    )
    return await _api_finding(client, "users.info", {"user": person}, judge, unknown)


async def _user_group_findings(client: AsyncWebClient, policy: Policy) -> list[Finding]:
    if not policy.user_group_ids:
        return []
    try:
        groups, faults = await fetch_user_groups(client, policy.user_group_ids)
    except UNREACHABLE as error:
        return [_wrong(_("Slack did not answer about user groups: {reason}. Try again.", reason=_error_reason(error)))]
    places = {
        feed.group.key: _("team {team}", team=team.key) for team in policy.teams.values() for feed in team.role_groups
    }
    findings = []
    for group in groups:
        sentence = ngettext(
            "@{handle} ({group}, {place}) has {n} member.",
            "@{handle} ({group}, {place}) has {n} members.",
            len(group.members),
            handle=group.handle,
            group=group.key,
            place=places[group.key],
        )
        findings.append(_ok(sentence) if group.members else _note(sentence))
    return [*findings, *map(_wrong, faults)]


async def _api_finding(
    client: AsyncWebClient,
    method: str,
    values: dict[str, str],
    judge: Callable[[dict[str, Any]], Finding],
    unknown: Text,
) -> Finding:
    """What `judge` finds in the answer; `unknown` explains the UNKNOWN_ERRORS."""
    asked = ", ".join(values.values())
    try:
        answer = await client.api_call(method, data=values)
    except SlackApiError as error:
        code = error_code(error)
        return _wrong(
            unknown
            if code in UNKNOWN_ERRORS
            else _("Slack did not answer about {asked} ({code}).", asked=asked, code=code)
        )
    except UNREACHABLE as error:
        return _wrong(
            _("Slack did not answer about {asked}: {reason}. Try again.", asked=asked, reason=_error_reason(error))
        )
    return judge(dict(answer.data)) if isinstance(answer.data, dict) else _wrong(unknown)


def _configured_people(policy: Policy) -> dict[str, Text]:
    places: dict[str, Text] = {}
    for person, place in _people_with_places(policy):
        places.setdefault(person, place)
    return places


def _people_with_places(policy: Policy) -> Iterator[tuple[str, Text]]:
    for team in policy.teams.values():
        yield from ((person, _("team {team}", team=team.key)) for person in team.people)
    yield from ((person, _("managers")) for person in sorted(policy.managers))
    yield from ((person, _("observers")) for person in sorted(policy.observers))
    yield from ((person, _("admins")) for person in sorted(policy.admins))


def _slack_client(settings: Settings, session: aiohttp.ClientSession, token: str | None) -> AsyncWebClient:
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url, session=session)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
    return client


def _token_finding(settings: Settings, token: str, error: Exception) -> Finding:
    if isinstance(error, SlackApiError):
        refused = _("Slack refuses {setting} ({code}).", setting=token.upper(), code=error_code(error))
        return _wrong(join_texts([refused, REMEDIES[token]]))
    return _wrong(
        _(
            "{address} is out of reach: {reason}. Check the network, and SLACK_API_URL if it is set.",
            address=settings.slack_api_url,
            reason=_error_reason(error),
        )
    )


def _error_reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
