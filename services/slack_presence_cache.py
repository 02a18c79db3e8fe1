"""A cache of Slack presence, so that Slack is not asked again for every form."""

from datetime import datetime, timedelta

CACHE_LIFETIME = timedelta(seconds=60)


class SlackPresenceCache:
    """Kept per process, for a minute; it decides nothing."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[bool, datetime]] = {}

    def remember(self, person: str, now: datetime, *, away: bool) -> None:
        self._seen = {other: seen for other, seen in self._seen.items() if abs(now - seen[1]) < CACHE_LIFETIME}
        self._seen[person] = (away, now)

    def is_away(self, person: str, now: datetime) -> bool | None:
        """None when it was not read within the last minute."""
        away, at = self._seen.get(person, (None, now))
        return away if abs(now - at) < CACHE_LIFETIME else None
