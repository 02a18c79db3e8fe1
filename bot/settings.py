"""Settings, read once from the environment and .env; each wrong one is named with its remedy."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rules.errors import Refused
from storage.database import InvalidDatabaseUrl, parse_database_url

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})

REMEDIES: Final = {
    "slack_bot_token": "Copy it from your app's page under OAuth & Permissions; it starts with xoxb-.",
    "slack_app_token": (
        "Make one on your app's page under Basic Information, App-Level Tokens, with connections:write; "
        "it starts with xapp-."
    ),
    "slack_signing_secret": "Copy it from your app's page under Basic Information, Signing Secret.",
    "slack_api_url": "Leave it out for Slack itself, or give a local workspace's address such as http://127.0.0.1:8080/api/.",
    "database_url": "Use sqlite+aiosqlite:///baton.db or postgresql+asyncpg://user:password@host/name.",
    "baton_config": "Give the path of your desk's description, such as desk.yml.",
    "baton_sweep_seconds": "Give a whole number of seconds from 1 to 3600, such as 30.",
    "host": "Give the address to listen on, such as 127.0.0.1.",
    "port": "Give a port number from 0 to 65535, such as 3000.",
    "log_level": "Choose DEBUG, INFO, WARNING or ERROR.",
    "log_format": "Choose console or json.",
}


class SettingsError(Refused):
    """Baton cannot run with these settings. Each line names one variable and its remedy, never its value."""


class Mode(StrEnum):
    SOCKET = "Socket Mode"
    HTTP = "HTTP Mode"


def _matching(pattern: str) -> AfterValidator:
    def check(secret: SecretStr | None) -> SecretStr | None:
        if secret and not re.fullmatch(pattern, secret.get_secret_value()):
            raise ValueError("no secret of this kind")
        return secret

    return AfterValidator(check)


def _check_api_url(url: str) -> str:
    """Tokens are sent there: https is required, except on this machine."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)
    if not safe or not parts.hostname:
        raise ValueError("no address")
    return url.rstrip("/") + "/"


def _check_database(address: str) -> str:
    try:
        parse_database_url(address)
    except InvalidDatabaseUrl as error:
        raise ValueError from error
    return address


class Settings(BaseSettings):
    """Tokens may be missing: the properties below raise SettingsError for one that is needed."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    slack_bot_token: Annotated[SecretStr | None, _matching(r"xoxb-\S+")] = None
    slack_app_token: Annotated[SecretStr | None, _matching(r"xapp-\S+")] = None
    slack_signing_secret: Annotated[SecretStr | None, _matching(r"(?!xox|xapp-)\S+")] = None
    slack_api_url: Annotated[str, AfterValidator(_check_api_url)] = "https://slack.com/api/"
    database_url: Annotated[str, AfterValidator(_check_database), Field(repr=False)] = "sqlite+aiosqlite:///baton.db"
    baton_config: Path = Path("desk.yml")
    baton_sweep_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    host: Annotated[str, Field(pattern=r"^\S+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = "INFO"
    log_format: Annotated[Literal["console", "json"], BeforeValidator(str.lower)] = "console"

    @property
    def mode(self) -> Mode:
        return Mode.SOCKET if self.slack_app_token else Mode.HTTP

    @property
    def bot_token(self) -> str:
        return _required_secret("slack_bot_token", self.slack_bot_token)

    @property
    def app_token(self) -> str:
        return _required_secret("slack_app_token", self.slack_app_token)

    @property
    def signing_secret(self) -> str:
        return _required_secret("slack_signing_secret", self.slack_signing_secret)


def read_settings(*, tokens: bool = False) -> Settings:
    """SettingsError names everything that is wrong; with `tokens` also the tokens that are missing."""
    try:
        settings = Settings()
    except ValidationError as error:
        names = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False))
        raise SettingsError("\n".join(f"{name.upper()} is not right. {REMEDIES[name]}" for name in names)) from None
    except UnicodeDecodeError:
        raise SettingsError("The file .env is no text in UTF-8. Save it as UTF-8.") from None
    if tokens and (missing := _missing_tokens(settings)):
        raise SettingsError("\n".join(missing))
    return settings


def make_settings(**values: object) -> Settings:
    """Ignores .env: for the demo and for tests."""
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


def _missing_tokens(settings: Settings) -> list[str]:
    lines = [] if settings.slack_bot_token else [_missing_sentence("slack_bot_token")]
    if not settings.slack_app_token and not settings.slack_signing_secret:
        lines.append(
            f"{_missing_sentence('slack_app_token')} For HTTP Mode give SLACK_SIGNING_SECRET instead, "
            "from Basic Information, Signing Secret."
        )
    return lines


def _required_secret(name: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise SettingsError(_missing_sentence(name))
    return secret.get_secret_value()


def _missing_sentence(name: str) -> str:
    return f"{name.upper()} is missing. {REMEDIES[name]}"
