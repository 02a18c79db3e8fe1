"""The words of a promise's clock: what it counts towards, where it stands, what it lived through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

BREACH = 100  # above every warning's number, so that levels compare


class ClockKind(StrEnum):
    """What a clock counts towards."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    STEP = "step"
    EXPERT_ANSWER = "expert_answer"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    """Where a clock stands; BREACHED is closed late, a running clock past its due time is overdue."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class Turned(StrEnum):
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
class Turn:
    """One line of a clock's history: what happened when, when it was due after that, and why.

    `left_s` is the open time that was left, below zero when it was overdue; `granted_s` what an extension added.
    `promise` and `calendar` are what counts from then on, as in desk.yml; empty where they stay the same. Where they
    change, `was`, `was_in` and `was_s` are the promise before, its calendar and its open time with what was granted;
    `used_s` is what was used of it, and `new_hours` tells that the opening hours themselves became others.
    """

    at: datetime
    did: Turned
    due_at: datetime
    left_s: int
    why: str = ""
    promise: str = ""
    calendar: str = ""
    granted_s: int = 0
    was: str = ""
    was_in: str = ""
    was_s: int = 0
    used_s: int = 0
    new_hours: bool = False

    def plain(self) -> dict[str, Any]:
        """The stored form; what is empty or zero is left out."""
        always = {
            "at": self.at.isoformat(),
            "did": str(self.did),
            "due_at": self.due_at.isoformat(),
            "left_s": self.left_s,
        }
        sometimes = {
            "why": self.why,
            "promise": self.promise,
            "calendar": self.calendar,
            "granted_s": self.granted_s,
            "was": self.was,
            "was_in": self.was_in,
            "was_s": self.was_s,
            "used_s": self.used_s,
            "new_hours": self.new_hours,
        }
        return always | {key: value for key, value in sometimes.items() if value}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Turn":
        return cls(
            at=datetime.fromisoformat(plain["at"]),
            did=Turned(plain["did"]),
            due_at=datetime.fromisoformat(plain["due_at"]),
            left_s=plain["left_s"],
            why=plain.get("why", ""),
            promise=plain.get("promise", ""),
            calendar=plain.get("calendar", ""),
            granted_s=plain.get("granted_s", 0),
            was=plain.get("was", ""),
            was_in=plain.get("was_in", ""),
            was_s=plain.get("was_s", 0),
            used_s=plain.get("used_s", 0),
            new_hours=plain.get("new_hours", False),
        )


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise of one ticket, in the open time of `calendar` (a key of desk.yml; "" is day and night).

    `level` is the newest alert given: 0 none, 1 and up the warnings, BREACH. `remaining_s` is kept while paused and
    when closed from a pause; below zero it was overdue by that much. `next_alert_at` is None when nothing more is due.
    `rung` says how far up the alert has gone since `told_at`. `promise` and `because` are the promised time and the
    tickets it is for, in the words of desk.yml.
    """

    target: ClockKind
    state: ClockState
    started_at: datetime
    due_at: datetime
    total_s: int
    remaining_s: int | None = None
    level: int = 0
    next_alert_at: datetime | None = None
    closed_at: datetime | None = None
    calendar: str = ""
    promise: str = ""
    because: str = ""
    rung: int = 0
    told_at: datetime | None = None
    turns: tuple[Turn, ...] = ()

    @property
    def runs(self) -> bool:
        return self.state is ClockState.RUNNING

    @property
    def is_open(self) -> bool:
        """Whether it still waits for what was promised."""
        return self.state in (ClockState.RUNNING, ClockState.PAUSED)
