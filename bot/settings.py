"""Settings, read once from the environment and .env; each wrong one is named with its remedy."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rules.errors import Refused
from rules.text import Text, _, join_texts
from storage.database import InvalidDatabaseUrl, parse_database_url

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})

REMEDIES: Final = {
    "slack_bot_token": _("Copy it from your app's page under OAuth & Permissions; it starts with xoxb-."),
    "slack_app_token": _(
        "Make one on your app's page under Basic Information, App-Level Tokens, with connections:write; "
        "it starts with xapp-."
    ),
    "slack_signing_secret": _("Copy it from your app's page under Basic Information, Signing Secret."),
    "slack_api_url": _(
        "Leave it out for Slack itself, or give a local workspace's address such as http://127.0.0.1:8080/api/."
    ),
    "database_url": _("Use sqlite+aiosqlite:///baton.db or postgresql+asyncpg://user:password@host/name."),
    "baton_config": _("Give the path of your desk's configuration, such as desk.yml."),
    "baton_sweep_seconds": _("Give a whole number of seconds from 1 to 3600, such as 30."),
    "host": _("Give the address to listen on, such as 127.0.0.1."),
    "port": _("Give a port number from 0 to 65535, such as 3000."),
    "log_level": _("Choose DEBUG, INFO, WARNING or ERROR."),
    "log_format": _("Choose console or json."),
}
TOKENS: Final = frozenset({"slack_bot_token", "slack_app_token", "slack_signing_secret"})


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
    settings, faults = read_settings_and_token_faults()
    if tokens and not faults:
        faults = _missing_tokens(settings)
    if faults:
        raise SettingsError(join_texts(faults, "\n"))
    return settings


def read_settings_and_token_faults() -> tuple[Settings, list[Text]]:
    """For what works without Slack: tokens that cannot be right are left out, with a sentence about each.

    SettingsError names everything that is wrong when anything else is.
    """
    try:
        return Settings(), []
    except ValidationError as error:
        names = list(dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False)))
    except UnicodeDecodeError:
        raise SettingsError(_("The file .env is not text in UTF-8. Save it as UTF-8.")) from None
    faults = [join_texts([_("{setting} is not right.", setting=name.upper()), REMEDIES[name]]) for name in names]
    if not TOKENS.issuperset(names):
        raise SettingsError(join_texts(faults, "\n"))
    without: dict[str, Any] = dict.fromkeys(names)
    return Settings(**without), faults


def make_settings(**values: object) -> Settings:
    """Ignores .env: for the demo and for tests."""
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


def _missing_tokens(settings: Settings) -> list[Text]:
    sentences = [] if settings.slack_bot_token else [_missing_sentence("slack_bot_token")]
    if not settings.slack_app_token and not settings.slack_signing_secret:
        http = _("For HTTP Mode give SLACK_SIGNING_SECRET instead, from Basic Information, Signing Secret.")
        sentences.append(join_texts([_missing_sentence("slack_app_token"), http]))
    return sentences


def _required_secret(name: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise SettingsError(_missing_sentence(name))
    return secret.get_secret_value()


def _missing_sentence(name: str) -> Text:
    return join_texts([_("{setting} is missing.", setting=name.upper()), REMEDIES[name]])
