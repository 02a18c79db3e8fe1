"""Every kind of outbox row, rendered from the state at the moment of sending."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from handlers.assignment.cards import assignments as assignment_cards
from handlers.escalations.cards import escalations as escalation_cards
from handlers.escalations.cards import peer_review as peer_review_cards
from handlers.intake import cards as intake_cards
from handlers.outbox.messages import RenderContext, RenderedMessage
from handlers.outbox.render_alerts import (
    render_alert,
    render_digest,
    render_extension_card,
    render_nudge,
    render_risk_card,
    render_storm,
)
from handlers.presence.cards import presence as presence_cards
from handlers.reassignment import cards as reassignment_cards
from handlers.reports.cards import summaries as summary_cards
from handlers.slack.blocks import escape_keeping_mentions
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards import timeline
from rules.calendars.timezones import local_date
from rules.escalations.escalations import EscalationState
from rules.model.approval import APPROVAL_CHAIN_MODES
from rules.model.policy import Policy
from rules.model.timers import TimerState
from rules.people.permissions import Permission, is_allowed
from rules.reports.summaries import PersonSummary, TeamSummary
from services.permissions import roles_on_ticket
from services.reassignment.absence_cover import latest_moves
from storage import events
from storage.escalations import approvals, escalations
from storage.events import EventKind
from storage.outbox import message_references
from storage.outbox.outbox import MessageKind
from storage.people import people
from storage.presence.presence import presence_by_person
from storage.reassignment import bulk
from storage.schema.escalations import ApproverRow
from storage.schema.tickets import Escalation, Event, MessageReference, OutboxMessage, Ticket
from storage.sla import timers
from storage.tickets import tickets
from storage.transaction import Reader

_USER_ID_PREFIXES = ("U", "W")


def render_message(reader: Reader, policy: Policy, now: datetime, row: OutboxMessage) -> RenderedMessage | None:
    """None when there is nothing left to say."""
    return RENDERERS[MessageKind(row.kind)](RenderContext(reader, policy, now), row)


def render_ticket_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    waiting = escalations.undecided_escalation(context.reader, ticket.number)
    asked_team = waiting.team if waiting and waiting.state is not EscalationState.IN_PEER_REVIEW else None
    accepted = escalations.accepted_escalation(context.reader, ticket.number, team=ticket.team)
    evidence = (accepted.why, accepted.tried) if accepted else None
    return RenderedMessage(
        ticket_cards.ticket_card(
            ticket, ticket_timers, context.policy, context.now, asked_team=asked_team, evidence=evidence
        )
    )


def render_escalation_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _escalation_and_ticket(context, row)
    if pair is None:
        return None
    escalation, ticket = pair
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    experts = context.policy.team(escalation.team).people
    answers = approvals.approver_rows(context.reader, escalation.number, escalation.round)
    details = escalation_cards.EscalationDetails(
        answer=escalations.answer_to_question(context.reader, escalation, experts=experts),
        approvals=answers,
        earlier_rounds=escalations.redirect_chain(context.reader, escalation),
        recipient=_addressed_approver(escalation, answers, row.lane),
    )
    is_closed = escalation.decided_at is not None or not details.may_decide
    if details.recipient and is_closed and not _is_posted(context, row):
        return None
    return RenderedMessage(
        escalation_cards.escalation_card(
            escalation, ticket, ticket_timers, context.policy, context.now, details=details
        )
    )


def _addressed_approver(escalation: Escalation, answers: Sequence[ApproverRow], destination: str) -> str | None:
    """The approver whose copy this is; None for a channel, and for people who may decide without being asked."""
    was_asked = any(destination in (one.asked, one.person) for one in answers)
    return (
        destination
        if was_asked or (escalation.approving in APPROVAL_CHAIN_MODES and destination.startswith(_USER_ID_PREFIXES))
        else None
    )


def render_peer_review_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _escalation_and_ticket(context, row)
    return None if pair is None else RenderedMessage(peer_review_cards.peer_review_card(*pair, context.policy))


def _escalation_and_ticket(context: RenderContext, row: OutboxMessage) -> tuple[Escalation, Ticket] | None:
    number, _, round_ = row.subject.partition(".")
    escalation = escalations.find_escalation(context.reader, int(number), int(round_))
    ticket = tickets.find_ticket(context.reader, int(number))
    return None if escalation is None or ticket is None else (escalation, ticket)


def _is_posted(context: RenderContext, row: OutboxMessage) -> bool:
    """Whether the card was posted there. A card that was decided overnight is not posted in the morning."""
    return (
        message_references.find_card(context.reader, kind=row.kind, subject=row.subject, destination=row.lane)
        is not None
    )


def render_assignment_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, _, seq = row.subject.partition(".")
    event = events.find_event(context.reader, int(number), int(seq))
    ticket = tickets.find_ticket(context.reader, int(number))
    if event is None or ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    newest = events.latest_event(context.reader, ticket.number, EventKind.ASSIGNED)
    last = newest is not None and newest.seq == event.seq
    return RenderedMessage(
        assignment_cards.assignment_card(event, ticket, ticket_timers, context.policy, context.now, newest=last)
    )


def render_bulk_reassignment(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """The card for this recipient: it lists their tickets as they are now."""
    id_, _, role = row.subject.partition(".")
    reassignment = bulk.find_reassignment(context.reader, int(id_))
    if reassignment is None:
        return None
    moves = bulk.ticket_moves(reassignment)
    if role == "back":
        moves = list(latest_moves(bulk.reported_together(context.reader, reassignment)).values())
    those = tickets.tickets_by_number(context.reader, [one.number for one in moves])
    by_number = {one.number: one for one in those if role != "back" or one.resolved_at is None}
    return RenderedMessage(
        reassignment_cards.reassignment_card(
            reassignment_cards.ReassignmentView(reassignment, role, row.lane, context.policy, by_number, moves)
        )
    )


def render_summary(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    """A summary is history: it shows the numbers that it was queued with."""
    if "own" in row.data:
        return RenderedMessage(
            summary_cards.personal_summary(PersonSummary.from_json(row.data["own"]), context.policy, context.now)
        )
    return RenderedMessage(summary_cards.team_summary(TeamSummary.from_json(row.data["team"]), context.policy))


def render_timeline_entry(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _event_and_ticket(context, row)
    if pair is None:
        return None
    event, ticket = pair
    root = message_references.find_card(
        context.reader, kind=MessageKind.TICKET_CARD, subject=str(ticket.number), destination=row.lane
    )
    return RenderedMessage(timeline.timeline_entry(event, ticket, context.policy), thread=root, waits_for_thread=True)


def render_reply(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    pair = _event_and_ticket(context, row)
    if pair is None:
        return None
    event, ticket = pair
    root = message_references.source_thread(context.reader, ticket.number)
    if root is None or root.channel != row.lane:  # no source, or one where Baton may not post
        subject = str(ticket.number)
        root = message_references.find_card(
            context.reader, kind=MessageKind.REPLY, subject=subject, destination=row.lane
        )
    return RenderedMessage(
        timeline.requester_message(event, ticket, first=root is None), thread=root, is_requester_thread=root is None
    )


def _event_and_ticket(context: RenderContext, row: OutboxMessage) -> tuple[Event, Ticket] | None:
    event = events.find_event(context.reader, row.number or 0, row.data["seq"])
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    return None if event is None or ticket is None else (event, ticket)


def render_notice(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    ticket = tickets.find_ticket(context.reader, row.number) if row.number else None
    return RenderedMessage(
        timeline.notice_message(escape_keeping_mentions(row.data["words"]), row.data["quote"], ticket)
    )


def render_confirmation(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """For the thread that was filed, or for the person who filed it."""
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticket_timers = timers.ticket_timers(context.reader, ticket.number)
    due = {kind: timer.due_at for kind, timer in ticket_timers.items() if timer.state is TimerState.RUNNING}
    if "thread" in row.data:
        message = intake_cards.ticket_filed_in_thread(ticket, due, context.policy)
        return RenderedMessage(message, thread=MessageReference(channel=row.lane, ts=row.data["thread"]))
    may_change = is_allowed(Permission.CHANGE_TICKET, roles_on_ticket(context.policy, ticket, row.lane))
    is_requester = row.lane == ticket.requester
    message = intake_cards.ticket_filed(ticket, due, context.policy, may_change=may_change, answerable=is_requester)
    return RenderedMessage(message, is_requester_thread=is_requester)


def render_presence_board(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """A past day's board keeps one line and loses its buttons."""
    day, _, key = row.subject.partition(":")
    if key not in context.policy.teams:
        return None
    team, on = context.policy.team(key), date.fromisoformat(day)
    if on != local_date(context.now, context.policy.team_calendar(key).timezone):
        return RenderedMessage(presence_cards.past_presence_board(team, on))
    presences_now = presence_by_person(context.reader, team.people, policy=context.policy, team=key, at=context.now)
    names = people.names_of(context.reader, team.people)
    return RenderedMessage(presence_cards.presence_board(team, on, presences_now, names, context.policy))


RENDERERS: dict[MessageKind, Callable[[RenderContext, OutboxMessage], RenderedMessage | None]] = {
    MessageKind.TICKET_CARD: render_ticket_card,
    MessageKind.ESCALATION_CARD: render_escalation_card,
    MessageKind.PEER_REVIEW: render_peer_review_card,
    MessageKind.OFFER: render_assignment_card,
    MessageKind.ALERT: render_alert,
    MessageKind.SUMMARY: render_summary,
    MessageKind.ALERT_GROUP: render_storm,
    MessageKind.DIGEST: render_digest,
    MessageKind.ALERT_MENTION: render_nudge,
    MessageKind.EXTENSION: render_extension_card,
    MessageKind.RISK: render_risk_card,
    MessageKind.REASSIGNMENT: render_bulk_reassignment,
    MessageKind.TIMELINE_ENTRY: render_timeline_entry,
    MessageKind.REPLY: render_reply,
    MessageKind.NOTICE: render_notice,
    MessageKind.CREATED: render_confirmation,
    MessageKind.PRESENCE_BOARD: render_presence_board,
}
