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
from rules.typed_text import fold_word, required_text
from services.escalations.escalations import escalate
from services.tickets import tickets
from storage import idempotency
from storage.outbox import message_references, outbox
from storage.presence.presence import absent_people
from storage.tickets.tickets import find_ticket, ticket_from_source
from storage.transaction import Transaction

CONFIRMATION = outbox.MessageKind("filed", to_requester=True)
REPEAT_WINDOW = timedelta(seconds=10)
SAME_REQUEST_WINDOW = timedelta(minutes=10)


class Duplicate(StrEnum):
    """Why a request gave an existing ticket; NONE when the ticket is new."""

    NONE = "no"
    MESSAGE = "message"
    THREAD = "thread"
    CARD = "card"
    TYPED = "typed"
    SAME = "same"


def file_request(
    tx: Transaction, request: TicketRequest, *, typed: str = "", by_dm: bool = False, anyway: bool = False
) -> dict[str, Any]:
    """The ticket's number, with its due times or why it is an existing ticket.

    The same request within SAME_REQUEST_WINDOW is asked about, unless it is filed `anyway`; `typed` is the text as it
    was typed, and the same text within REPEAT_WINDOW is a repeat. `by_dm` confirms by direct message; a thread is
    always answered.
    """
    if earlier := _filed_from_message(tx, request):
        return earlier
    key, digest = _same_request_key(request), sha256(typed.encode()).hexdigest()
    if not idempotency.claim_key(tx, key, window=SAME_REQUEST_WINDOW):
        number, typed_before = idempotency.recorded_answer(tx, key)
        if typed and digest == typed_before and _is_repeat(tx, number):
            return _result(number, Duplicate.TYPED)
        if not anyway:
            return _result(number, Duplicate.SAME)
    done = _create(tx, request, by_dm=by_dm)
    idempotency.answer_claimed_key(tx, key, [done["number"], digest])
    return done


def _filed_from_message(tx: Transaction, request: TicketRequest) -> dict[str, Any] | None:
    _check_may_assign(tx, request)
    earlier = ticket_from_source(tx, request.source) if request.source else None
    return _result(earlier.number, Duplicate.MESSAGE) if earlier else None


def _create(tx: Transaction, request: TicketRequest, *, by_dm: bool) -> dict[str, Any]:
    expert = expert_to_ask(tx.policy, request)
    stored = replace(request, assignee=request.registered_by) if expert else request
    number, timers, assignee = tickets.create_and_route(tx, _without_taken_thread(tx, stored))
    if expert:
        _ask_expert(tx, number, request, expert)
    _confirm_created(tx, number, request, by_dm=by_dm)
    due = {str(timer.target): timer.due_at.isoformat() for timer in timers}
    return _result(number, Duplicate.NONE) | {"due": due, "to": assignee, "asked": expert}


def _same_request_key(request: TicketRequest) -> str:
    said = f"{fold_word(request.title)}\n{fold_word(request.customer or '')}"
    return f"same:{request.requester}:{sha256(said.encode()).hexdigest()}"


def _is_repeat(tx: Transaction, number: int) -> bool:
    earlier = find_ticket(tx, number)
    return earlier is not None and tx.now - earlier.created_at <= REPEAT_WINDOW


def keep_text(tx: Transaction, text: str) -> str:
    """Of a message too long for a form: executed once by the message's key, it answers with the text of the first."""
    return text


def file_thread(tx: Transaction, request: TicketRequest, *, by_dm: bool = False) -> dict[str, Any]:
    """A ticket for a thread, never asked about; a thread of a ticket already, a card's too, gives that ticket."""
    post = message_references.find_at(tx, request.channel or "", request.thread_ts or "")
    if post is not None and post.number is not None:
        return _result(post.number, Duplicate.THREAD)
    return _filed_from_message(tx, request) or _create(tx, request, by_dm=by_dm)


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
