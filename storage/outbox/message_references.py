"""Where each card lives in Slack."""

from collections.abc import Sequence

from sqlalchemy import select

from storage.schema.sla import GroupedAlert
from storage.schema.tickets import MessageReference
from storage.transaction import Reader, Transaction

SOURCE_KIND = "source"


def find_card(reader: Reader, *, kind: str, subject: str, destination: str) -> MessageReference | None:
    """The one post of that card in that place; None when it was never posted."""
    found = select(MessageReference).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.kind == kind,
        MessageReference.subject == subject,
        MessageReference.lane == destination,
    )
    return reader.session.scalars(found).first()


def find_at(reader: Reader, channel: str, ts: str) -> MessageReference | None:
    """What stands at that place, if it is ours: a thread is recognised by its root."""
    return reader.session.get(MessageReference, (reader.workspace, channel, ts))


def ticket_messages(reader: Reader, number: int) -> Sequence[MessageReference]:
    """Every post that speaks of the ticket, and the message it came from."""
    mine = select(MessageReference).where(
        MessageReference.workspace_id == reader.workspace, MessageReference.number == number
    )
    return reader.session.scalars(mine.order_by(MessageReference.ts)).all()


def messages_of_tickets(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[int, str, str, str]]:
    """Number, kind, subject and lane of every post that speaks of any of these tickets."""
    columns = select(MessageReference.number, MessageReference.kind, MessageReference.subject, MessageReference.lane)
    rows = reader.session.execute(
        columns.where(MessageReference.workspace_id == reader.workspace, MessageReference.number.in_(numbers))
    )
    return [(number or 0, kind, subject, lane) for number, kind, subject, lane in rows]


def alert_groups_of(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[str, str]]:
    """The messages, by lane and subject, on which any of these tickets alarms together with others."""
    together = select(GroupedAlert.lane, GroupedAlert.subject).where(
        GroupedAlert.workspace_id == reader.workspace, GroupedAlert.number.in_(numbers)
    )
    return [(lane, subject) for lane, subject in reader.session.execute(together.distinct())]


def source_thread(reader: Reader, number: int) -> MessageReference | None:
    """The thread in which the requester asked; None when it did not come from one."""
    asked = select(MessageReference).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.number == number,
        MessageReference.kind == SOURCE_KIND,
    )
    return reader.session.scalars(asked).first()


def save_reference(
    tx: Transaction,
    *,
    kind: str,
    subject: str,
    lane: str,
    channel: str,
    ts: str,
    number: int | None,
    digest: str | None,
) -> None:
    """Remembers where a card stands, and what it said there."""
    post = find_card(tx, kind=kind, subject=subject, destination=lane)
    if post is not None and (post.channel, post.ts) != (channel, ts):
        tx.session.delete(post)
        tx.flush()
        post = None
    if post is None:
        post = MessageReference(
            workspace_id=tx.workspace, channel=channel, ts=ts, kind=kind, subject=subject, lane=lane, number=number
        )
        tx.session.merge(post)
        post = find_card(tx, kind=kind, subject=subject, destination=lane)
    if post is not None:
        post.digest = digest
