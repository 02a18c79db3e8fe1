"""What may be pressed on an escalation, as one process tells it to another."""

from collections.abc import Callable
from dataclasses import dataclass

from rules.errors import DeskError
from rules.escalations.escalations import Advice
from services.desk import Desk
from services.escalations import escalations, redirects
from services.tickets import tickets
from storage.transaction import Work
from tests.journeys.year.play import done


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody's answer to that round of a ticket's escalation; `to` is the team that it is sent on to."""

    deed: str
    by: str
    number: int
    round: int
    to: str = ""


def _reject(work: Work, press: Press) -> None:
    words = {"advice": Advice.KNOWN_SOLUTION, "comment": "See the guide."}
    escalations.reject(work, press.number, press.round, by=press.by, **words)  # type: ignore[arg-type]


def _redirect(work: Work, press: Press) -> None:
    redirects.redirect(work, press.number, press.round, by=press.by, team=press.to, reason="It is theirs.")


def _ask_back(work: Work, press: Press) -> None:
    escalations.ask_back(work, press.number, press.round, by=press.by, question="Since when?")


DEEDS: dict[str, Callable[[Work, Press], object]] = {
    "accept": lambda work, press: escalations.accept(work, press.number, press.round, by=press.by),
    "reject": _reject,
    "redirect": _redirect,
    "ask_back": _ask_back,
    "answer": lambda work, press: tickets.note(work, press.number, by=press.by, text="Since Monday."),
    "withdraw": lambda work, press: redirects.take_back(work, press.number, by=press.by),
    "resolve": lambda work, press: tickets.resolve(work, press.number, by=press.by, solution="Restarted."),
}


async def pressed(desk: Desk, press: Press) -> str:
    """The sentence with which it was refused; empty when it was done."""
    try:
        await done(desk, DEEDS[press.deed], press)
    except DeskError as refusal:
        return str(refusal)
    return ""
