"""What is wrong with this process just now: each part reports about itself, and clears that when it is well again."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from rules.model.health import HealthReason, HealthState
from rules.text import Text

log = logging.getLogger("baton.health")


class Health:
    """One reason per source, such as `slack` or `jobs`; /readyz, /metrics and `/desk health` show them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._reasons: dict[str, HealthReason] = {}

    @property
    def reasons(self) -> Sequence[HealthReason]:
        """The longest lasting first."""
        return sorted(self._reasons.values(), key=lambda reason: reason.since)

    @property
    def state(self) -> HealthState:
        if any(reason.is_unready for reason in self._reasons.values()):
            return HealthState.UNREADY
        return HealthState.DEGRADED if self._reasons else HealthState.OK

    def report(self, source: str, sentence: Text | str, *, is_unready: bool = False) -> None:
        """Replaces what the source reported before; `since` stays that of its first report.

        `is_unready` says that this process cannot save, or cannot do its work: /readyz answers 503.
        """
        known = self._reasons.get(source)
        since = self._clock() if known is None else known.since
        self._reasons[source] = HealthReason(source, sentence, since, is_unready)
        if known is None or known.sentence != sentence:
            log.warning("Not well (%s): %s", source, sentence)

    def clear(self, source: str) -> None:
        if self._reasons.pop(source, None) is not None:
            log.info("Well again: %s", source)
