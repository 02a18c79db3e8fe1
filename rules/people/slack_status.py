"""A person's Slack status: shown to people, never used in a decision."""

import re
from dataclasses import dataclass
from datetime import datetime

_EMOJI = re.compile(r":[a-z0-9_+'-]{1,90}(::skin-tone-[2-6])?:")


@dataclass(frozen=True, slots=True)
class CustomStatus:
    """The text and emoji beside a person's name; without `until` it stays until they change it."""

    text: str = ""
    emoji: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoNotDisturb:
    """The current or next period in which Slack sends a person no notifications."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class SlackStatus:
    """What applies at a moment; the empty value shows nothing."""

    custom: CustomStatus | None = None
    do_not_disturb_until: datetime | None = None
    is_away: bool = False


NO_CUSTOM_STATUS = CustomStatus()
NO_SLACK_STATUS = SlackStatus()


def current_slack_status(
    custom: CustomStatus, do_not_disturb: DoNotDisturb | None, now: datetime, *, is_away: bool = False
) -> SlackStatus:
    is_set = bool(custom.text or custom.emoji) and (custom.until is None or now < custom.until)
    is_quiet = do_not_disturb is not None and do_not_disturb.begins <= now < do_not_disturb.ends
    quiet_until = do_not_disturb.ends if do_not_disturb is not None and is_quiet else None
    return SlackStatus(custom if is_set else None, quiet_until, is_away)


def emoji_code(word: str) -> str:
    """The emoji's code, such as `:palm_tree:`; empty for any other text."""
    return word if _EMOJI.fullmatch(word) else ""
