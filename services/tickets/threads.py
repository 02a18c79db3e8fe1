"""What people write in a ticket's threads becomes a note, a reply or the requester's message."""

from dataclasses import dataclass
from typing import Any

from rules.errors import Refused
from rules.model.tickets import DONE_STATUSES
from rules.people.permissions import Permission, Role, is_allowed
from rules.text import Code, Person, TicketNumber, _
from services.notifications.notifications import record_and_publish
from services.permissions import require, roles_on_ticket
from services.tickets import tickets
from storage import events
from storage.escalations import escalations
from storage.escalations.escalations import ESCALATION_CARD
from storage.events import EventKind
from storage.outbox import message_references, outbox
from storage.outbox.outbox import REQUESTER_KINDS, TICKET_CARD
from storage.schema.tickets import MessageReference, Ticket
from storage.tickets.tickets import lock_ticket, ticket_from_source
from storage.transaction import Reader, Transaction

CLOCK_SKEW_SECONDS = 2.0  # our clock may run so far behind Slack's
WELCOME_TEXT = _(
    "Hi, I'm Baton, the help desk. Type {command} and a few words about what's wrong to open a ticket; {help} shows "
    "the rest. To add something to a ticket, reply in its thread.",
    command=Code("/ticket"),
    help=Code("/ticket help"),
)


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """A message's place in Slack; `root` is the first message of its thread."""

    channel: str
    root: str
    ts: str

    @property
    def message(self) -> str:
        """What an event and a ticket know the message by."""
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """What a person wrote in a thread, with their roles towards its ticket; who is asked to decide is an expert."""

    by: str
    text: str
    files: tickets.Files
    message: str
    roles: frozenset[Role]


def record_thread_message(
    tx: Transaction,
    place: MessagePlace,
    *,
    by: str,
    text: str,
    files: tickets.Files = (),
    mentioned_at: float | None = None,
) -> dict[str, Any] | None:
    """What was recorded and on which ticket; None for a foreign thread, or a person without a part in the ticket.

    `mentioned_at` is when the person mentioned Baton: the mention that created the ticket is not recorded on it.
    """
    message = message_references.find_at(tx, place.channel, place.root)
    if message is None or message.number is None:
        return None
    ticket = lock_ticket(tx, message.number)
    if mentioned_at is not None and mentioned_at <= ticket.created_at.timestamp() + CLOCK_SKEW_SECONDS:
        return None
    escalation = escalations.undecided_escalation(tx, ticket.number)
    held_roles = roles_on_ticket(tx.policy, ticket, by, expert_team=escalation.team if escalation else None)
    entry = ThreadMessage(by, text, files, place.message, held_roles)
    return _from_requester(tx, message, ticket, entry) or _from_team(tx, message, ticket, entry)


def send_welcome(tx: Transaction, *, by: str) -> None:
    outbox.notify_person(tx, by, text=WELCOME_TEXT, dedupe_key=f"hello:{by}:{tx.now.date().isoformat()}")


def send_note_to_requester(tx: Transaction, number: int, seq: int, *, by: str) -> None:
    require(tx, Permission.REPLY_TO_REQUESTER, lock_ticket(tx, number), by)
    event = events.find_event(tx, number, seq)
    if event is None or event.kind != EventKind.NOTED:
        raise Refused(_("{ticket} has no such note.", ticket=TicketNumber(number)))
    if event.data.get("deleted"):
        raise Refused(_("{person} deleted this note, so there is nothing to send.", person=Person(event.by)))
    for reply in events.ticket_history(tx, number):
        if reply.kind == EventKind.REPLIED and reply.data.get("note") == seq:
            raise Refused(_("{person} already sent this note to the requester.", person=Person(reply.by)))
    tickets.reply(tx, number, by=by, text=event.data["text"], files=event.data.get("files", ()), note=seq)


def record_edit(tx: Transaction, place: MessagePlace, *, text: str | None) -> None:
    """The stored copy of a message follows it: `text` is the edited text, and None when the message was deleted.

    The event stays, with its moment and its author; the earlier text is not stored.
    """
    number = ticket_of_message(tx, place)
    if number is None:
        return
    ticket = lock_ticket(tx, number)
    is_filed = ticket.source == place.message or _is_thread_root(tx, place)
    event = events.find_event(tx, number, 1) if is_filed else events.event_of_message(tx, number, place.message)
    if event is None or event.data.get("deleted") or (text is not None and event.data.get("text") == text):
        return
    kind = EventKind.MESSAGE_DELETED if text is None else EventKind.MESSAGE_EDITED
    if not is_filed:  # a ticket stays as it was filed: the team works on it
        event.data = event.data | ({"text": "", "files": [], "deleted": True} if text is None else {"text": text})
    record_and_publish(tx, ticket, kind, by=event.by, of=event.seq, of_kind=event.kind, text=text or "")


def _is_thread_root(reader: Reader, place: MessagePlace) -> bool:
    """Whether it is the requester's first message of a thread; the first of a card's thread is the card."""
    reference = message_references.find_at(reader, place.channel, place.ts)
    return reference is not None and reference.kind == message_references.SOURCE_KIND


def ticket_of_message(reader: Reader, place: MessagePlace) -> int | None:
    """The ticket in whose thread the message is, or that was filed from it."""
    reference = message_references.find_at(reader, place.channel, place.root)
    if reference is not None and reference.number is not None:
        return reference.number
    filed = ticket_from_source(reader, place.message)
    return filed.number if filed else None


def _from_requester(
    tx: Transaction, message: MessageReference, ticket: Ticket, entry: ThreadMessage
) -> dict[str, Any] | None:
    if entry.by == ticket.requester and (
        message.kind in REQUESTER_KINDS or not is_allowed(Permission.ADD_NOTE, entry.roles)
    ):
        tickets.add_requester_message(
            tx, ticket.number, by=entry.by, text=entry.text, files=entry.files, message=entry.message
        )
        return {"kept": "wrote", "number": ticket.number, "done": ticket.status in DONE_STATUSES}
    if message.kind in REQUESTER_KINDS and is_allowed(Permission.REPLY_TO_REQUESTER, entry.roles):
        tickets.reply(tx, ticket.number, by=entry.by, text=entry.text, files=entry.files, message=entry.message)
        return {"kept": "replied", "number": ticket.number}
    return None


def _from_team(
    tx: Transaction, message: MessageReference, ticket: Ticket, entry: ThreadMessage
) -> dict[str, Any] | None:
    if message.kind in REQUESTER_KINDS:
        return None
    if is_allowed(Permission.ADD_NOTE, entry.roles):
        seen_in = message.lane if message.kind == TICKET_CARD else None
        seq = tickets.add_note(
            tx,
            ticket.number,
            by=entry.by,
            text=entry.text,
            files=entry.files,
            message=entry.message,
            seen_in=seen_in,
        )
        return {"kept": "note", "number": ticket.number, "seq": seq}
    if message.kind == ESCALATION_CARD and any(entry.by in team.people for team in tx.policy.teams.values()):
        raise Refused(
            _(
                "Your message was not added: this escalation of {ticket} is decided, and {team} works on the ticket "
                "now. Write to them in their channel.",
                ticket=TicketNumber(ticket.number),
                team=tx.policy.team(ticket.team).name,
            )
        )
    return None
