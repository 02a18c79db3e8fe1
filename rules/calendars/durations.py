"""The length of a target: seconds of business time, or whole working days."""

import re
from dataclasses import dataclass

from rules.errors import Refused
from rules.text import Code, Text, WorkTime, _, ngettext

MAX_DAYS = 3650
MAX_SECONDS = MAX_DAYS * 86_400

_HOURS_PATTERN = r"(?:(\d{1,9})\s*(?:h|hrs?|hours?))?\s*(?:(\d{1,9})\s*(?:m|mins?|minutes?))?"
_DURATION_PATTERN = re.compile(
    rf"(\d{{1,9}})\s*(?:d|(?:working\s+)?days?)|{_HOURS_PATTERN}\s*(?:(\d{{1,9}})\s*(?:s|secs?|seconds?))?",
    re.ASCII | re.IGNORECASE,
)
_HOUR, _MINUTE = 3600, 60


@dataclass(frozen=True, slots=True)
class Duration:
    """Business time to the second, or the same time of day so many working days later; exactly one of the two."""

    seconds: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.seconds < 0 or self.days < 0 or bool(self.seconds) == bool(self.days):
            raise Refused(_("A duration is either hours and minutes or days, and longer than none."))
        if self.seconds > MAX_SECONDS or self.days > MAX_DAYS:
            raise Refused(_("A duration is at most {days} days.", days=MAX_DAYS))

    def __str__(self) -> str:
        """The text that parse_duration reads back as this same duration."""
        if self.days:
            return f"{self.days}d"
        hours, rest = divmod(self.seconds, _HOUR)
        minutes, seconds = divmod(rest, _MINUTE)
        parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
        return "".join(f"{count}{unit}" for count, unit in parts if count)


def parse_duration(text: str) -> Duration:
    """15m, 2 hours, 1 h 30 min, 90 minutes, or 3 days."""
    if not text.strip():
        raise Refused(_("Say how long: write 15m, 4 hours or 1h30m (business hours), or 3d (working days)."))
    match, typed = _DURATION_PATTERN.fullmatch(text.strip()), Code(text)
    if match is None:
        raise Refused(
            _(
                "{text} is not a duration: write 15m, 4 hours or 1h30m (business hours), or 3d (working days).",
                text=typed,
            )
        )
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    seconds += hours * _HOUR + minutes * _MINUTE
    if not days and not seconds:
        raise Refused(_("{text} is no time at all: write 15m, 4 hours or 1h30m, or 3d (working days).", text=typed))
    if days > MAX_DAYS or seconds > MAX_SECONDS:
        raise Refused(_("{text} is longer than {days} days, the longest that is possible.", text=typed, days=MAX_DAYS))
    return Duration(seconds=seconds, days=days)


def duration_text(duration: Duration) -> Text:
    """As people read it: hours and minutes, or working days."""
    if duration.days:
        return ngettext("{n} working day", "{n} working days", duration.days)
    return Text("{time}", {"time": WorkTime(duration.seconds)})
