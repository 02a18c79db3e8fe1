"""How well one process of Baton is: ready, ready with something wrong, or not ready, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.text import Text


class HealthState(StrEnum):
    """DEGRADED: something is wrong, but what people file is saved."""

    OK = "ok"
    DEGRADED = "degraded"
    UNREADY = "unready"


@dataclass(frozen=True, slots=True)
class HealthReason:
    """What is wrong with one source, since when, and whether it keeps this process from its work."""

    source: str
    sentence: Text | str
    since: datetime
    is_unready: bool = False
