"""What each row of the outbox says, drawn from how things are at the moment of sending."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from handlers.cards import escalations as escalation_cards
from handlers.cards import stories
from handlers.cards import tickets as ticket_cards
from handlers.cards.blocks import Message
from rules.policy import Policy
from storage import clocks, escalations, events, posts, tickets
from storage.outbox import Kind
from storage.tables import Outgoing, Post


@dataclass(frozen=True, slots=True)
class Draft:
    """One post to be made: what it says, and under which post it belongs."""

    message: Message
    thread: Post | None = None
    rooted: bool = False  # it belongs under a card; while that card is not posted, it waits


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drawing may look at."""

    session: Session
    workspace: str
    policy: Policy
    now: datetime


def draw(session: Session, workspace: str, policy: Policy, now: datetime, row: Outgoing) -> Draft | None:
    """What the row says now; None when there is nothing left to say."""
    return DRAWN[Kind(row.kind)](Scene(session, workspace, policy, now), row)


def ticket_card(scene: Scene, row: Outgoing) -> Draft | None:
    ticket = tickets.find(scene.session, scene.workspace, row.number or 0)
    if ticket is None:
        return None
    ticking = clocks.of(scene.session, scene.workspace, ticket.number)
    return Draft(ticket_cards.card(ticket, ticking, scene.policy, scene.now))


def approval(scene: Scene, row: Outgoing) -> Draft | None:
    number, _, round_ = row.subject.partition(".")
    escalation = escalations.get(scene.session, scene.workspace, int(number), int(round_))
    ticket = tickets.find(scene.session, scene.workspace, int(number))
    if escalation is None or ticket is None:
        return None
    ticking = clocks.of(scene.session, scene.workspace, ticket.number)
    answer = escalations.answer_to_question(scene.session, scene.workspace, escalation)
    return Draft(escalation_cards.card(escalation, ticket, ticking, scene.policy, scene.now, answer))


def story(scene: Scene, row: Outgoing) -> Draft | None:
    event = events.one(scene.session, scene.workspace, row.number or 0, row.data["seq"])
    ticket = tickets.find(scene.session, scene.workspace, row.number or 0)
    if event is None or ticket is None:
        return None
    root = posts.card(scene.session, scene.workspace, kind=Kind.CARD, subject=str(ticket.number), lane=row.lane)
    return Draft(stories.line_of(event, ticket, scene.policy), thread=root, rooted=True)


def reply(scene: Scene, row: Outgoing) -> Draft | None:
    event = events.one(scene.session, scene.workspace, row.number or 0, row.data["seq"])
    ticket = tickets.find(scene.session, scene.workspace, row.number or 0)
    if event is None or ticket is None:
        return None
    root = posts.source_of(scene.session, scene.workspace, ticket.number) or posts.card(
        scene.session, scene.workspace, kind=Kind.REPLY, subject=str(ticket.number), lane=row.lane
    )
    return Draft(stories.to_requester(event, ticket, first=root is None), thread=root)


def notice(scene: Scene, row: Outgoing) -> Draft:
    ticket = tickets.find(scene.session, scene.workspace, row.number) if row.number else None
    return Draft(stories.notice(row.data["words"], row.data["quote"], ticket))


DRAWN: dict[Kind, Callable[[Scene, Outgoing], Draft | None]] = {
    Kind.CARD: ticket_card,
    Kind.APPROVAL: approval,
    Kind.STORY: story,
    Kind.REPLY: reply,
    Kind.NOTICE: notice,
}
