"""SLA timers as values: what they measure, their state and their events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from rules.labels import LabelledEnum
from rules.text import Text, _

BREACH_LEVEL = 100  # above the number of every warning, so that levels compare


class TimerKind(LabelledEnum):
    """The SLA target that a timer measures."""

    FIRST_RESPONSE = "first_response", _("First reply")
    NEXT_RESPONSE = "next_response", _("Next reply")
    STEP = "step", _("Step")
    EXPERT_ANSWER = "expert_answer", _("Expert answer")
    RESOLUTION = "resolution", _("Resolution")


class TimerState(StrEnum):
    """A timer's state; BREACHED is closed late, a running timer past its due time is overdue."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class TimerEventKind(StrEnum):
    PAUSED = "paused"
    RESUMED = "resumed"
    MOVED = "moved"
    EXTENDED = "extended"
    MET = "met"
    BREACHED = "breached"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TimerEvent:
    """One event of a timer: what happened when, the due time after it, and why.

    A reason of our own is a `Text`; a string is what a person typed, or was written by a version before.
    `left_s` are the business seconds left, below zero when overdue; `granted_s` are those an extension added.
    `duration_text` and `calendar` are the target that counts from then on, as configured; empty where they stay the
    same. Where they change, `previous_duration_text`, `previous_calendar` and `previous_total_s` are the target before
    it (with granted time), `used_s` is what was used of it, and `hours_changed` says that the opening hours themselves
    changed.
    """

    at: datetime
    kind: TimerEventKind
    due_at: datetime
    left_s: int
    reason: Text | str = ""
    duration_text: str = ""
    calendar: str = ""
    granted_s: int = 0
    previous_duration_text: str = ""
    previous_calendar: str = ""
    previous_total_s: int = 0
    used_s: int = 0
    hours_changed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The stored form, with the reason as it is; empty and zero values are left out."""
        always = {
            "at": self.at.isoformat(),
            "did": str(self.kind),
            "due_at": self.due_at.isoformat(),
            "left_s": self.left_s,
        }
        return always | {key: value for name, key in _STORED_KEYS.items() if (value := getattr(self, name))}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "TimerEvent":
        return cls(
            at=datetime.fromisoformat(stored["at"]),
            kind=TimerEventKind(stored["did"]),
            due_at=datetime.fromisoformat(stored["due_at"]),
            left_s=stored["left_s"],
            **{name: stored[key] for name, key in _STORED_KEYS.items() if key in stored},
        )


_STORED_KEYS = {
    "reason": "why",
    "duration_text": "promise",
    "calendar": "calendar",
    "granted_s": "granted_s",
    "previous_duration_text": "was",
    "previous_calendar": "was_in",
    "previous_total_s": "was_s",
    "used_s": "used_s",
    "hours_changed": "new_hours",
}


@dataclass(frozen=True, slots=True)
class SlaTimer:
    """One SLA target of one ticket, counted in the business hours of `calendar` (a configured key; "" is day and
    night).

    From `due_soon_at`, the moment of its first alert, it is due soon, until `due_at`.

    `alert_level` is the newest alert sent: 0 none, 1 and up the warnings, then BREACH_LEVEL. `remaining_s` is set while
    paused and when closed from a pause; below zero it was overdue by that much. `next_alert_at` is None when no alert
    is due any more. `escalation_step` says how far up the alert has gone since `alerted_at`. `duration_text` and
    `conditions_text` are the target and the tickets it is for, as configured.
    """

    target: TimerKind
    state: TimerState
    started_at: datetime
    due_at: datetime
    total_s: int
    remaining_s: int | None = None
    alert_level: int = 0
    next_alert_at: datetime | None = None
    closed_at: datetime | None = None
    calendar: str = ""
    duration_text: str = ""
    conditions_text: str = ""
    escalation_step: int = 0
    alerted_at: datetime | None = None
    due_soon_at: datetime | None = None
    events: tuple[TimerEvent, ...] = ()

    @property
    def is_running(self) -> bool:
        return self.state is TimerState.RUNNING

    @property
    def is_open(self) -> bool:
        return self.state in (TimerState.RUNNING, TimerState.PAUSED)
