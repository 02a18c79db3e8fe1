"""Where each card and each original message is in Slack."""

from collections.abc import Sequence

from sqlalchemy import select

from storage.schema.sla import GroupedAlert
from storage.schema.tickets import MessageReference
from storage.transaction import Reader, Transaction, all_where, first_where

SOURCE_KIND = "source"


def find_card(reader: Reader, *, kind: str, subject: str, destination: str) -> MessageReference | None:
    of_kind = (MessageReference.kind == kind, MessageReference.subject == subject)
    return first_where(reader, MessageReference, *of_kind, MessageReference.lane == destination)


def find_at(reader: Reader, channel: str, ts: str) -> MessageReference | None:
    """The message at that place if it is one of ours: a thread is recognised by its root."""
    return reader.session.get(MessageReference, (reader.workspace, channel, ts))


def ticket_messages(reader: Reader, number: int) -> Sequence[MessageReference]:
    return all_where(reader, MessageReference, MessageReference.number == number, order_by=MessageReference.ts)


def messages_of_tickets(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[int, str, str, str]]:
    """Number, kind, subject and destination of every message about one of these tickets."""
    columns = select(MessageReference.number, MessageReference.kind, MessageReference.subject, MessageReference.lane)
    rows = reader.session.execute(
        columns.where(MessageReference.workspace_id == reader.workspace, MessageReference.number.in_(numbers))
    )
    return [(number or 0, kind, subject, destination) for number, kind, subject, destination in rows]


def alert_groups_of(reader: Reader, numbers: Sequence[int]) -> Sequence[tuple[str, str]]:
    """Destination and subject of the alert messages that list one of these tickets with others."""
    query = select(GroupedAlert.lane, GroupedAlert.subject).where(
        GroupedAlert.workspace_id == reader.workspace, GroupedAlert.number.in_(numbers)
    )
    return [(destination, subject) for destination, subject in reader.session.execute(query.distinct())]


def source_thread(reader: Reader, number: int) -> MessageReference | None:
    of_ticket, is_source = MessageReference.number == number, MessageReference.kind == SOURCE_KIND
    return first_where(reader, MessageReference, of_ticket, is_source)


def save_reference(tx: Transaction, message: MessageReference) -> None:
    """Replaces the card's earlier message; its `digest` is the hash of what it shows."""
    earlier = find_card(tx, kind=message.kind, subject=message.subject, destination=message.lane)
    if earlier is not None and (earlier.channel, earlier.ts) != (message.channel, message.ts):
        tx.session.delete(earlier)
        tx.flush()
    message.workspace_id = tx.workspace
    tx.session.merge(message)
