"""The best next ticket for a person: priority, risk of a breach, and skill."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rules.model.people import SkillLevel
from rules.model.tickets import Priority

PRIORITY_WEIGHTS = {Priority.CRITICAL: 8.0, Priority.HIGH: 4.0, Priority.NORMAL: 2.0, Priority.LOW: 1.0}
SKILL_WEIGHTS = {None: 1.0, SkillLevel.LEARNING: 0.9, SkillLevel.CAN: 1.1, SkillLevel.EXPERT: 1.2}
MIN_RISK = 0.05  # so that a ticket almost certain to meet its target does not wait for ever
HALF_RISK_HOURS = 8.0  # hours; a ticket due then is half as urgent as one due now
NO_TARGET_HOURS = 24.0  # hours; a ticket without a target counts as due then


@dataclass(frozen=True, slots=True)
class UnassignedTicket:
    """An unassigned ticket; `breach_chance` is None where no forecast has it."""

    number: int
    priority: Priority
    level: SkillLevel | None = None
    breach_chance: float | None = None
    due_at: datetime | None = None


def urgency_score(ticket: UnassignedTicket, now: datetime) -> float:
    """Priority x risk x skill. The risk is the forecast breach chance, else it follows from the due time: 1 when it is
    past, 1/2 when it is 8 hours away."""
    return PRIORITY_WEIGHTS[ticket.priority] * max(_breach_risk(ticket, now), MIN_RISK) * SKILL_WEIGHTS[ticket.level]


def best_next_ticket(tickets: Iterable[UnassignedTicket], now: datetime) -> UnassignedTicket | None:
    return min(tickets, key=lambda one: (-urgency_score(one, now), one.number), default=None)


def _breach_risk(ticket: UnassignedTicket, now: datetime) -> float:
    if ticket.breach_chance is not None:
        return ticket.breach_chance
    hours = NO_TARGET_HOURS if ticket.due_at is None else max((ticket.due_at - now).total_seconds() / 3600, 0.0)
    return HALF_RISK_HOURS / (HALF_RISK_HOURS + hours)
