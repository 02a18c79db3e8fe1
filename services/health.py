"""What is wrong with this process just now: each part reports about itself, and clears that when it is well again."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from rules.model.health import HealthReason, HealthState
from rules.text import Code, Text, _

log = logging.getLogger("baton.health")

CHECK = Code("baton check")
SCOPE_SOURCE = "scope "


class Health:
    """One reason per source, such as `slack` or `jobs`; /readyz, /metrics and `/desk health` show them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._reasons: dict[str, HealthReason] = {}
        self.restarts: Counter[str] = Counter()  # of long-lived tasks, by name, since the process started

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

    def report_missing_scope(self, scope: str) -> None:
        """What needs it goes without; delivery asks Slack now and then whether it is granted again."""
        words = _("The scope {scope} is missing. {check} says what goes without it.", scope=Code(scope), check=CHECK)
        self.report(SCOPE_SOURCE + scope, words)

    @property
    def missing_scopes(self) -> Sequence[str]:
        sources = [reason.source for reason in self.reasons]
        return [source.removeprefix(SCOPE_SOURCE) for source in sources if source.startswith(SCOPE_SOURCE)]

    def clear_missing_scope(self, scope: str) -> None:
        self.clear(SCOPE_SOURCE + scope)

    def clear(self, source: str) -> None:
        if self._reasons.pop(source, None) is not None:
            log.info("Well again: %s", source)
