"""What people write in a ticket's threads becomes a note, a reply or the requester's message."""

from dataclasses import dataclass
from typing import Any

from rules.errors import Refused
from rules.model.tickets import DONE_STATUSES
from rules.people.permissions import Permission, Role, is_allowed
from services.permissions import require, roles_on_ticket
from services.tickets import tickets
from storage import events
from storage.escalations import escalations
from storage.escalations.escalations import ESCALATION_CARD
from storage.events import EventKind
from storage.outbox import message_references, outbox
from storage.outbox.outbox import REQUESTER_KINDS, TICKET_CARD
from storage.schema.tickets import MessageReference, Ticket
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

CLOCK_SKEW_SECONDS = 2.0  # our clock may run so far behind Slack's
WELCOME_TEXT = (
    "I am Baton, the help desk. Type `/ticket` and a few words about what is wrong, and it becomes a ticket; "
    "`/ticket help` shows the rest. To say something about a ticket, write in its own thread."
)


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """What a person wrote in a thread, with their roles towards its ticket; who is asked to decide is an expert."""

    by: str
    text: str
    files: tickets.Files
    roles: frozenset[Role]


def record_thread_message(
    tx: Transaction,
    *,
    by: str,
    channel: str,
    root: str,
    text: str,
    files: tickets.Files = (),
    mentioned_at: float | None = None,
) -> dict[str, Any] | None:
    """What was recorded and on which ticket; None for a foreign thread, or a person without a part in the ticket.

    `mentioned_at` is when the person mentioned Baton: the mention that created the ticket is not recorded on it.
    """
    message = message_references.find_at(tx, channel, root)
    if message is None or message.number is None:
        return None
    ticket = lock_ticket(tx, message.number)
    if mentioned_at is not None and mentioned_at <= ticket.created_at.timestamp() + CLOCK_SKEW_SECONDS:
        return None
    escalation = escalations.undecided_escalation(tx, ticket.number)
    held_roles = roles_on_ticket(tx.policy, ticket, by, expert_team=escalation.team if escalation else None)
    entry = ThreadMessage(by, text, files, held_roles)
    return _from_requester(tx, message, ticket, entry) or _from_team(tx, message, ticket, entry)


def send_welcome(tx: Transaction, *, by: str) -> None:
    outbox.notify_person(tx, by, text=WELCOME_TEXT, dedupe_key=f"hello:{by}:{tx.now.date().isoformat()}")


def send_note_to_requester(tx: Transaction, number: int, seq: int, *, by: str) -> None:
    require(tx, Permission.REPLY_TO_REQUESTER, lock_ticket(tx, number), by)
    event = events.find_event(tx, number, seq)
    if event is None or event.kind != EventKind.NOTED:
        raise Refused(f"#{number} has no such note.")
    for reply in events.ticket_history(tx, number):
        if reply.kind == EventKind.REPLIED and reply.data.get("note") == seq:
            raise Refused(f"<@{reply.by}> has sent this note to the customer already.")
    tickets.reply(tx, number, by=by, text=event.data["text"], files=event.data.get("files", ()), note=seq)


def _from_requester(
    tx: Transaction, message: MessageReference, ticket: Ticket, entry: ThreadMessage
) -> dict[str, Any] | None:
    if entry.by == ticket.requester and (
        message.kind in REQUESTER_KINDS or not is_allowed(Permission.ADD_NOTE, entry.roles)
    ):
        tickets.add_requester_message(tx, ticket.number, by=entry.by, text=entry.text, files=entry.files)
        return {"kept": "wrote", "number": ticket.number, "done": ticket.status in DONE_STATUSES}
    if message.kind in REQUESTER_KINDS and is_allowed(Permission.REPLY_TO_REQUESTER, entry.roles):
        tickets.reply(tx, ticket.number, by=entry.by, text=entry.text, files=entry.files, seen=True)
        return {"kept": "replied", "number": ticket.number}
    return None


def _from_team(
    tx: Transaction, message: MessageReference, ticket: Ticket, entry: ThreadMessage
) -> dict[str, Any] | None:
    if message.kind in REQUESTER_KINDS:
        return None
    if is_allowed(Permission.ADD_NOTE, entry.roles):
        seen_in = message.lane if message.kind == TICKET_CARD else None
        seq = tickets.add_note(tx, ticket.number, by=entry.by, text=entry.text, files=entry.files, seen_in=seen_in)
        return {"kept": "note", "number": ticket.number, "seq": seq}
    if message.kind == ESCALATION_CARD and any(entry.by in team.people for team in tx.policy.teams.values()):
        raise Refused(
            f"Not kept: this escalation of #{ticket.number} is decided, and the ticket is with "
            f"{tx.policy.team(ticket.team).name} now. Tell them in their channel."
        )
    return None
