"""What each row of the outbox says, drawn from how things are at the moment of sending."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from handlers.assignment.cards import assignments as assignment_cards
from handlers.escalations.cards import escalations as escalation_cards
from handlers.escalations.cards import peer_review as check_cards
from handlers.intake import cards as intake_cards
from handlers.outbox.messages import Draft, Scene
from handlers.outbox.render_alerts import alert, digest, extension, nudge, risk, storm
from handlers.presence.cards import presence as presence_cards
from handlers.reassignment import cards as basket_cards
from handlers.reports.cards import summaries as summary_cards
from handlers.slack.blocks import safe
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards import timeline
from rules.calendars.timezones import zone
from rules.escalations.escalations import EscalationState
from rules.model.approval import VOTING
from rules.model.policy import Policy
from rules.model.timers import ClockState
from rules.people.permissions import Deed, allowed
from rules.reports.summaries import Own, Summary
from services.permissions import towards
from services.reassignment.absence_cover import last_moves
from storage import events
from storage.escalations import approvals, escalations
from storage.events import Happened
from storage.outbox import message_references
from storage.outbox.outbox import Kind
from storage.people import people
from storage.presence.presence import presences
from storage.reassignment import bulk
from storage.schema.escalations import Vote
from storage.schema.tickets import Escalation, Outgoing, Post
from storage.sla import timers
from storage.tickets import tickets
from storage.transaction import Reader

_PEOPLE = ("U", "W")


def draw(reader: Reader, policy: Policy, now: datetime, row: Outgoing) -> Draft | None:
    """What the row says now; None when there is nothing left to say."""
    return DRAWN[Kind(row.kind)](Scene(reader, policy, now), row)


def ticket_card(scene: Scene, row: Outgoing) -> Draft | None:
    ticket = tickets.find(scene.reader, row.number or 0)
    if ticket is None:
        return None
    ticking = timers.of(scene.reader, ticket.number)
    waiting = escalations.undecided(scene.reader, ticket.number)
    asked = waiting.team if waiting and waiting.state is not EscalationState.TO_CHECK else None
    held = escalations.evidence(scene.reader, ticket.number, team=ticket.team)
    evidence = (held.why, held.tried) if held else None
    return Draft(ticket_cards.card(ticket, ticking, scene.policy, scene.now, asked=asked, evidence=evidence))


def approval(scene: Scene, row: Outgoing) -> Draft | None:
    number, _, round_ = row.subject.partition(".")
    escalation = escalations.get(scene.reader, int(number), int(round_))
    ticket = tickets.find(scene.reader, int(number))
    if escalation is None or ticket is None:
        return None
    ticking = timers.of(scene.reader, ticket.number)
    experts = scene.policy.team(escalation.team).people
    votes = approvals.votes_of(scene.reader, escalation.number, escalation.round)
    way = escalation_cards.Way(
        answer=escalations.answer_to_question(scene.reader, escalation, experts=experts),
        votes=votes,
        chain=escalations.chain(scene.reader, escalation),
        reader=_reader(escalation, votes, row.lane),
    )
    over = escalation.decided_at is not None or not way.may_decide
    if way.reader and over and not _stands(scene, row):
        return None
    return Draft(escalation_cards.card(escalation, ticket, ticking, scene.policy, scene.now, way=way))


def _reader(escalation: Escalation, votes: Sequence[Vote], lane: str) -> str | None:
    """Whose copy it is; None for a channel's, and for whoever may decide without having been asked by name."""
    asked = any(lane in (one.asked, one.person) for one in votes)
    return lane if asked or (escalation.approving in VOTING and lane.startswith(_PEOPLE)) else None


def check(scene: Scene, row: Outgoing) -> Draft | None:
    number, _, round_ = row.subject.partition(".")
    escalation = escalations.get(scene.reader, int(number), int(round_))
    ticket = tickets.find(scene.reader, int(number))
    if escalation is None or ticket is None:
        return None
    return Draft(check_cards.card(escalation, ticket, scene.policy))


def _stands(scene: Scene, row: Outgoing) -> bool:
    """Whether that card is in that place already; what was decided at night nobody needs to read in the morning."""
    return message_references.card(scene.reader, kind=row.kind, subject=row.subject, lane=row.lane) is not None


def offer(scene: Scene, row: Outgoing) -> Draft | None:
    number, _, seq = row.subject.partition(".")
    event = events.one(scene.reader, int(number), int(seq))
    ticket = tickets.find(scene.reader, int(number))
    if event is None or ticket is None:
        return None
    ticking = timers.of(scene.reader, ticket.number)
    newest = events.newest(scene.reader, ticket.number, Happened.ASSIGNED)
    last = newest is not None and newest.seq == event.seq
    return Draft(assignment_cards.card(event, ticket, ticking, scene.policy, scene.now, newest=last))


def basket(scene: Scene, row: Outgoing) -> Draft | None:
    """A basket as whoever reads it is concerned: it names every ticket of theirs as it stands now."""
    id_, _, role = row.subject.partition(".")
    found = bulk.get(scene.reader, int(id_))
    if found is None:
        return None
    moves = bulk.moves_of(found)
    if role == "back":
        moves = list(last_moves(bulk.told_together(scene.reader, found)).values())
    those = tickets.some(scene.reader, [one.number for one in moves])
    shown = {one.number: one for one in those if role != "back" or one.resolved_at is None}
    return Draft(basket_cards.card(basket_cards.Read(found, role, row.lane, scene.policy, shown, moves)))


def summary(scene: Scene, row: Outgoing) -> Draft:
    """A summary is history: drawn from the numbers it was queued with, not from how things are."""
    if "own" in row.data:
        return Draft(summary_cards.of_person(Own.read(row.data["own"]), scene.policy, scene.now))
    return Draft(summary_cards.of_team(Summary.read(row.data["team"]), scene.policy))


def story(scene: Scene, row: Outgoing) -> Draft | None:
    event = events.one(scene.reader, row.number or 0, row.data["seq"])
    ticket = tickets.find(scene.reader, row.number or 0)
    if event is None or ticket is None:
        return None
    root = message_references.card(scene.reader, kind=Kind.CARD, subject=str(ticket.number), lane=row.lane)
    return Draft(timeline.line_of(event, ticket, scene.policy), thread=root, rooted=True)


def reply(scene: Scene, row: Outgoing) -> Draft | None:
    event = events.one(scene.reader, row.number or 0, row.data["seq"])
    ticket = tickets.find(scene.reader, row.number or 0)
    if event is None or ticket is None:
        return None
    root = message_references.source_of(scene.reader, ticket.number)
    if root is None or root.channel != row.lane:  # none, or one that could not be written in
        subject = str(ticket.number)
        root = message_references.card(scene.reader, kind=Kind.REPLY, subject=subject, lane=row.lane)
    return Draft(timeline.to_requester(event, ticket, first=root is None), thread=root, theirs=root is None)


def notice(scene: Scene, row: Outgoing) -> Draft:
    ticket = tickets.find(scene.reader, row.number) if row.number else None
    return Draft(timeline.notice(safe(row.data["words"]), row.data["quote"], ticket))


def filed(scene: Scene, row: Outgoing) -> Draft | None:
    """To everybody in the thread that was filed, or to the one who filed it."""
    ticket = tickets.find(scene.reader, row.number or 0)
    if ticket is None:
        return None
    ticking = timers.of(scene.reader, ticket.number)
    due = {kind: clock.due_at for kind, clock in ticking.items() if clock.state is ClockState.RUNNING}
    if "thread" in row.data:
        said = intake_cards.filed_in_thread(ticket, due, scene.policy)
        return Draft(said, thread=Post(channel=row.lane, ts=row.data["thread"]))
    may_change = allowed(Deed.CHANGE, towards(scene.policy, ticket, row.lane))
    theirs = row.lane == ticket.requester
    said = intake_cards.filed(ticket, due, scene.policy, may_change=may_change, answerable=theirs)
    return Draft(said, theirs=theirs)


def floor(scene: Scene, row: Outgoing) -> Draft | None:
    """Who is here on that team's day; an older day's card keeps its line and loses its buttons."""
    day, _, key = row.subject.partition(":")
    if key not in scene.policy.teams:
        return None
    team, on = scene.policy.team(key), date.fromisoformat(day)
    if on != scene.now.astimezone(zone(scene.policy.calendar_of(key).timezone)).date():
        return Draft(presence_cards.floor_ended(team, on))
    here = presences(scene.reader, team.people, policy=scene.policy, team=key, at=scene.now)
    called = people.names(scene.reader, team.people)
    return Draft(presence_cards.floor(team, on, here, called, scene.policy))


DRAWN: dict[Kind, Callable[[Scene, Outgoing], Draft | None]] = {
    Kind.CARD: ticket_card,
    Kind.APPROVAL: approval,
    Kind.CHECK: check,
    Kind.OFFER: offer,
    Kind.ALERT: alert,
    Kind.SUMMARY: summary,
    Kind.STORM: storm,
    Kind.DIGEST: digest,
    Kind.NUDGE: nudge,
    Kind.EXTENSION: extension,
    Kind.RISK: risk,
    Kind.BASKET: basket,
    Kind.STORY: story,
    Kind.REPLY: reply,
    Kind.NOTICE: notice,
    Kind.FILED: filed,
    Kind.FLOOR: floor,
}
