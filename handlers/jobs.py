"""A scheduled job: what is done, how often or at what time of a team's day, and by which process."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from rules.model.policy import Team
from services.desk import Desk

JobTask = Callable[..., Any]
MINUTE = timedelta(minutes=1)
TASK_PARAMETERS = frozenset({"tx", "desk", "slack", "team", "day"})  # what a task may name


@dataclass(frozen=True, slots=True)
class Job:
    """A task that names `tx` is an operation in one transaction; any other is awaited with the `desk` and `slack` that
    it names. A daily job (`at`) may name the `team` and the `day` as well: it runs once per team and working day."""

    name: str
    task: JobTask
    order: int
    every: timedelta
    at: time | None = None
    everywhere: bool = False

    @property
    def minimum_gap(self) -> timedelta:
        """Two runs that begin closer together than this are one run that two processes wanted."""
        return timedelta(0) if self.everywhere else min(self.every / 2, MINUTE)

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.task).parameters)

    def run(
        self, desk: Desk, slack: AsyncWebClient, *, team: Team | None = None, day: date | None = None
    ) -> Awaitable[object]:
        values = {"desk": desk, "slack": slack, "team": team, "day": day}
        named = {name: values[name] for name in self.parameters - {"tx"}}
        result: Awaitable[object] = desk.execute(self.task, **named) if "tx" in self.parameters else self.task(**named)
        return result
