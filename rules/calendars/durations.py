"""The length of a target: seconds of business time, or whole working days."""

import re
from dataclasses import dataclass

from rules.errors import Refused

DURATION_FORMS = "write 20s, 15m, 4h or 1h30m (open hours), or 3d (working days)"
MAX_DAYS = 3650
MAX_SECONDS = MAX_DAYS * 86_400

_DURATION_PATTERN = re.compile(r"(\d{1,9})d|(?:(\d{1,9})h)?\s*(?:(\d{1,9})m)?\s*(?:(\d{1,9})s)?", re.ASCII)
_HOUR, _MINUTE = 3600, 60


@dataclass(frozen=True, slots=True)
class Duration:
    """Business time to the second, or the same time of day so many working days later; exactly one of the two."""

    seconds: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.seconds < 0 or self.days < 0 or bool(self.seconds) == bool(self.days):
            raise Refused(f"A duration is either some seconds or some days, and more than none: {DURATION_FORMS}.")
        if self.seconds > MAX_SECONDS or self.days > MAX_DAYS:
            raise Refused(f"A duration is at most {MAX_DAYS} days.")

    def __str__(self) -> str:
        """The text that parse_duration reads back as this same duration."""
        if self.days:
            return f"{self.days}d"
        hours, rest = divmod(self.seconds, _HOUR)
        minutes, seconds = divmod(rest, _MINUTE)
        parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
        return "".join(f"{count}{unit}" for count, unit in parts if count)


def parse_duration(text: str) -> Duration:
    match = _DURATION_PATTERN.fullmatch(text.strip())
    if match is None:
        raise Refused(f"`{text}` is not a duration: {DURATION_FORMS}.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    seconds += hours * _HOUR + minutes * _MINUTE
    if not days and not seconds:
        raise Refused(f"`{text}` is not a duration, it promises no time: {DURATION_FORMS}.")
    if days > MAX_DAYS or seconds > MAX_SECONDS:
        raise Refused(f"`{text}` is longer than {MAX_DAYS} days, the longest a desk can promise.")
    return Duration(seconds=seconds, days=days)


def format_seconds(seconds: int) -> str:
    """The length in its two largest units, the rest dropped and the sign ignored."""
    length = abs(seconds)
    if length < _MINUTE:
        return f"{length} s"
    hours, minutes = divmod(length // _MINUTE, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h")) if days else ((hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def format_hours(seconds: float) -> str:
    hours, minutes = divmod(int(seconds // _MINUTE), 60)
    parts = ((hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"
