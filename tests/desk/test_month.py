"""A month of escalations, with two who press at once on each: every one is decided exactly once, and counted so."""

import asyncio
import random
from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import escalations, redirects, tickets
from desk.desk import Desk
from rules.escalations import Advice, EscalationState
from rules.ledger import tally
from storage.database import Database
from storage.events import Happened
from storage.gaps import of_teams
from storage.ledger import asked_between
from storage.tables import Event
from tests.desk.vpn import ANA, BEN, EMIL, EVA, LEO, asked, filed
from tests.desks import HeldClock

ENDS = (Happened.ACCEPTED, Happened.REJECTED, Happened.WITHDRAWN)


async def press(desk: Desk, dice: random.Random, number: int, by: str) -> object:
    """Accepts, rejects, or takes it back; whoever is second is refused."""
    deed = dice.choice(["accept", "accept", "reject", "withdraw"])
    if deed == "accept":
        return await desk.do(escalations.accept, number, 1, by=by)
    if deed == "withdraw":
        return await desk.do(redirects.take_back, number, by=ANA)
    advice = dice.choice(list(Advice))
    return await desk.do(escalations.reject, number, 1, by=by, advice=advice, comment="See the guide.")


def ends(session: Session, workspace: str) -> list[tuple[int, str]]:
    rows = select(Event.number, Event.kind).where(
        Event.workspace_id == workspace, Event.kind.in_([str(kind) for kind in ENDS])
    )
    return [(number, kind) for number, kind in session.execute(rows)]


async def test_every_escalation_of_a_month_is_decided_exactly_once(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    dice, start = random.Random(7), clock.now
    database = Database(database_url)
    database.start()
    other = Desk(database, workspace="T0LOCAL", policy=desk.policy, clock=clock)
    for _ in range(20):
        numbers = [await filed(desk) for _ in range(2)]
        for number in numbers:
            await asked(desk, number, by=dice.choice([ANA, BEN]))
            pressers = [(where, dice.choice([EVA, EMIL, LEO])) for where in (desk, other, desk)]
            presses = [press(where, dice, number, by) for where, by in pressers]
            answers = await asyncio.gather(*presses, return_exceptions=True)
            assert answers.count(None) == 1
        await desk.do(tickets.note, numbers[0], by=ANA, text="Thanks.")
        clock.forward(days=1, hours=dice.choice([0, 1, 2]))
    await database.stop()

    told = await desk.ask(ends)
    found = await desk.ask(asked_between, start=start, end=clock.now)
    gaps = await desk.ask(of_teams, None)
    assert Counter(number for number, _ in told) == dict.fromkeys(range(1, 41), 1)
    assert all(one.state not in (EscalationState.PENDING, EscalationState.ASKED_BACK) for one in found)
    assert (tally(found).escalated, sum(gap.count for gap in gaps)) == (40, tally(found).rejected)
