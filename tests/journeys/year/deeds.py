"""What people do in the year, by the verb of the script."""

from collections.abc import Callable
from datetime import timedelta

from rules.escalations.escalations import RejectionReason
from rules.model.timers import TimerKind
from services.alerts import sweep
from services.assignment import assignments
from services.escalations import escalations
from services.sla import extensions
from services.tickets import tickets
from storage.escalations.escalations import undecided_escalation
from storage.transaction import Transaction
from tests.journeys.year.script import Step


def _asked(tx: Transaction, number: int) -> int:
    """The round that waits for the experts; 0 when none does."""
    waiting = undecided_escalation(tx, number)
    return waiting.round if waiting else 0


def _accept(tx: Transaction, number: int, step: Step) -> None:
    escalations.accept(tx, number, _asked(tx, number), by=step.by)


def _reject(tx: Transaction, number: int, step: Step) -> None:
    words = {"reason": RejectionReason.INFORMATION_MISSING, "comment": "Send the log."}
    escalations.reject(tx, number, _asked(tx, number), by=step.by, **words)  # type: ignore[arg-type]


def _ask_back(tx: Transaction, number: int, step: Step) -> None:
    escalations.request_info(tx, number, _asked(tx, number), by=step.by, question="Since when?")


def _extend(tx: Transaction, number: int, step: Step) -> None:
    extensions.extend_timer(tx, number, by=step.by, target=TimerKind.RESOLUTION, more=step.to, reason="More to it.")


def _snooze(tx: Transaction, number: int, step: Step) -> None:
    sweep.snooze_alerts(tx, number, by=step.by, span=timedelta(minutes=int(step.to)))


Deed = Callable[[Transaction, int, Step], object]
VERBS: dict[str, Deed] = {
    "take": lambda tx, number, step: tickets.take(tx, number, by=step.by),
    "reply": lambda tx, number, step: tickets.reply(tx, number, by=step.by, text="We are at it."),
    "note": lambda tx, number, step: tickets.add_note(tx, number, by=step.by, text="Since Monday."),
    "wait": lambda tx, number, step: tickets.wait_for_customer(tx, number, by=step.by),
    "write": lambda tx, number, step: tickets.add_requester_message(tx, number, by=step.by, text="It is still so."),
    "resolve": lambda tx, number, step: tickets.resolve(tx, number, by=step.by, solution="Restarted."),
    "reopen": lambda tx, number, step: tickets.reopen(tx, number, by=step.by, reason="Again."),
    "assign": lambda tx, number, step: assignments.assign_ticket(tx, number, to=step.to, by=step.by),
    "start": lambda tx, number, step: assignments.start_work(tx, number, by=step.by),
    "pass": lambda tx, number, step: assignments.pass_ticket_back(tx, number, by=step.by, reason="No access."),
    "escalate": lambda tx, number, step: escalations.escalate(
        tx, number, by=step.by, team=step.to, why="It flaps", tried="restarted"
    ),
    "accept": _accept,
    "reject": _reject,
    "ask_back": _ask_back,
    "extend": _extend,
    "snooze": _snooze,
}
