"""Which app this process is: as Slack says at the start, or as it said last while it does not."""

from dataclasses import asdict
from functools import partial
from hashlib import sha256

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.runtime.slack_access import NO_ANSWER
from bot.settings import Settings
from bot.slack.app import Installation, identify_app
from bot.slack.error_kinds import ErrorKind, SlackRefusal
from rules.errors import Refused
from rules.text import Code, _
from services.desk import Desk
from storage import workspaces
from storage.database import Database


class SlackUnavailable(Refused):
    """Slack cannot be reached or refuses the bot token, and has never said whose it is."""


async def find_installation(
    slack: AsyncWebClient, database: Database, settings: Settings
) -> tuple[Installation, SlackRefusal | None]:
    """With why Slack does not say it now. SlackUnavailable where it has never said it of this token."""
    try:
        return await identify_app(slack), None
    except SlackApiError as error:
        refusal = SlackRefusal.from_error(error)
        sentence = _("Slack refused SLACK_BOT_TOKEN ({error}).", error=Code(refusal.name))
    except NO_ANSWER as error:
        refusal = SlackRefusal(type(error).__name__, ErrorKind.TRANSIENT)
        sentence = _("Slack does not answer at {url} ({error}).", url=settings.slack_api_url, error=refusal.name)
    known = await Desk(database, workspace="").read(
        lambda reader: workspaces.find_installation(reader.session, token=_fingerprint(settings.bot_token))
    )
    if known is None:
        way = _("Run {check} to see what is wrong.", check=Code("baton check"))
        raise SlackUnavailable(_("{sentence} {way}", sentence=sentence, way=way))
    return Installation(**known), refusal


async def save_installation(desk: Desk, installed: Installation, settings: Settings) -> None:
    save = partial(workspaces.save_installation, token=_fingerprint(settings.bot_token))
    await desk.execute(save, asdict(installed))


def _fingerprint(token: str) -> str:
    """Tells whether it is the same token, and nothing of the token itself."""
    return sha256(token.encode()).hexdigest()
