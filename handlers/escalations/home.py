"""Escalations on Home: what the person has to decide, and the outcomes of those that they asked for."""

from collections.abc import Sequence
from datetime import datetime

from handlers.escalations.cards.outcomes import outcomes_home_line
from handlers.home_sections import DECISIONS_TITLE, HomeView
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.text.slack import join
from handlers.tickets.cards.ticket import open_button, ticket_heading
from rules.escalations.escalations import EscalationState
from rules.escalations.outcomes import OUTCOME_PERIOD
from rules.text import Moment, Person, _
from storage.escalations.escalations import decisions_to_make
from storage.escalations.outcomes import outcomes_of_person
from storage.schema.tickets import Escalation, Ticket


def register(on: Registry) -> None:
    on.home_section(order=20, title=DECISIONS_TITLE)(render_decisions)
    on.home_section(order=50)(render_outcomes)


def render_decisions(view: HomeView) -> list[Block]:
    return decision_blocks(decisions_to_make(view.reader, view.person, teams=view.own_teams), view.now)


def decision_blocks(decisions: Sequence[tuple[Escalation, Ticket]], now: datetime) -> list[Block]:
    return [_escalation_row(escalation, ticket, now) for escalation, ticket in decisions]


def _escalation_row(escalation: Escalation, ticket: Ticket, now: datetime) -> Block:
    at = Moment(escalation.answer_due_at)
    if escalation.state is EscalationState.IN_PEER_REVIEW:
        due = _("Review it: it goes to the experts {at}", at=at)
    elif escalation.state is EscalationState.INFO_REQUESTED:
        due = _("On hold, waiting for information")
    else:
        late = escalation.answer_due_at < now
        due = _("⚠️ Your answer was due {at}", at=at) if late else _("Your answer due {at}", at=at)
    escalated = _("{person} escalated {ticket}", person=Person(escalation.asked_by), ticket=ticket_heading(ticket))
    return blocks.section(join("\n", [escalated, due]), accessory=open_button(ticket.number))


def render_outcomes(view: HomeView) -> list[Block]:
    if not view.own_teams:
        return []
    outcomes = outcomes_of_person(view.reader, person=view.person, since=view.now - OUTCOME_PERIOD)
    return [blocks.context(outcomes_home_line(outcomes))] if outcomes.escalated else []
