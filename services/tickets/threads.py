"""What people say in the threads of a ticket is kept where it belongs: with the team, or with the customer."""

from dataclasses import dataclass
from typing import Any

from rules.errors import DeskError
from rules.model.tickets import DONE
from rules.people.permissions import Deed, allowed
from services.permissions import require, towards
from services.tickets import tickets
from storage import events
from storage.escalations import escalations
from storage.events import Happened
from storage.outbox import message_references, outbox
from storage.outbox.outbox import Kind
from storage.schema.tickets import Post, Ticket
from storage.tickets.tickets import get
from storage.transaction import Transaction

THEIRS = frozenset({message_references.SOURCE, str(Kind.REPLY)})
SKEW = 2.0  # seconds that our clock may run behind Slack's
HELLO = (
    "I am Baton, the help desk. Type `/ticket` and a few words about what is wrong, and it becomes a ticket; "
    "`/ticket help` shows the rest. To say something about a ticket, write in its own thread."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote, as they meant it."""

    by: str
    text: str
    files: tickets.Files


def hear(
    tx: Transaction,
    *,
    by: str,
    channel: str,
    root: str,
    text: str,
    files: tickets.Files = (),
    began_it: float | None = None,
) -> dict[str, Any] | None:
    """A note when the team speaks under its card, the customer's word or a reply to them when it is their thread.

    What was kept and of which ticket; None when the thread is none of ours or the person has no part in it.
    `began_it` is when somebody mentioned us: the mention that filed the ticket is no news to it.
    """
    post = message_references.at(tx, channel, root)
    if post is None or post.number is None:
        return None
    ticket, said = get(tx, post.number), Said(by, text, files)
    if began_it is not None and began_it <= ticket.created_at.timestamp() + SKEW:
        return None
    return _customers(tx, post, ticket, said) or _teams(tx, post, ticket, said)


def greet(tx: Transaction, *, by: str) -> None:
    """Who writes to Baton outside any thread reads what it is, once a day."""
    outbox.notice(tx, by, number=None, words=HELLO, once=f"hello:{by}:{tx.now.date().isoformat()}")


def send_note(tx: Transaction, number: int, seq: int, *, by: str) -> None:
    """An internal note becomes a reply to the customer, once; whoever is second reads who was first."""
    require(tx, Deed.REPLY, get(tx, number), by)
    event = events.one(tx, number, seq)
    if event is None or event.kind != Happened.NOTED:
        raise DeskError(f"#{number} has no such note.")
    for sent in events.of_ticket(tx, number):
        if sent.kind == Happened.REPLIED and sent.data.get("note") == seq:
            raise DeskError(f"<@{sent.by}> has sent this note to the customer already.")
    tickets.reply(tx, number, by=by, text=event.data["text"], files=event.data.get("files", ()), note=seq)


def _customers(tx: Transaction, post: Post, ticket: Ticket, said: Said) -> dict[str, Any] | None:
    held = towards(tx.policy, ticket, said.by)
    if said.by == ticket.requester and (post.kind in THEIRS or not allowed(Deed.NOTE, held)):
        tickets.write(tx, ticket.number, by=said.by, text=said.text, files=said.files)
        return {"kept": "wrote", "number": ticket.number, "done": ticket.status in DONE}
    if post.kind in THEIRS and allowed(Deed.REPLY, held):
        tickets.reply(tx, ticket.number, by=said.by, text=said.text, files=said.files, seen=True)
        return {"kept": "replied", "number": ticket.number}
    return None


def _teams(tx: Transaction, post: Post, ticket: Ticket, said: Said) -> dict[str, Any] | None:
    waiting = escalations.undecided(tx, ticket.number)
    held = towards(tx.policy, ticket, said.by, asked=waiting.team if waiting else None)
    if post.kind in THEIRS:
        return None
    if allowed(Deed.NOTE, held):
        seen_in = post.lane if post.kind == Kind.CARD else None
        seq = tickets.note(tx, ticket.number, by=said.by, text=said.text, files=said.files, seen_in=seen_in)
        return {"kept": "note", "number": ticket.number, "seq": seq}
    if post.kind == Kind.APPROVAL and any(said.by in team.people for team in tx.policy.teams.values()):
        raise DeskError(
            f"Not kept: this escalation of #{ticket.number} is decided, and the ticket is with "
            f"{tx.policy.team(ticket.team).name} now. Tell them in their channel."
        )
    return None
