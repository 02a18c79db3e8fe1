"""A request arrives at the desk: filed once, however often it is said, and answered where it was asked."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from rules.errors import FieldError
from rules.intake.requests import Request, asked_expert, team_for
from rules.people.permissions import Deed, allowed, roles
from rules.text import blank
from services.escalations.escalations import escalate
from services.tickets import tickets
from storage import idempotency
from storage.outbox import message_references, outbox
from storage.outbox.outbox import Kind
from storage.presence.presence import absent
from storage.tickets.tickets import by_source
from storage.transaction import Transaction

AGAIN_WITHIN = timedelta(seconds=10)


class Earlier(StrEnum):
    """Why a request gave a ticket that was there before; NO when it is a new one."""

    NO = "no"
    MESSAGE = "message"
    THREAD = "thread"
    TYPED = "typed"


def file(tx: Transaction, request: Request, *, typed: str = "", by_dm: bool = False) -> dict[str, Any]:
    """The ticket's number, and when it is due or why it is an earlier one: the same message, or text within 10 s.

    `typed` is the text as it was typed. `by_dm` tells the filer by direct message; a thread is always answered.
    """
    _may_assign(tx, request)
    if request.source and (earlier := by_source(tx, request.source)):
        return _answer(earlier.number, Earlier.MESSAGE)
    key = f"typed:{request.registered_by}:{sha256(typed.encode()).hexdigest()}"
    if typed and not idempotency.claim(tx, key, since=tx.now - AGAIN_WITHIN):
        return _answer(idempotency.answer_to(tx, key), Earlier.TYPED)
    expert = asked_expert(tx.policy, request)
    kept = replace(request, assignee=request.registered_by) if expert else request
    number, clocks, to = tickets.promised(tx, _linked(tx, kept))
    if expert:
        _ask(tx, number, request, expert)
    if typed:
        idempotency.settle(tx, key, number)
    _tell(tx, number, request, by_dm=by_dm)
    due = {str(one.target): one.due_at.isoformat() for one in clocks}
    return _answer(number, Earlier.NO) | {"due": due, "to": to, "asked": expert}


def file_thread(tx: Transaction, request: Request, *, by_dm: bool = False) -> dict[str, Any]:
    """`file` for a whole thread: one that speaks of a ticket already, a card's thread too, is that ticket's."""
    post = message_references.at(tx, request.channel or "", request.thread_ts or "")
    if post is not None and post.number is not None:
        return _answer(post.number, Earlier.THREAD)
    return file(tx, request, by_dm=by_dm)


def confirm(tx: Transaction, number: int, *, to: str) -> None:
    """The one who filed reads by direct message what was filed and when it is due."""
    outbox.queue(tx, Kind.FILED, lane=to, number=number, subject=str(number), once=f"filed:{number}:{to}")


def _may_assign(tx: Transaction, request: Request) -> None:
    if not request.assignee or request.type not in tx.policy.types:
        return
    team = team_for(tx.policy, request.type)
    held = roles(tx.policy, request.registered_by, teams=[team.key])
    if not allowed(Deed.ESCALATE if asked_expert(tx.policy, request) else Deed.ASSIGN, held):
        words = f"Only {team.name}'s people assign its tickets. Leave it out: one of them will take it."
        raise FieldError("assignee", words)


def _ask(tx: Transaction, number: int, request: Request, expert: str) -> None:
    """The filer has it and asks the expert's team at once, with what the form says as evidence; the expert by name."""
    by, kind = request.registered_by, tx.policy.type(request.type)
    experts = tx.policy.team(kind.experts or "")
    if expert in absent(tx, [expert], policy=tx.policy, team=experts.key, at=tx.now):
        words = f"<@{expert}> is away. Choose another one of {experts.name}, or file it and use *Escalate…*."
        raise FieldError("assignee", words)
    if blank(request.description):
        raise FieldError("description", f"{experts.name} decide by the description: say what happens and since when.")
    if blank(request.tried):
        raise FieldError("tried", f"{experts.name} need to know what was tried: the form has a field for it.")
    escalate(tx, number, by=by, team=experts.key, why=request.description, tried=request.tried)
    words = f"<@{by}> asks for you by name: #{number} {kind.name}. The question is in {experts.name}'s channel."
    outbox.notice(tx, expert, number=number, words=words, quote=request.description)


def _linked(tx: Transaction, request: Request) -> Request:
    """A thread that belongs to another card or ticket stays theirs: this requester is answered by direct message."""
    if request.channel and message_references.at(tx, request.channel, request.thread_ts or ""):
        return replace(request, channel=None, thread_ts=None)
    return request


def _tell(tx: Transaction, number: int, request: Request, *, by_dm: bool) -> None:
    if by_dm:
        confirm(tx, number, to=request.registered_by)
    if request.channel and request.thread_ts:
        outbox.queue(
            tx,
            Kind.FILED,
            lane=request.channel,
            number=number,
            subject=str(number),
            data={"thread": request.thread_ts},
            once=f"filed:{number}:{request.channel}",
        )


def _answer(number: int, earlier: Earlier) -> dict[str, Any]:
    return {"number": number, "earlier": str(earlier)}
