"""What each row of the outbox says, drawn from how things are at the moment of sending."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from handlers.assignment.cards import assignments as assignment_cards
from handlers.escalations.cards import escalations as escalation_cards
from handlers.escalations.cards import peer_review as check_cards
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
from handlers.reassignment import cards as basket_cards
from handlers.reports.cards import summaries as summary_cards
from handlers.slack.blocks import escape_keeping_mentions
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards import timeline
from rules.calendars.timezones import time_zone
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
from storage.schema.tickets import Escalation, MessageReference, OutboxMessage
from storage.sla import timers
from storage.tickets import tickets
from storage.transaction import Reader

_USER_ID_PREFIXES = ("U", "W")


def render_message(reader: Reader, policy: Policy, now: datetime, row: OutboxMessage) -> RenderedMessage | None:
    """What the row says now; None when there is nothing left to say."""
    return RENDERERS[MessageKind(row.kind)](RenderContext(reader, policy, now), row)


def render_ticket_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticking = timers.ticket_timers(context.reader, ticket.number)
    waiting = escalations.undecided_escalation(context.reader, ticket.number)
    asked = waiting.team if waiting and waiting.state is not EscalationState.IN_PEER_REVIEW else None
    held = escalations.accepted_escalation(context.reader, ticket.number, team=ticket.team)
    evidence = (held.why, held.tried) if held else None
    return RenderedMessage(
        ticket_cards.ticket_card(ticket, ticking, context.policy, context.now, asked_team=asked, evidence=evidence)
    )


def render_escalation_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, _, round_ = row.subject.partition(".")
    escalation = escalations.find_escalation(context.reader, int(number), int(round_))
    ticket = tickets.find_ticket(context.reader, int(number))
    if escalation is None or ticket is None:
        return None
    ticking = timers.ticket_timers(context.reader, ticket.number)
    experts = context.policy.team(escalation.team).people
    votes = approvals.approver_rows(context.reader, escalation.number, escalation.round)
    way = escalation_cards.EscalationDetails(
        answer=escalations.answer_to_question(context.reader, escalation, experts=experts),
        approvals=votes,
        earlier_rounds=escalations.redirect_chain(context.reader, escalation),
        recipient=_addressed_approver(escalation, votes, row.lane),
    )
    over = escalation.decided_at is not None or not way.may_decide
    if way.recipient and over and not _is_posted(context, row):
        return None
    return RenderedMessage(
        escalation_cards.escalation_card(escalation, ticket, ticking, context.policy, context.now, details=way)
    )


def _addressed_approver(escalation: Escalation, votes: Sequence[ApproverRow], lane: str) -> str | None:
    """Whose copy it is; None for a channel's, and for whoever may decide without having been asked by name."""
    asked = any(lane in (one.asked, one.person) for one in votes)
    return (
        lane if asked or (escalation.approving in APPROVAL_CHAIN_MODES and lane.startswith(_USER_ID_PREFIXES)) else None
    )


def render_peer_review_card(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    number, _, round_ = row.subject.partition(".")
    escalation = escalations.find_escalation(context.reader, int(number), int(round_))
    ticket = tickets.find_ticket(context.reader, int(number))
    if escalation is None or ticket is None:
        return None
    return RenderedMessage(check_cards.peer_review_card(escalation, ticket, context.policy))


def _is_posted(context: RenderContext, row: OutboxMessage) -> bool:
    """Whether that card is in that place already; what was decided at night nobody needs to read in the morning."""
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
    ticking = timers.ticket_timers(context.reader, ticket.number)
    newest = events.latest_event(context.reader, ticket.number, EventKind.ASSIGNED)
    last = newest is not None and newest.seq == event.seq
    return RenderedMessage(
        assignment_cards.assignment_card(event, ticket, ticking, context.policy, context.now, newest=last)
    )


def render_bulk_reassignment(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """A basket as whoever reads it is concerned: it names every ticket of theirs as it stands now."""
    id_, _, role = row.subject.partition(".")
    found = bulk.find_reassignment(context.reader, int(id_))
    if found is None:
        return None
    moves = bulk.ticket_moves(found)
    if role == "back":
        moves = list(latest_moves(bulk.reported_together(context.reader, found)).values())
    those = tickets.tickets_by_number(context.reader, [one.number for one in moves])
    shown = {one.number: one for one in those if role != "back" or one.resolved_at is None}
    return RenderedMessage(
        basket_cards.reassignment_card(
            basket_cards.ReassignmentView(found, role, row.lane, context.policy, shown, moves)
        )
    )


def render_summary(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    """A summary is history: drawn from the numbers it was queued with, not from how things are."""
    if "own" in row.data:
        return RenderedMessage(
            summary_cards.personal_summary(PersonSummary.from_json(row.data["own"]), context.policy, context.now)
        )
    return RenderedMessage(summary_cards.team_summary(TeamSummary.from_json(row.data["team"]), context.policy))


def render_timeline_entry(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    event = events.find_event(context.reader, row.number or 0, row.data["seq"])
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if event is None or ticket is None:
        return None
    root = message_references.find_card(
        context.reader, kind=MessageKind.TICKET_CARD, subject=str(ticket.number), destination=row.lane
    )
    return RenderedMessage(timeline.timeline_entry(event, ticket, context.policy), thread=root, waits_for_thread=True)


def render_reply(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    event = events.find_event(context.reader, row.number or 0, row.data["seq"])
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if event is None or ticket is None:
        return None
    root = message_references.source_thread(context.reader, ticket.number)
    if root is None or root.channel != row.lane:  # none, or one that could not be written in
        subject = str(ticket.number)
        root = message_references.find_card(
            context.reader, kind=MessageKind.REPLY, subject=subject, destination=row.lane
        )
    return RenderedMessage(
        timeline.requester_message(event, ticket, first=root is None), thread=root, is_requester_thread=root is None
    )


def render_notice(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
    ticket = tickets.find_ticket(context.reader, row.number) if row.number else None
    return RenderedMessage(
        timeline.notice_message(escape_keeping_mentions(row.data["words"]), row.data["quote"], ticket)
    )


def render_confirmation(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """To everybody in the thread that was filed, or to the one who filed it."""
    ticket = tickets.find_ticket(context.reader, row.number or 0)
    if ticket is None:
        return None
    ticking = timers.ticket_timers(context.reader, ticket.number)
    due = {kind: clock.due_at for kind, clock in ticking.items() if clock.state is TimerState.RUNNING}
    if "thread" in row.data:
        said = intake_cards.ticket_filed_in_thread(ticket, due, context.policy)
        return RenderedMessage(said, thread=MessageReference(channel=row.lane, ts=row.data["thread"]))
    may_change = is_allowed(Permission.CHANGE_TICKET, roles_on_ticket(context.policy, ticket, row.lane))
    theirs = row.lane == ticket.requester
    said = intake_cards.ticket_filed(ticket, due, context.policy, may_change=may_change, answerable=theirs)
    return RenderedMessage(said, is_requester_thread=theirs)


def render_presence_board(context: RenderContext, row: OutboxMessage) -> RenderedMessage | None:
    """Who is here on that team's day; an older day's card keeps its line and loses its buttons."""
    day, _, key = row.subject.partition(":")
    if key not in context.policy.teams:
        return None
    team, on = context.policy.team(key), date.fromisoformat(day)
    if on != context.now.astimezone(time_zone(context.policy.team_calendar(key).timezone)).date():
        return RenderedMessage(presence_cards.past_presence_board(team, on))
    here = presence_by_person(context.reader, team.people, policy=context.policy, team=key, at=context.now)
    called = people.names_of(context.reader, team.people)
    return RenderedMessage(presence_cards.presence_board(team, on, here, called, context.policy))


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
