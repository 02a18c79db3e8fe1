"""`/report escalations`: what became of what a team escalated and was asked, for its leads; everybody their own."""

import asyncio
from datetime import timedelta

from handlers.charts.charts import Picture
from handlers.escalations.cards import outcomes as cards
from handlers.slack.blocks import Message
from rules.escalations import outcomes as rules
from rules.reports import queries
from rules.reports.daily import day_of
from rules.reports.queries import Asked
from services.desk import Desk
from storage.escalations import improvement_items
from storage.escalations.outcomes import asked_between, with_names

CLOSED = 5


async def answer(desk: Desk, by: str, asked: Asked) -> tuple[Message, Picture | None]:
    """The words, and the picture where one team was asked for."""
    policy, now = desk.policy, desk.clock()
    whose = queries.scope(policy, by, asked)
    calendar = queries.calendar_for(policy, whose)
    first, last = queries.span_meant(asked, day_of(calendar, None, now).date)
    start, end = day_of(calendar, first, now).start, day_of(calendar, last, now).end + timedelta(microseconds=1)
    if whose.person is not None:
        mine = await desk.read_in_worker(asked_between, start=start, end=end, person=whose.person)
        empty = cards.View((), (), (), {}, first, last, policy)
        return cards.of_person(whose.person, rules.tally(mine), rules.by_type(mine), empty), None
    found, names = await desk.read_in_worker(with_names, start=start, end=end, teams=whose.teams)
    theirs = found
    if whose.teams is not None:
        theirs = await desk.read_in_worker(asked_between, start=start, end=end, experts=whose.teams)
    counted = await asyncio.to_thread(rules.ledger, found, names, now=now)
    open_ = await desk.read_in_worker(improvement_items.of_teams, whose.teams)
    closed = await desk.read_in_worker(improvement_items.closed_of, whose.teams, limit=CLOSED)
    asked_of = rules.asked_of(theirs)
    view = cards.View(counted, open_, closed, names, first, last, policy, reader=by, asked=asked_of)
    return cards.of_teams(view), cards.picture(counted[0], view) if len(counted) == 1 else None
