"""What may be pressed on an escalation, as one process tells it to another."""

from collections.abc import Callable
from dataclasses import dataclass

from rules.errors import Refused
from rules.escalations.escalations import RejectionReason
from services.desk import Desk
from services.escalations import escalations, redirects
from services.tickets import tickets
from storage.transaction import Transaction
from tests.journeys.year.play import done


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody's answer to that round of a ticket's escalation; `to` is the team that it is sent on to."""

    deed: str
    by: str
    number: int
    round: int
    to: str = ""


def _reject(tx: Transaction, press: Press) -> None:
    words = {"reason": RejectionReason.KNOWN_SOLUTION, "comment": "See the guide."}
    escalations.reject(tx, press.number, press.round, by=press.by, **words)  # type: ignore[arg-type]


def _redirect(tx: Transaction, press: Press) -> None:
    redirects.redirect(tx, press.number, press.round, by=press.by, team=press.to, reason="It is theirs.")


def _ask_back(tx: Transaction, press: Press) -> None:
    escalations.request_info(tx, press.number, press.round, by=press.by, question="Since when?")


DEEDS: dict[str, Callable[[Transaction, Press], object]] = {
    "accept": lambda tx, press: escalations.accept(tx, press.number, press.round, by=press.by),
    "reject": _reject,
    "redirect": _redirect,
    "ask_back": _ask_back,
    "answer": lambda tx, press: tickets.add_note(tx, press.number, by=press.by, text="Since Monday."),
    "withdraw": lambda tx, press: redirects.withdraw(tx, press.number, by=press.by),
    "resolve": lambda tx, press: tickets.resolve(tx, press.number, by=press.by, solution="Restarted."),
}


async def pressed(desk: Desk, press: Press) -> str:
    """The sentence with which it was refused; empty when it was done."""
    try:
        await done(desk, DEEDS[press.deed], press)
    except Refused as refusal:
        return str(refusal)
    return ""
