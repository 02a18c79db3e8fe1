"""What the desk must come to: its rules once more, small and in memory, fed with acknowledged answers alone."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.journeys.simulation.world import CHANNELS, EXPERTS, LEADS, MANAGER, SUPPORT, WORKERS, team_people

DONE = "resolved"
PAUSED_WHILE_WAITING = ("next_response", "resolution")
OF_TICKET = ("first_response", *PAUSED_WHILE_WAITING)
OFFERED = ("new", "assigned", "in_progress")  # what may be given to somebody, and wait for the customer

Said = tuple[str, str, str]  # the kind of message, where it stands, the mark of its words


class Refusal(Exception):
    """The desk must refuse this."""


@dataclass(frozen=True)
class Step:
    """What somebody does to a ticket; `mark` is a word that is in nothing else that anybody writes.

    `foreign` when they are in another company's workspace, `twice` when they click twice or Slack sends it twice.
    """

    verb: str
    by: str
    number: int
    mark: str = ""
    to: str = ""
    title: str = ""
    round: int = 0
    seen: int = 0
    twice: bool = False
    foreign: bool = False


@dataclass
class Round:
    """One escalation: who asked whom, and what became of it."""

    team: str
    from_team: str
    asked_by: str
    why: str
    state: str = "pending"
    decided_by: str | None = None


@dataclass
class Ticket:
    title: str
    requester: str
    place: str
    status: str = "new"
    team: str = SUPPORT
    assignee: str | None = None
    timers: dict[str, str] = field(default_factory=lambda: {"first_response": "running", "resolution": "running"})
    events: list[tuple[str, str]] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    resolved: list[datetime] = field(default_factory=list)
    created: datetime = datetime.max

    @property
    def open_round(self) -> Round | None:
        return next((one for one in self.rounds if one.decided_by is None), None)

    @property
    def channels(self) -> list[str]:
        return list(dict.fromkeys([CHANNELS[SUPPORT], CHANNELS[self.team]]))


class Model:
    def __init__(self) -> None:
        self.tickets: dict[int, Ticket] = {}
        self.said: Counter[Said] = Counter()
        self.about: dict[str, int] = {}  # the ticket, by the words

    def has_lost_its_point(self, said: Said) -> bool:
        """News of a ticket that was resolved meanwhile need not be told any more."""
        kind, _, words = said
        return kind == "notice" and bool(self.tickets[self.about[words]].resolved)

    def fork(self, numbers: set[int]) -> "Model":
        """A model of these tickets alone, to try something in."""
        trial = Model()
        trial.tickets = {number: deepcopy(self.tickets[number]) for number in numbers if number in self.tickets}
        return trial

    def join(self, trial: "Model") -> None:
        self.tickets |= trial.tickets
        self.said += trial.said
        self.about |= trial.about

    def figures(self, day: date, zone: ZoneInfo) -> tuple[int, int, int]:
        """How many tickets were created that day, were resolved that day, and are open."""
        tickets = self.tickets.values()
        created = sum(one.created.astimezone(zone).date() == day for one in tickets)
        resolved = sum(any(at.astimezone(zone).date() == day for at in one.resolved) for one in tickets)
        return created, resolved, sum(one.status != DONE for one in tickets)

    def apply(self, step: Step, now: datetime) -> None:
        """Refusal leaves everything as it was."""
        if step.verb == "file":
            self.file(step, now)
            return
        if step.foreign:
            raise Refusal("nobody of another company has a part in it")
        ticket = self.tickets[step.number]
        trial = Case(deepcopy(ticket), step, now)
        getattr(trial, step.verb)()
        self.tickets[step.number] = trial.ticket
        self.said.update(trial.said)
        self.about |= {words: step.number for _, _, words in trial.said}

    def file(self, step: Step, now: datetime) -> None:
        """`to` is the channel of the message that asked; empty for a command, whose answers go to a direct message."""
        if step.number in self.tickets:
            raise Refusal("there is such a ticket")
        ticket = Ticket(title=step.title, requester=step.by, place=step.to or step.by, created=now)
        ticket.events.append(("filed", step.by))
        self.tickets[step.number] = ticket


class Case:
    """One step on one ticket: each method is a verb."""

    def __init__(self, ticket: Ticket, step: Step, now: datetime) -> None:
        self.ticket = ticket
        self.step = step
        self.by = step.by
        self.now = now
        self.said: list[Said] = []

    # the ticket's own life

    def take(self) -> None:
        ticket = self.ticket
        self._require(self._works())
        if ticket.status == "in_progress":
            self._require(ticket.assignee == self.by)
            return
        self._require(ticket.status in ("new", "assigned", "waiting"))
        self._become("in_progress", self.by)
        self._happened("taken")

    def wait(self) -> None:
        self._require(self._works() and self.ticket.status in OFFERED)
        self._become("waiting", self.ticket.assignee or self.by)
        self._happened("waiting")

    def reply(self, *, seen: bool = False) -> None:
        self._require(self._works() or self.by == MANAGER)
        self._stop("first_response", "next_response")
        if not seen:
            self._tell_requester()
        self._happened("replied", told=True)
        self._answer_experts()

    def note(self, *, seen_in: str = "") -> None:
        self._require(self._works() or self.by == MANAGER)
        self._happened("noted", told=True, seen_in=seen_in)
        self._answer_experts()

    def write(self) -> None:
        """The requester, in the thread in which they are answered."""
        ticket = self.ticket
        self._require(self.by == ticket.requester)
        if ticket.status == "waiting":
            self._become("in_progress" if ticket.assignee else "new")
        is_owed = ticket.timers["first_response"] == "over" and ticket.status != DONE
        if is_owed and ticket.timers.get("next_response") in (None, "over"):
            ticket.timers["next_response"] = "running"
        self._happened("wrote", told=True)
        self._answer_experts()

    def write_in_team_thread(self) -> None:
        if self.by == self.ticket.requester and not (self._works() or self.by == MANAGER):
            self.write()
        else:
            self.note(seen_in=CHANNELS[SUPPORT])

    def write_in_own_thread(self) -> None:
        if self.by == self.ticket.requester:
            self.write()
        else:
            self.reply(seen=True)

    def resolve(self) -> None:
        ticket = self.ticket
        self._require(self._works() and ticket.status != DONE)
        if ticket.open_round:
            self._decide("withdrawn")
        ticket.status, ticket.assignee = DONE, ticket.assignee or self.by
        ticket.resolved.append(self.now)
        self._stop(*OF_TICKET)
        self._tell_requester()
        self._happened("resolved", told=True)

    def reopen(self) -> None:
        ticket = self.ticket
        self._require(self._works() or self.by in (MANAGER, ticket.requester))
        self._require(ticket.status == DONE)
        before, ticket.status, ticket.assignee = ticket.assignee, "new", None
        ticket.timers["resolution"] = "running"
        self._happened("reopened", told=True)
        if before in team_people(ticket.team) + team_people(SUPPORT):
            self._offer(str(before))

    # who has it

    def assign(self) -> None:
        ticket = self.ticket
        self._require(self._works() or self.by == MANAGER)
        self._require(ticket.status in (*OFFERED, "waiting"))
        given = ("assigned", "taken", "passed", "accepted")
        self._require(not any(kind in given for kind, _ in ticket.events[self.step.seen :]))
        self._require(self.step.to in team_people(ticket.team) + team_people(SUPPORT))
        self._offer(self.step.to)

    def start(self) -> None:
        ticket = self.ticket
        self._require(self._works() and ticket.assignee == self.by and ticket.status != DONE)
        if ticket.status == "assigned":
            self._become("in_progress")
            self._happened("started")

    def hand_back(self) -> None:
        ticket = self.ticket
        self._require(self._works() and ticket.assignee == self.by and ticket.status == "assigned")
        ticket.status, ticket.assignee = "new", None
        self._happened("passed", told=True)
        for lead in [one for one in LEADS[ticket.team] if one != self.by] or [MANAGER]:
            self._say("notice", lead)

    # the experts

    def escalate(self) -> None:
        ticket = self.ticket
        self._require(self._works() and ticket.status in (*OFFERED, "waiting"))
        self._require(self.step.to in EXPERTS and self.step.to != ticket.team)
        self._become("escalated", ticket.assignee or self.by)
        ticket.rounds.append(Round(self.step.to, ticket.team, self.by, self.step.mark))
        ticket.timers["expert_answer"] = "running"
        self._happened("escalated")

    def accept(self) -> None:
        asked, told = self._decidable(), self._askers()
        self._decide("accepted")
        self.ticket.team = asked.team
        self._become("in_progress", self.by)
        self._happened("accepted", told=True, words=asked.why)
        self._tell(told, "accepted")

    def reject(self) -> None:
        asked = self._decidable()
        self._decide("rejected")
        self._return(asked)
        self._happened("rejected", told=True)
        self._tell(self._askers(asked))

    def ask_back(self) -> None:
        asked = self._decidable()
        self._require(asked.state == "pending")
        asked.state = "asked_back"
        self.ticket.timers["expert_answer"] = "paused"
        self._happened("asked_back", told=True)
        self._tell(self._askers())

    def redirect(self) -> None:
        asked, told = self._decidable(), self._askers()
        self._require(self.step.to in EXPERTS and self.step.to != asked.team)
        self._decide("redirected")
        self.ticket.rounds.append(Round(self.step.to, asked.from_team, asked.asked_by, asked.why))
        self.ticket.timers["expert_answer"] = "running"
        self._happened("redirected", told=True)
        self._tell(told)

    def withdraw(self) -> None:
        asked = self.ticket.open_round
        self._require(asked is not None)
        assert asked is not None
        agents = WORKERS[SUPPORT] if asked.from_team == SUPPORT else []
        self._require(self.by in (asked.asked_by, *agents, *LEADS[asked.from_team]))
        self._decide("withdrawn")
        self._return(asked)
        self._happened("withdrawn")
        self._tell(self._askers(asked), "withdrew")

    # what they have in common

    def _works(self) -> bool:
        ticket, asked = self.ticket, self.ticket.open_round
        teams = [SUPPORT, ticket.team] + ([asked.team] if asked else [])
        return self.by == ticket.assignee or any(self.by in team_people(team) for team in teams)

    def _require(self, allowed: bool) -> None:
        if not allowed:
            raise Refusal(self.step.verb)

    def _become(self, status: str, assignee: str | None = None) -> None:
        ticket = self.ticket
        ticket.status = status
        if assignee is not None:
            ticket.assignee = assignee
            if assignee in team_people(SUPPORT) and assignee not in team_people(ticket.team):
                ticket.team = SUPPORT
        now, after = ("running", "paused") if status == "waiting" else ("paused", "running")
        for target in PAUSED_WHILE_WAITING:
            if ticket.timers.get(target) == now:
                ticket.timers[target] = after

    def _stop(self, *targets: str) -> None:
        self.ticket.timers |= {target: "over" for target in targets if target in self.ticket.timers}

    def _offer(self, to: str) -> None:
        ticket = self.ticket
        if to != self.by:
            self._become("assigned", to)
            self._happened("assigned", told=self.step.verb == "assign")
        elif (ticket.status, ticket.assignee) != ("in_progress", to):
            self._become("in_progress", to)
            self._happened("taken")

    def _decidable(self) -> Round:
        rounds = self.ticket.rounds
        self._require(0 < self.step.round <= len(rounds))
        asked = rounds[self.step.round - 1]
        self._require(self.by in team_people(asked.team) and asked.decided_by is None)
        return asked

    def _decide(self, state: str) -> None:
        asked = self.ticket.open_round
        assert asked is not None
        asked.state, asked.decided_by = state, self.by
        self.ticket.timers["expert_answer"] = "over"

    def _return(self, asked: Round) -> None:
        self.ticket.team = asked.from_team
        self._become("in_progress", self.ticket.assignee or asked.asked_by)

    def _answer_experts(self) -> None:
        asked = self.ticket.open_round
        if asked and asked.state == "asked_back" and self.by not in team_people(asked.team):
            asked.state = "pending"
            self.ticket.timers["expert_answer"] = "running"
            self._happened("answered")

    def _askers(self, asked: Round | None = None) -> list[str]:
        """Who asked, and who has the ticket; nobody hears of their own doing."""
        asked = asked or self.ticket.open_round
        assert asked is not None
        people = dict.fromkeys([self.ticket.assignee or asked.asked_by, asked.asked_by])
        return [person for person in people if person != self.by]

    def _tell(self, people: list[str], verb: str = "") -> None:
        for person in people:
            self.said.append(("notice", person, f"{verb} {self.by} {self.step.number}" if verb else self.step.mark))

    def _tell_requester(self) -> None:
        if self.ticket.place != self.by:
            self._say("reply", self.ticket.place)

    def _say(self, kind: str, place: str, words: str = "") -> None:
        self.said.append((kind, place, words or self.step.mark))

    def _happened(self, kind: str, *, told: bool = False, seen_in: str = "", words: str = "") -> None:
        """`told` where the words stand in the timeline, that is in the thread of each card but the one they were in."""
        self.ticket.events.append((kind, self.by))
        for channel in self.ticket.channels if told else ():
            if channel != seen_in:
                self._say("story", channel, words)
