"""Settings are read once; a wrong one is named with its remedy and never repeated."""

from pathlib import Path

import pytest

from bot.settings import Mode, Settings, SettingsError, read_settings
from tests.bot.surroundings import surround

BOT = "xoxb-1234-abcd"
APP = "xapp-1-A012-abcd"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    surround(monkeypatch, tmp_path)


def write_env(*lines: str) -> None:
    Path(".env").write_text("\n".join(lines), encoding="utf-8")


def test_a_newcomer_gets_the_defaults() -> None:
    settings = read_settings()

    assert (settings.slack_api_url, settings.database_url) == (
        "https://slack.com/api/",
        "sqlite+aiosqlite:///baton.db",
    )
    assert (settings.host, settings.port, settings.baton_sweep_seconds) == ("127.0.0.1", 3000, 30)
    assert (settings.baton_config, settings.log_level, settings.log_format) == (Path("desk.yml"), "INFO", "console")


def test_every_missing_token_is_asked_for_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(tokens=True)

    lines = str(refused.value).splitlines()
    assert lines[0] == (
        "SLACK_BOT_TOKEN is missing. Copy it from your app's page under OAuth & Permissions; it starts with xoxb-."
    )
    assert lines[1].startswith("SLACK_APP_TOKEN is missing.")
    assert "SLACK_SIGNING_SECRET instead" in lines[1]


def test_a_missing_token_is_asked_for_when_it_is_needed() -> None:
    settings = read_settings()

    with pytest.raises(SettingsError, match=r"^SLACK_SIGNING_SECRET is missing\. Copy it from"):
        _ = settings.signing_secret


def test_the_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    write_env(f"SLACK_BOT_TOKEN={BOT}", f"SLACK_APP_TOKEN={APP}", "PORT=4000", "HOST=0.0.0.0", "SOMETHING_ELSE=1")
    monkeypatch.setenv("PORT", "5000")

    settings = read_settings(tokens=True)

    assert (settings.bot_token, settings.app_token, settings.mode) == (BOT, APP, Mode.SOCKET)
    assert (settings.port, settings.host) == (5000, "0.0.0.0")


def test_a_line_left_empty_is_a_line_left_out() -> None:
    write_env(f"SLACK_BOT_TOKEN={BOT}", "SLACK_APP_TOKEN=", "SLACK_SIGNING_SECRET=8f742231b10e", "PORT=")

    settings = read_settings(tokens=True)

    assert (settings.mode, settings.signing_secret, settings.port) == (Mode.HTTP, "8f742231b10e", 3000)


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("SLACK_BOT_TOKEN=xoxb-", "starts with xoxb-"),
        ("SLACK_BOT_TOKEN=xoxp-9-secretive", "starts with xoxb-"),
        ("SLACK_APP_TOKEN=xoxb-9-secretive", "starts with xapp-"),
        ("SLACK_SIGNING_SECRET=xapp-9-secretive", "Signing Secret"),
        ("SLACK_SIGNING_SECRET='two secretive words'", "Signing Secret"),
        ("SLACK_API_URL=http://slack.example.com/api/", "http://127.0.0.1:8080/api/"),
        ("SLACK_API_URL=secretive", "Leave it out"),
        ("DATABASE_URL=secretive", "postgresql+asyncpg://"),
        ("DATABASE_URL=mysql://ana:secretive@host/desk", "sqlite+aiosqlite://"),
        ("BATON_SWEEP_SECONDS=0", "1 to 3600"),
        ("BATON_SWEEP_SECONDS=soon", "1 to 3600"),
        ("HOST='two words'", "127.0.0.1"),
        ("PORT=http", "0 to 65535"),
        ("PORT=70000", "0 to 65535"),
        ("LOG_LEVEL=loud", "DEBUG, INFO"),
        ("LOG_FORMAT=xml", "console or json"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy_and_not_repeated(line: str, remedy: str) -> None:
    write_env(line)

    with pytest.raises(SettingsError) as refused:
        read_settings()

    sentence = str(refused.value)
    assert sentence.startswith(f"{line.partition('=')[0]} is not right. ")
    assert remedy in sentence
    assert "secretive" not in sentence
    assert "\n" not in sentence


def test_all_wrong_settings_are_told_together() -> None:
    write_env("PORT=http", "LOG_LEVEL=loud")

    with pytest.raises(SettingsError) as refused:
        read_settings()

    assert [line.split()[0] for line in str(refused.value).splitlines()] == ["PORT", "LOG_LEVEL"]


def test_an_env_file_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"\xff\xfe\x00P")

    with pytest.raises(SettingsError, match=r"^The file \.env is not text in UTF-8\."):
        read_settings()


def test_levels_and_formats_are_read_in_any_case() -> None:
    write_env("LOG_LEVEL=debug", "LOG_FORMAT=JSON")

    settings = read_settings()

    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/api", "http://localhost:8080/api/", "https://slack.com/api"])
def test_the_address_of_slack_ends_as_its_client_wants_it(url: str) -> None:
    write_env(f"SLACK_API_URL={url}")

    assert read_settings().slack_api_url == url.rstrip("/") + "/"


def test_whoever_prints_the_settings_sees_no_secret() -> None:
    write_env(f"SLACK_BOT_TOKEN={BOT}", "SLACK_SIGNING_SECRET=8f742231b10e", "DATABASE_URL=postgresql://a:hush@h/d")

    shown = repr(read_settings())

    assert not [secret for secret in (BOT, "8f742231b10e", "hush") if secret in shown]


def test_the_sample_names_every_setting_and_admits_that_it_is_not_filled_in() -> None:
    sample = (Path(__file__).parents[2] / ".env.sample").read_text(encoding="utf-8")
    write_env(sample)

    with pytest.raises(SettingsError) as refused:
        read_settings(tokens=True)

    assert [line.split()[0] for line in str(refused.value).splitlines()] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    assert [name for name in Settings.model_fields if f"{name.upper()}=" not in sample] == []
