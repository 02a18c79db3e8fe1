"""What people say in the threads of a ticket is kept where it belongs: with the team, or with the customer."""

from dataclasses import dataclass
from typing import Any

from rules.errors import Refused
from rules.model.tickets import DONE_STATUSES
from rules.people.permissions import Permission, is_allowed
from services.permissions import require, roles_on_ticket
from services.tickets import tickets
from storage import events
from storage.escalations import escalations
from storage.events import EventKind
from storage.outbox import message_references, outbox
from storage.outbox.outbox import MessageKind
from storage.schema.tickets import MessageReference, Ticket
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction

REQUESTER_KINDS = frozenset({message_references.SOURCE_KIND, str(MessageKind.REPLY)})
CLOCK_SKEW_SECONDS = 2.0  # seconds that our clock may run behind Slack's
WELCOME_TEXT = (
    "I am Baton, the help desk. Type `/ticket` and a few words about what is wrong, and it becomes a ticket; "
    "`/ticket help` shows the rest. To say something about a ticket, write in its own thread."
)


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """What somebody wrote, as they meant it."""

    by: str
    text: str
    files: tickets.Files


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
    """A note when the team speaks under its card, the customer's word or a reply to them when it is their thread.

    What was kept and of which ticket; None when the thread is none of ours or the person has no part in it.
    `began_it` is when somebody mentioned us: the mention that filed the ticket is no news to it.
    """
    post = message_references.find_at(tx, channel, root)
    if post is None or post.number is None:
        return None
    ticket, said = lock_ticket(tx, post.number), ThreadMessage(by, text, files)
    if mentioned_at is not None and mentioned_at <= ticket.created_at.timestamp() + CLOCK_SKEW_SECONDS:
        return None
    return _from_requester(tx, post, ticket, said) or _from_team(tx, post, ticket, said)


def send_welcome(tx: Transaction, *, by: str) -> None:
    """Who writes to Baton outside any thread reads what it is, once a day."""
    outbox.notify_person(tx, by, number=None, text=WELCOME_TEXT, dedupe_key=f"hello:{by}:{tx.now.date().isoformat()}")


def send_note_to_requester(tx: Transaction, number: int, seq: int, *, by: str) -> None:
    """An internal note becomes a reply to the customer, once; whoever is second reads who was first."""
    require(tx, Permission.REPLY_TO_REQUESTER, lock_ticket(tx, number), by)
    event = events.find_event(tx, number, seq)
    if event is None or event.kind != EventKind.NOTED:
        raise Refused(f"#{number} has no such note.")
    for sent in events.ticket_history(tx, number):
        if sent.kind == EventKind.REPLIED and sent.data.get("note") == seq:
            raise Refused(f"<@{sent.by}> has sent this note to the customer already.")
    tickets.reply(tx, number, by=by, text=event.data["text"], files=event.data.get("files", ()), note=seq)


def _from_requester(
    tx: Transaction, post: MessageReference, ticket: Ticket, said: ThreadMessage
) -> dict[str, Any] | None:
    held = roles_on_ticket(tx.policy, ticket, said.by)
    if said.by == ticket.requester and (post.kind in REQUESTER_KINDS or not is_allowed(Permission.ADD_NOTE, held)):
        tickets.add_requester_message(tx, ticket.number, by=said.by, text=said.text, files=said.files)
        return {"kept": "wrote", "number": ticket.number, "done": ticket.status in DONE_STATUSES}
    if post.kind in REQUESTER_KINDS and is_allowed(Permission.REPLY_TO_REQUESTER, held):
        tickets.reply(tx, ticket.number, by=said.by, text=said.text, files=said.files, seen=True)
        return {"kept": "replied", "number": ticket.number}
    return None


def _from_team(tx: Transaction, post: MessageReference, ticket: Ticket, said: ThreadMessage) -> dict[str, Any] | None:
    waiting = escalations.undecided_escalation(tx, ticket.number)
    held = roles_on_ticket(tx.policy, ticket, said.by, expert_team=waiting.team if waiting else None)
    if post.kind in REQUESTER_KINDS:
        return None
    if is_allowed(Permission.ADD_NOTE, held):
        seen_in = post.lane if post.kind == MessageKind.TICKET_CARD else None
        seq = tickets.add_note(tx, ticket.number, by=said.by, text=said.text, files=said.files, seen_in=seen_in)
        return {"kept": "note", "number": ticket.number, "seq": seq}
    if post.kind == MessageKind.ESCALATION_CARD and any(said.by in team.people for team in tx.policy.teams.values()):
        raise Refused(
            f"Not kept: this escalation of #{ticket.number} is decided, and the ticket is with "
            f"{tx.policy.team(ticket.team).name} now. Tell them in their channel."
        )
    return None
