"""The ledger of escalations: what was asked in a span of time, and what became of it, read by index."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from rules.escalations.outcomes import EscalationOutcomes, EscalationRecord, count_outcomes
from storage.people.people import names_of
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Reader

_COLUMNS: tuple[Any, ...] = (
    Escalation.number,
    Escalation.asked_by,
    Ticket.type,
    Escalation.from_team,
    Escalation.team,
    Escalation.state,
    Escalation.advice,
    Escalation.question.is_not(None),
    Ticket.title,
    Escalation.asked_at,
)


def escalations_between(
    reader: Reader,
    *,
    start: datetime,
    end: datetime | None = None,
    teams: Collection[str] | None = None,
    experts: Collection[str] | None = None,
    person: str | None = None,
) -> list[EscalationRecord]:
    """What these teams, or this person, escalated from `start` up to `end`, or what these experts were asked, oldest
    first; without any of them, everything."""
    about = (Ticket.workspace_id == Escalation.workspace_id) & (Ticket.number == Escalation.number)
    mine = select(*_COLUMNS).join(Ticket, about).where(Escalation.workspace_id == reader.workspace)
    mine = mine.where(Escalation.asked_at >= start)
    if end is not None:
        mine = mine.where(Escalation.asked_at < end)
    if teams is not None:
        mine = mine.where(Escalation.from_team.in_(teams))
    if experts is not None:
        mine = mine.where(Escalation.team.in_(experts))
    if person is not None:
        mine = mine.where(Escalation.asked_by == person)
    rows = reader.session.execute(mine.order_by(Escalation.asked_at, Escalation.number, Escalation.round))
    return [EscalationRecord(*row) for row in rows]


def escalations_with_names(
    reader: Reader, *, start: datetime, end: datetime, teams: Collection[str] | None
) -> tuple[list[EscalationRecord], dict[str, str]]:
    """The same, with the names of those who asked."""
    found = escalations_between(reader, start=start, end=end, teams=teams)
    return found, names_of(reader, {one.escalated_by for one in found})


def outcomes_of_person(reader: Reader, *, person: str, type_: str | None = None, since: datetime) -> EscalationOutcomes:
    """What became of what one person escalated since then, of one type where one is named."""
    found = escalations_between(reader, start=since, person=person)
    return count_outcomes(one for one in found if type_ in (None, one.type))
