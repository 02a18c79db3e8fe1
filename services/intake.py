"""A request arrives at the desk: filed once, however often it is sent, and answered where it was written."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from rules.errors import FieldError
from rules.intake.requests import TicketRequest, expert_to_ask, first_line_team
from rules.model.policy import Policy
from rules.people.permissions import Permission, is_allowed, roles_towards
from rules.text import Person, TicketNumber, _
from rules.typed_text import required_text
from services.escalations.escalations import escalate
from services.tickets import tickets
from storage import idempotency
from storage.outbox import message_references, outbox
from storage.presence.presence import absent_people
from storage.tickets.tickets import ticket_from_source
from storage.transaction import Transaction

CONFIRMATION = outbox.MessageKind("filed", to_requester=True)
REPEAT_WINDOW = timedelta(seconds=10)


class Duplicate(StrEnum):
    """Why a request gave an existing ticket; NONE when the ticket is new."""

    NONE = "no"
    MESSAGE = "message"
    THREAD = "thread"
    CARD = "card"
    TYPED = "typed"


def file_request(tx: Transaction, request: TicketRequest, *, typed: str = "", by_dm: bool = False) -> dict[str, Any]:
    """The ticket's number, with its due times or why it is an existing ticket.

    `typed` is the text as it was typed: the same text within REPEAT_WINDOW is the same request. `by_dm` confirms by
    direct message; a thread is always answered.
    """
    _check_may_assign(tx, request)
    if request.source and (earlier := ticket_from_source(tx, request.source)):
        return _result(earlier.number, Duplicate.MESSAGE)
    key = f"typed:{request.registered_by}:{sha256(typed.encode()).hexdigest()}"
    if typed and not idempotency.claim_key(tx, key, window=REPEAT_WINDOW):
        return _result(idempotency.recorded_answer(tx, key), Duplicate.TYPED)
    expert = expert_to_ask(tx.policy, request)
    stored = replace(request, assignee=request.registered_by) if expert else request
    number, timers, assignee = tickets.create_and_route(tx, _without_taken_thread(tx, stored))
    if expert:
        _ask_expert(tx, number, request, expert)
    if typed:
        idempotency.answer_claimed_key(tx, key, number)
    _confirm_created(tx, number, request, by_dm=by_dm)
    due = {str(timer.target): timer.due_at.isoformat() for timer in timers}
    return _result(number, Duplicate.NONE) | {"due": due, "to": assignee, "asked": expert}


def keep_text(tx: Transaction, text: str) -> str:
    """Of a message too long for a form: executed once by the message's key, it answers with the text of the first."""
    return text


def file_thread(tx: Transaction, request: TicketRequest, *, by_dm: bool = False) -> dict[str, Any]:
    """`file_request` for a thread; a thread that is about a ticket already, a card's too, gives that ticket."""
    post = message_references.find_at(tx, request.channel or "", request.thread_ts or "")
    if post is not None and post.number is not None:
        return _result(post.number, Duplicate.THREAD)
    return file_request(tx, request, by_dm=by_dm)


def send_confirmation(tx: Transaction, number: int, *, to: str, thread: str | None = None) -> None:
    data, key = {"thread": thread} if thread else None, f"filed:{number}:{to}"
    outbox.queue_message(tx, CONFIRMATION, destination=to, number=number, data=data, dedupe_key=key)


def may_assign(policy: Policy, request: TicketRequest) -> bool:
    """Whether who files may give the ticket to the request's assignee; for an unknown type the type is the fault."""
    if not request.assignee or request.type not in policy.types:
        return True
    team = first_line_team(policy, request.type)
    permission = Permission.ESCALATE if expert_to_ask(policy, request) else Permission.ASSIGN_TICKET
    return is_allowed(permission, roles_towards(policy, request.registered_by, teams=[team.key]))


def _check_may_assign(tx: Transaction, request: TicketRequest) -> None:
    if may_assign(tx.policy, request):
        return
    team = first_line_team(tx.policy, request.type).name
    raise FieldError("assignee", _("Only {team}'s people can assign its tickets. Leave this empty.", team=team))


def _ask_expert(tx: Transaction, number: int, request: TicketRequest, expert: str) -> None:
    by, ticket_type = request.registered_by, tx.policy.type(request.type)
    experts = tx.policy.team(ticket_type.expert_team or "")
    if expert in absent_people(tx, [expert], policy=tx.policy, team=experts.key, at=tx.now):
        text = _(
            "They are away. Choose another expert of {team}, or create the ticket and escalate it.", team=experts.name
        )
        raise FieldError("assignee", text)
    remedy = _("{team} decides based on the description. Say what happens and since when.", team=experts.name)
    required_text(request.description, "description", remedy)
    required_text(request.tried, "tried", _("Say what was tried: {team} needs to know.", team=experts.name))
    escalate(tx, number, by=by, team=experts.key, why=request.description, tried=request.tried)
    text = _(
        "{person} asks for you by name: {ticket} ({type}). The escalation is in {team}'s channel.",
        person=Person(by),
        ticket=TicketNumber(number),
        type=ticket_type.name,
        team=experts.name,
    )
    outbox.notify_person(tx, expert, number=number, text=text, quote=request.description)


def _without_taken_thread(tx: Transaction, request: TicketRequest) -> TicketRequest:
    """A thread of another card or ticket stays theirs: this requester is answered by direct message."""
    if request.channel and message_references.find_at(tx, request.channel, request.thread_ts or ""):
        return replace(request, channel=None, thread_ts=None)
    return request


def _confirm_created(tx: Transaction, number: int, request: TicketRequest, *, by_dm: bool) -> None:
    if by_dm:
        send_confirmation(tx, number, to=request.registered_by)
    if request.channel and request.thread_ts:
        send_confirmation(tx, number, to=request.channel, thread=request.thread_ts)


def _result(number: int, earlier: Duplicate) -> dict[str, Any]:
    return {"number": number, "earlier": str(earlier)}
