"""The words of a promise's clock: what it counts towards, where it stands, what it lived through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

BREACH_LEVEL = 100  # above every warning's number, so that levels compare


class TimerKind(StrEnum):
    """What a clock counts towards."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    STEP = "step"
    EXPERT_ANSWER = "expert_answer"
    RESOLUTION = "resolution"


class TimerState(StrEnum):
    """Where a clock stands; BREACHED is closed late, a running clock past its due time is overdue."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class TimerEventKind(StrEnum):
    """What can happen to a clock after its start."""

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
    """One line of a clock's history: what happened when, when it was due after that, and why.

    `left_s` is the open time that was left, below zero when it was overdue; `granted_s` what an extension added.
    `promise` and `calendar` are what counts from then on, as in desk.yml; empty where they stay the same. Where they
    change, `was`, `was_in` and `was_s` are the promise before, its calendar and its open time with what was granted;
    `used_s` is what was used of it, and `new_hours` tells that the opening hours themselves became others.
    """

    at: datetime
    kind: TimerEventKind
    due_at: datetime
    left_s: int
    reason: str = ""
    duration_text: str = ""
    calendar: str = ""
    granted_s: int = 0
    previous_duration_text: str = ""
    previous_calendar: str = ""
    previous_total_s: int = 0
    used_s: int = 0
    hours_changed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The stored form; what is empty or zero is left out."""
        always = {
            "at": self.at.isoformat(),
            "did": str(self.kind),
            "due_at": self.due_at.isoformat(),
            "left_s": self.left_s,
        }
        sometimes = {
            "why": self.reason,
            "promise": self.duration_text,
            "calendar": self.calendar,
            "granted_s": self.granted_s,
            "was": self.previous_duration_text,
            "was_in": self.previous_calendar,
            "was_s": self.previous_total_s,
            "used_s": self.used_s,
            "new_hours": self.hours_changed,
        }
        return always | {key: value for key, value in sometimes.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "TimerEvent":
        return cls(
            at=datetime.fromisoformat(stored["at"]),
            kind=TimerEventKind(stored["did"]),
            due_at=datetime.fromisoformat(stored["due_at"]),
            left_s=stored["left_s"],
            reason=stored.get("why", ""),
            duration_text=stored.get("promise", ""),
            calendar=stored.get("calendar", ""),
            granted_s=stored.get("granted_s", 0),
            previous_duration_text=stored.get("was", ""),
            previous_calendar=stored.get("was_in", ""),
            previous_total_s=stored.get("was_s", 0),
            used_s=stored.get("used_s", 0),
            hours_changed=stored.get("new_hours", False),
        )


@dataclass(frozen=True, slots=True)
class SlaTimer:
    """One promise of one ticket, in the open time of `calendar` (a key of desk.yml; "" is day and night).

    `level` is the newest alert given: 0 none, 1 and up the warnings, BREACH. `remaining_s` is kept while paused and
    when closed from a pause; below zero it was overdue by that much. `next_alert_at` is None when nothing more is due.
    `rung` says how far up the alert has gone since `told_at`. `promise` and `because` are the promised time and the
    tickets it is for, in the words of desk.yml.
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
    events: tuple[TimerEvent, ...] = ()

    @property
    def is_running(self) -> bool:
        return self.state is TimerState.RUNNING

    @property
    def is_open(self) -> bool:
        """Whether it still waits for what was promised."""
        return self.state in (TimerState.RUNNING, TimerState.PAUSED)
