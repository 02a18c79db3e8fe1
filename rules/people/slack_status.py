"""What Slack says of somebody: a hint for people's eyes. The desk decides nothing by it."""

import re
from dataclasses import dataclass
from datetime import datetime

_EMOJI = re.compile(r":[a-z0-9_+'-]{1,90}(::skin-tone-[2-6])?:")


@dataclass(frozen=True, slots=True)
class CustomStatus:
    """What somebody wrote beside their name; without an end it stays until they change it."""

    text: str = ""
    emoji: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoNotDisturb:
    """From when until when Slack disturbs somebody with nothing: now, or the next time."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class SlackStatus:
    """What counts now; the empty one says nothing."""

    custom: CustomStatus | None = None
    do_not_disturb_until: datetime | None = None
    is_away: bool = False


NO_CUSTOM_STATUS = CustomStatus()
NO_SLACK_STATUS = SlackStatus()


def current_slack_status(
    custom: CustomStatus, do_not_disturb: DoNotDisturb | None, now: datetime, *, is_away: bool = False
) -> SlackStatus:
    """What of it counts at that moment: neither what is over nor what has not begun."""
    stands = bool(custom.text or custom.emoji) and (custom.until is None or now < custom.until)
    is_quiet = do_not_disturb is not None and do_not_disturb.begins <= now < do_not_disturb.ends
    return SlackStatus(
        custom if stands else None, do_not_disturb.ends if do_not_disturb is not None and is_quiet else None, is_away
    )


def emoji_code(word: str) -> str:
    """Slack's code of an emoji, `:palm_tree:`; empty for anything else that may stand there."""
    return word if _EMOJI.fullmatch(word) else ""
