"""What had to be told of every ticket, read off its history and counted on walls: nothing of the desk's own rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.schema.tickets import Event, Ticket
from tests.journeys.year.wall import Wall, stamp, wall, wall_of
from tests.journeys.year.world import WORLD

WARNINGS, LAST, BREACH = (0.5, 0.2), 2, 100  # what is left at each warning; from the second on the lead is told
CLIMB = 30 * 60
NEVER = 1 << 60
PAUSING = ("next_response", "resolution")
OF_TICKET = ("first_response", *PAUSING)


@dataclass(frozen=True, slots=True)
class Telling:
    """Told then, in the open hours of the team that should act. `again`: a snooze is over; `up`: nobody acted."""

    at: int
    number: int
    target: str
    level: int
    due: int
    started: int
    team: str
    holder: str | None
    again: bool = False
    up: bool = False


@dataclass
class Count:
    """One promise as it runs: `left` while it stands still, `closed` when it is over."""

    target: str
    hours: Wall
    started: int
    due: int
    total: int
    level: int = 0
    left: int | None = None
    late: bool = False
    closed: int | None = None
    owed: bool = True
    told_at: int | None = None
    snoozed: int | None = None
    marks: list[tuple[int, bool]] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        return self.closed is None and self.left is None

    def mark(self, at: int) -> None:
        self.marks.append((at, self.runs and self.level > 0))

    def alarms(self, at: int) -> bool:
        """Whether anybody should still read of it then."""
        return next((alarms for since, alarms in reversed(self.marks) if since <= at), False)

    def ahead(self) -> list[tuple[int, int]]:
        """Each level with the moment from which it holds; the due moment itself is not late yet."""
        given = [self.hours.back(self.due, round(self.total * share)) for share in WARNINGS]
        return [*enumerate(given, start=1), (BREACH, self.due)]

    def reached(self, at: int) -> int:
        return max([level for level, since in self.ahead() if since <= at and (level < BREACH or at > self.due)] or [0])

    def pause(self, at: int) -> None:
        if self.runs:
            self.left, self.late = self.hours.between(at, self.due), at > self.due

    def resume(self, at: int) -> None:
        if self.closed is None and self.left is not None:
            late = self.late or self.level == BREACH
            self.due = self.due if late else max(self.due, self.hours.on(at, self.left))
            self.left = None

    def close(self, at: int, *, owed: bool = True) -> None:
        if self.closed is None:
            self.late = self.late if self.left is not None else at > self.due
            self.late = self.late or (self.left is not None and self.level == BREACH)
            self.closed, self.owed, self.snoozed = at, owed, None

    def reopen(self, at: int) -> None:
        if self.closed is None or not self.owed:
            return
        left = self.hours.between(self.closed, self.due) if self.left is None else self.left
        self.due = self.due if self.late or self.level == BREACH else max(self.due, self.hours.on(at, left))
        self.closed = self.left = None

    def extend(self, at: int, more: str) -> None:
        """From when it was due, or from now on where that has passed; what is not reached any more is told anew."""
        begins = max(at, self.due) if self.runs else at
        until = self.hours.due(begins, more)
        given = self.hours.between(begins, until)
        self.total += given
        if self.left is not None:
            self.left, self.level, self.late = max(self.left, 0) + given, 0, False
            return
        self.due = until
        self.level = min(self.level, self.reached(at))
        self.told_at = self.told_at if self.level == BREACH else None


class Case:
    """One ticket's life, event by event, and all that had to be told of it."""

    def __init__(self, ticket: Ticket, history: Sequence[Event], until: int) -> None:
        self.ticket = ticket
        self.history = history
        self.counts: list[Count] = []
        self.asked_team = ""
        self.replied = False
        self.tellings: list[tuple[Telling, Count]] = []
        ends = [stamp(event.at) for event in history[1:]]
        for event, end in zip(history, [*ends, until], strict=True):
            at = stamp(event.at)
            self._happened(event, at)
            for count in self.counts:
                count.mark(at)
                self.tellings += [(told, count) for told in self._told(count, event, at, end)]

    def open_ones(self, *targets: str) -> Iterator[Count]:
        return (count for count in self.counts if count.target in targets and count.closed is None)

    def _happened(self, event: Event, at: int) -> None:
        if happened := getattr(self, f"_{event.kind}", None):
            happened(at, event.data)
        for count in self.open_ones(*PAUSING):
            (count.pause if event.status == "waiting" else count.resume)(at)

    def _filed(self, at: int, said: dict[str, Any]) -> None:
        self._begin("first_response", at)
        self._begin("resolution", at)

    def _replied(self, at: int, said: dict[str, Any]) -> None:
        self.replied = True
        self._close(at, "first_response", "next_response")

    def _wrote(self, at: int, said: dict[str, Any]) -> None:
        """Written to the desk again: that wants an answer, once it was answered before."""
        if self.replied and not any(self.open_ones("next_response")) and any(self.open_ones("resolution")):
            self._begin("next_response", at)

    def _resolved(self, at: int, said: dict[str, Any]) -> None:
        self.replied = True
        self._close(at, *OF_TICKET)
        for count in self.open_ones("expert_answer"):
            count.close(at, owed=False)

    def _reopened(self, at: int, said: dict[str, Any]) -> None:
        for count in [count for count in self.counts if count.target == "resolution"]:
            count.reopen(at)

    def _escalated(self, at: int, said: dict[str, Any]) -> None:
        self.asked_team = said["to"]
        hours, within = wall_of(self.asked_team), WORLD["teams"][self.asked_team]["answer_within"]
        self._count("expert_answer", hours, at, within)

    def _asked_back(self, at: int, said: dict[str, Any]) -> None:
        for count in self.open_ones("expert_answer"):
            count.pause(at)

    def _answered(self, at: int, said: dict[str, Any]) -> None:
        for count in self.open_ones("expert_answer"):
            count.resume(at)

    def _accepted(self, at: int, said: dict[str, Any]) -> None:
        self._close(at, "expert_answer")

    _rejected = _accepted

    def _extended(self, at: int, said: dict[str, Any]) -> None:
        for count in self.open_ones(said["target"]):
            count.extend(at, said["more"])

    def _snoozed(self, at: int, said: dict[str, Any]) -> None:
        for count in [count for count in self.open_ones(*OF_TICKET, "expert_answer") if count.runs and count.level]:
            count.snoozed = stamp(datetime.fromisoformat(said["until"]))

    def _close(self, at: int, *targets: str) -> None:
        for count in self.open_ones(*targets):
            count.close(at)

    def _begin(self, target: str, at: int) -> None:
        """By the row with the most to say of it: a priority before a type, a type before a team."""
        ticket = {"priority": self.ticket.priority, "type": self.ticket.type, "team": self.ticket.first_line}
        for row in WORLD["sla"]:
            if target in row and all(row.get(key, one) == one for key, one in ticket.items()):
                hours = wall(row.get("calendar") or WORLD["teams"][self.ticket.first_line]["calendar"])
                return self._count(target, hours, at, row[target])
        return None

    def _count(self, target: str, hours: Wall, at: int, within: str) -> None:
        due = hours.due(at, within)
        self.counts.append(Count(target, hours, at, due, hours.between(at, due)))

    def _told(self, count: Count, event: Event, start: int, end: int) -> Iterator[Telling]:
        """What is told of it until the next event: only while the team that should act works, and no snooze lasts."""
        team = self.asked_team if count.target == "expert_answer" else event.team
        while count.runs and (at := self._speaks(count, wall_of(team), start)) < end:
            start = at
            level, again, up = count.reached(at), False, False
            if level <= count.level:
                again, up = count.snoozed is not None and count.level == BREACH, count.snoozed is None
            if up and self._acted(count.told_at or 0, at):
                count.told_at = None
                continue
            count.level, count.told_at, count.snoozed = max(level, count.level), None if up else at, None
            count.mark(at)
            holder = None if count.target == "expert_answer" else event.assignee
            yield Telling(
                at, event.number, count.target, count.level, count.due, count.started, team, holder, again or up, up
            )

    def _speaks(self, count: Count, team: Wall, start: int) -> int:
        """When there is something to say next: a new level, the end of a snooze, or the step up to the managers."""
        news = [since + (level == BREACH) for level, since in count.ahead() if level > count.level]
        if count.level == BREACH and count.snoozed is not None:
            news.append(count.snoozed)
        elif count.level == BREACH and count.told_at is not None:
            news.append(team.on(count.told_at, CLIMB))
        if not news:
            return NEVER
        at = team.opening(max(start, min(news)))
        return team.opening(max(at, count.snoozed)) if count.snoozed is not None else at

    def _acted(self, since: int, at: int) -> bool:
        idle = (self.ticket.requester, "desk")
        return any(since < stamp(event.at) <= at and event.by not in idle for event in self.history)
