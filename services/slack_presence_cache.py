"""Who was away in Slack a moment ago, so that Slack is not asked again for every form."""

from datetime import datetime, timedelta

CACHE_LIFETIME = timedelta(seconds=60)


class SlackPresenceCache:
    """One process's own: they last a minute, and nothing is decided by them."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[bool, datetime]] = {}

    def remember(self, person: str, now: datetime, *, away: bool) -> None:
        self._seen = {who: seen for who, seen in self._seen.items() if now - seen[1] < CACHE_LIFETIME}
        self._seen[person] = (away, now)

    def is_away(self, person: str, now: datetime) -> bool | None:
        """Whether they were away; None when nobody looked within the last minute."""
        away, at = self._seen.get(person, (None, now))
        return away if now - at < CACHE_LIFETIME else None
