"""`baton check` names what is missing and what to do about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.check import Finding, FindingState, setup_findings
from bot.files import resource_path
from bot.settings import Settings, make_settings
from bot.slack.manifest import bot_scopes
from rules.text import Text
from storage.migrations.migrate import upgrade_schema
from tests.bot.fake_slack import FakeSlack, fake_slack
from tests.bot.slack.test_server import Desk, over_http, serving

TEAMS = {"C0SUPPORT": "support", "C0NETWORK": "network"}


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace in which everything is as the sample describes it."""
    async with fake_slack() as slack:
        slack.scopes = ",".join(sorted(bot_scopes()))
        slack.answers["auth.test"] = {"ok": True, "user": "baton", "team": "Orlen Lake", "user_id": "U0BATON"}
        slack.answers["users.info"] = {"ok": True, "user": {"id": "U0", "real_name": "Ana Kowalska", "deleted": False}}
        for channel, name in TEAMS.items():
            slack.by_argument[channel] = {"ok": True, "channel": {"id": channel, "name": name, "is_member": True}}
        yield slack


@pytest.fixture
def settings(slack: FakeSlack, tmp_path: Path) -> Settings:
    return made(slack, tmp_path, slack_bot_token="xoxb-1", slack_app_token="xapp-1")


def made(slack: FakeSlack, folder: Path, **more: object) -> Settings:
    return make_settings(
        slack_api_url=slack.url,
        database_url=f"sqlite+aiosqlite:///{folder}/baton.db",
        baton_config=resource_path("desk.sample.yml"),
        **more,
    )


async def found(settings: Settings) -> list[Finding]:
    """Each with its sentence as it is printed."""
    return [Finding(one.state, str(one.sentence)) async for one in setup_findings(settings)]


async def wrong(settings: Settings) -> list[str]:
    return [str(finding.sentence) for finding in await found(settings) if finding.state is FindingState.WRONG]


async def test_a_desk_that_is_set_up_hears_so(settings: Settings) -> None:
    findings = await found(settings)

    told = [finding.sentence for finding in findings]
    assert {finding.state for finding in findings} == {FindingState.OK}
    assert f"{settings.baton_config} is valid: 2 teams, " in str(told[0])
    assert "Slack knows this app as @baton in Orlen Lake." in told
    assert "The app has every scope that it needs." in told
    assert "Team support: #support has Baton as a member." in told
    assert "Ana Kowalska (U0LEAD1, team support) is in Slack." in told


async def test_a_file_of_tokens_that_others_can_read_is_named_with_the_remedy(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("SLACK_BOT_TOKEN=xoxb-1\n")
    Path(".env").chmod(0o640)

    notes = [one.sentence for one in await found(settings) if one.state is FindingState.NOTE]

    assert notes == [".env can be read by others on this machine. To prevent it: chmod 600 .env"]


async def test_every_fault_of_the_description_is_a_line(slack: FakeSlack, settings: Settings, tmp_path: Path) -> None:
    desk = tmp_path / "desk.yml"
    desk.write_text("teams: {support: {channel: C0SUPPORT}}\nguests: []\n")

    lines = await wrong(settings.model_copy(update={"baton_config": desk}))

    assert len(lines) > 1
    assert all(line.startswith(f"{desk}:") for line in lines)


async def test_without_tokens_the_rest_is_still_checked(slack: FakeSlack, tmp_path: Path) -> None:
    findings = await found(made(slack, tmp_path))

    assert [finding.state for finding in findings] == [
        FindingState.OK,
        FindingState.OK,
        FindingState.WRONG,
        FindingState.WRONG,
    ]
    assert str(findings[2].sentence).startswith("SLACK_APP_TOKEN is missing, or SLACK_SIGNING_SECRET for HTTP Mode.")
    assert str(findings[3].sentence).startswith("SLACK_BOT_TOKEN is missing. Copy it from")


async def test_with_a_token_that_cannot_be_right_the_rest_is_still_checked(slack: FakeSlack, tmp_path: Path) -> None:
    fault = Text("SLACK_BOT_TOKEN is not right.")

    findings = [finding async for finding in setup_findings(made(slack, tmp_path), [fault])]

    assert [finding.state for finding in findings] == [FindingState.OK, FindingState.OK, FindingState.WRONG]
    assert findings[-1].sentence is fault


async def test_a_refused_bot_token_is_named(slack: FakeSlack, settings: Settings) -> None:
    slack.answers["auth.test"] = {"ok": False, "error": "invalid_auth"}

    assert [line[:46] for line in await wrong(settings)] == ["Slack refuses SLACK_BOT_TOKEN (invalid_auth). "]


async def test_a_refused_app_token_is_named(slack: FakeSlack, settings: Settings) -> None:
    slack.answers["apps.connections.open"] = {"ok": False, "error": "not_allowed_token_type"}

    assert [line[:55] for line in await wrong(settings)] == ["Slack refuses SLACK_APP_TOKEN (not_allowed_token_type)."]


async def test_over_http_no_line_is_needed(slack: FakeSlack, tmp_path: Path) -> None:
    slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}

    findings = await found(made(slack, tmp_path, slack_bot_token="xoxb-1", slack_signing_secret="8f742231b10e"))

    assert "HTTP Mode: Slack posts to /slack/events on 127.0.0.1:3000." in [finding.sentence for finding in findings]
    assert {finding.state for finding in findings} == {FindingState.OK}


async def test_missing_scopes_are_named_with_what_to_do(slack: FakeSlack, settings: Settings) -> None:
    slack.scopes = ",".join(sorted(bot_scopes() - {"im:write", "users:read"}))

    assert await wrong(settings) == [
        "The app lacks 2 scopes: im:write, users:read. "
        "Paste `baton manifest` under App Manifest on the app's page, then reinstall it under Install App."
    ]


async def test_a_local_workspace_need_not_know_of_scopes(slack: FakeSlack, settings: Settings) -> None:
    slack.scopes = None

    findings = await found(settings)

    assert [str(finding.sentence)[:24] for finding in findings if finding.state is FindingState.NOTE] == [
        "This local Slack does no"
    ]
    assert await wrong(settings) == []


async def test_a_channel_without_baton_gets_the_invitation_to_write(slack: FakeSlack, settings: Settings) -> None:
    slack.by_argument["C0SUPPORT"] = {"ok": True, "channel": {"name": "support", "is_member": False}}
    slack.by_argument["C0NETWORK"] = {"ok": False, "error": "channel_not_found"}

    assert await wrong(settings) == [
        "Team support: #support does not have Baton as a member. Write there: /invite @baton",
        "Team network: Baton cannot see the channel C0NETWORK. "
        "Correct its id; if it is private, write there first: /invite @baton",
    ]


async def test_an_archived_channel_is_named(slack: FakeSlack, settings: Settings) -> None:
    slack.by_argument["C0SUPPORT"] = {
        "ok": True,
        "channel": {"name": "support", "is_member": True, "is_archived": True},
    }

    assert await wrong(settings) == [
        "Team support: #support is archived. Unarchive it, or give the team another channel."
    ]


async def test_who_has_left_or_never_was_there_is_named(slack: FakeSlack, settings: Settings) -> None:
    slack.by_argument["U0AGENT1"] = {"ok": True, "user": {"real_name": "Ben Okri", "deleted": True}}
    slack.by_argument["U0AGENT2"] = {"ok": False, "error": "user_not_found"}
    slack.by_argument["U0LEAD1"] = {"ok": True, "user": {"name": "buildbot", "is_bot": True}}

    lines = await wrong(settings)

    assert sorted(line[:40] for line in lines) == [
        "Ben Okri (U0AGENT1, team support) is dea",
        "Slack does not know the person U0AGENT2 ",
        "buildbot (U0LEAD1, team support) is a bo",
    ]


async def test_a_missing_scope_does_not_end_the_check(slack: FakeSlack, settings: Settings) -> None:
    slack.by_argument["C0SUPPORT"] = {"ok": False, "error": "missing_scope"}

    assert await wrong(settings) == ["Slack did not answer about C0SUPPORT (missing_scope)."]


@pytest.fixture
def fed(settings: Settings, tmp_path: Path) -> Settings:
    """The same desk, with a user group among the agents."""
    desk = tmp_path / "desk.yml"
    plain = resource_path("desk.sample.yml").read_text(encoding="utf-8")
    desk.write_text(plain.replace("agents: [U0AGENT1, U0AGENT2]", "agents: [U0AGENT1, S0HELP]"), encoding="utf-8")
    return settings.model_copy(update={"baton_config": desk})


def helpers(slack: FakeSlack, *members: str, **more: int) -> None:
    group = {"id": "S0HELP", "name": "Helpers", "handle": "helpers", "date_update": 1, **more}
    slack.answers["usergroups.list"] = {"ok": True, "usergroups": [group]}
    slack.answers["usergroups.users.list"] = {"ok": True, "users": list(members)}


@pytest.mark.parametrize(
    ("members", "state", "many"),
    [
        (["U1", "U2"], FindingState.OK, "2 members"),
        (["U1"], FindingState.OK, "1 member"),
        ([], FindingState.NOTE, "0 members"),
    ],
)
async def test_a_user_group_tells_how_many_it_brings(
    slack: FakeSlack, fed: Settings, members: list[str], state: FindingState, many: str
) -> None:
    helpers(slack, *members)

    assert Finding(state, f"@helpers (S0HELP, team support) has {many}.") in await found(fed)


async def test_a_user_group_that_is_not_there_or_disabled_is_named(slack: FakeSlack, fed: Settings) -> None:
    helpers(slack, "U1", date_delete=1)
    disabled = await wrong(fed)
    slack.answers["usergroups.list"] = {"ok": True, "usergroups": []}

    assert [line[:52] for line in disabled] == ["The user group @helpers (S0HELP) is disabled in Slac"]
    assert [line[:34] for line in await wrong(fed)] == ["Slack has no user group S0HELP, so"]


async def test_the_scope_of_user_groups_is_missed_only_where_one_is_named(
    slack: FakeSlack, settings: Settings, fed: Settings
) -> None:
    slack.scopes = ",".join(sorted(bot_scopes() - {"usergroups:read"}))
    slack.answers["usergroups.list"] = {"ok": False, "error": "missing_scope"}

    notes = [str(finding.sentence) for finding in await found(settings) if finding.state is FindingState.NOTE]

    assert [line[:72] for line in notes] == ["Without the scope usergroups:read user groups cannot feed a team. Paste "]
    assert await wrong(settings) == []
    assert [line[:41] for line in await wrong(fed)] == [
        "The app lacks 1 scope: usergroups:read. P",
        "Slack doesn't list the members of S0HELP ",
    ]


async def test_a_slack_out_of_reach_is_named(settings: Settings) -> None:
    lines = await wrong(settings.model_copy(update={"slack_api_url": "http://127.0.0.1:1/api/"}))

    assert all(line.startswith("http://127.0.0.1:1/api/ is out of reach: ") for line in lines)
    assert len(lines) == 2


async def test_the_database_tells_how_it_stands(settings: Settings, tmp_path: Path) -> None:
    before = (await found(settings))[1]
    upgrade_schema(settings.database_url)
    after = (await found(settings))[1]
    nowhere = settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{tmp_path}/no/baton.db"})

    assert str(before.sentence).endswith("is empty; its tables are made at the first start.")
    assert str(after.sentence).endswith("is up to date and can be written to.")
    assert str((await found(nowhere))[1].sentence).endswith("/no. Make it, or change DATABASE_URL.")


async def test_the_baton_that_runs_says_what_is_wrong_with_it(settings: Settings) -> None:
    desk = Desk()
    async with serving(desk, desk.app(), over_http()):
        here = settings.model_copy(update={"port": int(desk.url.rpartition(":")[2])})
        well = await found(here)
        desk.health.report("slack", "Slack refuses Baton.")
        noted = await found(here)
        desk.health.report("saving", "This process cannot save.", is_unready=True)

        sentences = await wrong(here)

    assert "The running Baton is healthy." in [one.sentence for one in well]
    assert Finding(FindingState.NOTE, "The running Baton reports: Slack refuses Baton.") in noted
    assert "The running Baton reports: This process cannot save." in sentences
