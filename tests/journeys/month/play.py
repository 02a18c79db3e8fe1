"""The month is lived through on a real database: people work, leave and come back, and two processes run the jobs."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select

from bot.runtime.jobs import all_jobs
from rules.errors import Refused
from rules.intake.requests import TicketRequest
from rules.model.tickets import Status
from rules.presence.leave import LeavePeriod
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.presence import presence
from services.reassignment import absence_cover, bulk
from services.tickets import tickets
from storage.events import DESK_ACTOR
from storage.people import people
from storage.reassignment.bulk import ticket_moves
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Reader, Transaction
from tests.desks import HeldClock
from tests.journeys.month.leaves import NEVER, Absences, Leave, leaves
from tests.journeys.month.pressing import Pressing
from tests.journeys.month.script import Asked, filings
from tests.journeys.month.world import EXPERTS, MINUTES, TICK, WORLD, everybody, lead_of, people_of, ticks, workers_of
from tests.journeys.year.play import done
from tests.journeys.year.wall import HOUR, MINUTE, moment

P = ParamSpec("P")

EVERY_TICK = ("handovers.hand_over", "assignments.give_waiting", "reminders.remind", "sla.warn")
EVERY_DAY = ("forecasts.learn", "load.warn", "competence.remind", "levers.check")
UNDOES, GIVES, MISTAKES, TAKES = 0.5, 0.4, 0.08, 0.02
OPEN = (Status.ASSIGNED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Stands:
    """How things stand when people look up: open tickets, questions to the experts, and what the desk handed over."""

    tickets: list[Ticket]
    asked: list[Escalation]
    baskets: list[BulkReassignment]

    def of(self, person: str) -> dict[int, Ticket]:
        return {ticket.number: ticket for ticket in self.tickets if ticket.assignee == person}


@dataclass
class Month:
    """Who has what in hand, what is still to happen, and how often what did."""

    clock: HeldClock
    desks: tuple[Desk, Desk]
    pressing: Pressing
    dice: random.Random
    asked: dict[int, Asked] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _hands: dict[str, tuple[int, int]] = field(default_factory=dict)  # the ticket, and until when it takes them
    _later: list[tuple[int, int, str]] = field(default_factory=list)
    _seen: set[tuple[str, int]] = field(default_factory=set)
    _turn: int = 0

    def __post_init__(self) -> None:
        self.absences = Absences(leaves(self.dice))
        self._filings = filings(self.dice)
        entered = self.absences.entered
        goes = [(leave.typed, each, "goes") for each, leave in enumerate(entered)]
        comes = [(leave.back, each, "comes") for each, leave in enumerate(entered) if leave.back is not None]
        self._later = sorted(goes + comes)

    async def live(self, *, weeks: int) -> None:
        """From half-hour to half-hour; at the end of each the jobs run, by both processes in turns."""
        slack, today = AsyncWebClient(), 0
        table = {job.name: job for job in all_jobs(15)}
        for at in ticks(weeks):
            self.clock.now = moment(at)
            await self._happens(at)
            await self._work(at, await self._next().read(stands))
            self.clock.now = moment(at + TICK - MINUTE)
            first, today = self.clock.now.toordinal() != today, self.clock.now.toordinal()
            for name in (*EVERY_DAY, *EVERY_TICK) if first else EVERY_TICK:
                await table[name].run(self._next(), slack)

    def _next(self) -> Desk:
        self._turn += 1
        return self.desks[self._turn % 2]

    async def _does(
        self, deed: Callable[Concatenate[Transaction, P], object], *args: P.args, **named: P.kwargs
    ) -> bool:
        """Whether it was done; each deed has a second of its own."""
        self.clock.forward(seconds=1)
        try:
            await done(self._next(), deed, *args, **named)
        except Refused as refusal:
            self.counts[f"refused: {type(refusal).__name__}"] += 1
            return False
        return True

    async def _happens(self, at: int) -> None:
        """What comes from outside: people leave and come back, customers ask, answer, and ask again."""
        while self._later and self._later[0][0] <= at:
            _, which, verb = heapq.heappop(self._later)
            if verb in ("goes", "comes"):
                await self._moves(self.absences.entered[which], verb)
            elif verb == "write":
                await self._does(tickets.add_requester_message, which, by=self.asked[which].by, text="It is still so.")
            else:
                await self._does(tickets.reopen, which, by=self.asked[which].by, reason="Again.")
        while self._filings and self._filings[0].at <= at:
            asked = self._filings.pop(0)
            self.clock.forward(seconds=1)
            request = TicketRequest(f"Trouble with {asked.type}", asked.by, asked.by, asked.type)
            self.asked[await done(self._next(), tickets.create_ticket, request)] = asked

    async def _moves(self, leave: Leave, verb: str) -> None:
        who, span = leave.person, LeavePeriod(moment(leave.begins), None if leave.ends == NEVER else moment(leave.ends))
        if leave.gone:
            gone = verb == "goes"
            did = await self._does(people.save_person, who, name=who, tz="Europe/Warsaw", gone=gone)
        elif verb == "goes":
            did = await self._does(presence.enter_leave, who, span, by=who)
        else:
            did = await self._does(presence.return_to_work, who, by=who)
        assert did, f"{who} could not enter {leave}"

    async def _work(self, at: int, now: Stands) -> None:
        for who in everybody():
            if self.absences.here(who, at):
                await self._works(who, at, now.of(who))
        for team in WORLD["teams"]:
            if self.absences.here(lead_of(team), at):
                await self._leads(team, at, [ticket for ticket in now.tickets if ticket.team == team])
        for question in now.asked:
            self.clock.forward(seconds=1)
            await self.pressing.on(question, self.absences, self.clock.now, at)
        await self._looks_at_baskets(at, now.baskets)

    async def _works(self, who: str, at: int, mine: dict[int, Ticket]) -> None:
        """On one ticket at a time, the oldest first: for as long as such work takes, and then a little each time."""
        number, until = self._hands.get(who, (0, 0))
        if number in mine and mine[number].status is Status.IN_PROGRESS:
            if at < until:
                return
            await self._ends(who, at, mine[number])
        self._hands.pop(who, None)
        ready = [ticket for ticket in mine.values() if ticket.status in OPEN and ticket.number != number]
        for ticket in ready:
            asked = self.asked[ticket.number]
            if asked.passed and ticket.status is Status.ASSIGNED:
                asked.passed = False
                await self._does(assignments.pass_ticket_back, ticket.number, by=who, reason="I do not know this one.")
            elif ticket.status is Status.IN_PROGRESS or await self._does(assignments.start_work, ticket.number, by=who):
                self._hands[who] = (ticket.number, at + (TICK if asked.begun else MINUTES[ticket.type] * MINUTE))
                return

    async def _ends(self, who: str, at: int, ticket: Ticket) -> None:
        asked, number = self.asked[ticket.number], ticket.number
        asked.begun = True
        fate = asked.fates.pop(0) if asked.fates else "resolve"
        if fate == "wait" and await self._does(tickets.wait_for_customer, number, by=who):
            heapq.heappush(self._later, (at + self.dice.randint(1, 40) * HOUR, number, "write"))
        elif fate == "escalate" and ticket.team not in EXPERTS:
            to = WORLD["types"][ticket.type]["experts"]
            await self._does(escalations.escalate, number, by=who, team=to, why="It flaps", tried="restarted")
        elif await self._does(tickets.resolve, number, by=who, solution="Restarted.") and asked.again:
            asked.again = False
            heapq.heappush(self._later, (at + self.dice.randint(1, 100) * HOUR, number, "reopen"))

    async def _leads(self, team: str, at: int, theirs: list[Ticket]) -> None:
        """They give what lies about, take one themselves, and err: they give one to somebody who is away."""
        lead = lead_of(team)
        there = [who for who in workers_of(team) if self.absences.here(who, at)]
        away = [who for who in people_of(team) if self.absences.away(who, at)]
        lying = [ticket for ticket in theirs if ticket.status is Status.NEW and ticket.assignee is None]
        held = [ticket for ticket in theirs if ticket.status in OPEN]
        by_hand = team in EXPERTS or self.dice.random() < GIVES
        if lying and there and by_hand:
            await self._gives(lying[0].number, self.dice.choice(there), lead)
        if held and away and self._errs(team, at):
            self.counts["given by mistake"] += await self._gives(
                self.dice.choice(held).number, self.dice.choice(away), lead
            )
        if held and self.dice.random() < TAKES:
            await self._does(tickets.take, self.dice.choice(held).number, by=lead)

    def _errs(self, team: str, at: int) -> bool:
        """Decided by the hour alone: whoever wins a race must not decide whether anybody errs in this month."""
        return random.Random(f"{team} at {at}").random() < MISTAKES

    async def _gives(self, number: int, to: str, by: str) -> bool:
        return await self._does(assignments.assign_ticket, number, to=to, by=by, reason="They know it.")

    async def _looks_at_baskets(self, at: int, found: list[BulkReassignment]) -> None:
        """Who is back takes theirs back, as far as they can; a lead sometimes takes a hand-over back at once."""
        for basket in found:
            lead, giver = lead_of(ticket_moves(basket)[0].team), basket.giver
            if basket.returned_at and self._thinks_of(basket, giver, at):
                self.counts["taken back"] += await self._does(absence_cover.take_back_tickets, basket.id, by=giver)
            elif not basket.returned_at and self._thinks_of(basket, lead, at) and self.dice.random() < UNDOES:
                self.counts["undone"] += await self._does(bulk.undo_reassignment, basket.id, by=lead)

    def _thinks_of(self, basket: BulkReassignment, who: str, at: int) -> bool:
        """Whether they are here and see it for the first time."""
        new = self.absences.here(who, at) and (who, basket.id) not in self._seen
        self._seen |= {(who, basket.id)} if new else set()
        return new


def stands(reader: Reader) -> Stands:
    open_ones = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None))
    asked = select(Escalation).where(Escalation.workspace_id == reader.workspace, Escalation.decided_at.is_(None))
    handed = select(BulkReassignment).where(
        BulkReassignment.workspace_id == reader.workspace,
        BulkReassignment.by == DESK_ACTOR,
        BulkReassignment.undone_at.is_(None),
    )
    return Stands(
        list(reader.session.scalars(open_ones.order_by(Ticket.number))),
        list(reader.session.scalars(asked.order_by(Escalation.number))),
        list(reader.session.scalars(handed.order_by(BulkReassignment.id))),
    )
