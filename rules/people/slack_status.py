"""What Slack says of somebody: a hint for people's eyes. The desk decides nothing by it."""

import re
from dataclasses import dataclass
from datetime import datetime

_EMOJI = re.compile(r":[a-z0-9_+'-]{1,90}(::skin-tone-[2-6])?:")


@dataclass(frozen=True, slots=True)
class Status:
    """What somebody wrote beside their name; without an end it stays until they change it."""

    text: str = ""
    emoji: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when until when Slack disturbs somebody with nothing: now, or the next time."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Hint:
    """What counts now; the empty one says nothing."""

    status: Status | None = None
    quiet_until: datetime | None = None
    is_away: bool = False


NO_STATUS = Status()
SILENT = Hint()


def hint(status: Status, quiet: Quiet | None, now: datetime, *, is_away: bool = False) -> Hint:
    """What of it counts at that moment: neither what is over nor what has not begun."""
    stands = bool(status.text or status.emoji) and (status.until is None or now < status.until)
    is_quiet = quiet is not None and quiet.begins <= now < quiet.ends
    return Hint(status if stands else None, quiet.ends if quiet is not None and is_quiet else None, is_away)


def emoji(word: str) -> str:
    """Slack's code of an emoji, `:palm_tree:`; empty for anything else that may stand there."""
    return word if _EMOJI.fullmatch(word) else ""
