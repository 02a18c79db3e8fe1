"""What people do in the year, by the verb of the script."""

from collections.abc import Callable
from datetime import timedelta

from rules.escalations.escalations import Advice
from rules.model.timers import ClockKind
from services.alerts import sweep
from services.assignment import assignments
from services.escalations import escalations
from services.sla import extensions
from services.tickets import tickets
from storage.escalations.escalations import undecided
from storage.transaction import Work
from tests.journeys.year.script import Step


def _asked(work: Work, number: int) -> int:
    """The round that waits for the experts; 0 when none does."""
    waiting = undecided(work.session, work.workspace, number)
    return waiting.round if waiting else 0


def _accept(work: Work, number: int, step: Step) -> None:
    escalations.accept(work, number, _asked(work, number), by=step.by)


def _reject(work: Work, number: int, step: Step) -> None:
    words = {"advice": Advice.INFORMATION_MISSING, "comment": "Send the log."}
    escalations.reject(work, number, _asked(work, number), by=step.by, **words)  # type: ignore[arg-type]


def _ask_back(work: Work, number: int, step: Step) -> None:
    escalations.ask_back(work, number, _asked(work, number), by=step.by, question="Since when?")


def _extend(work: Work, number: int, step: Step) -> None:
    extensions.extend(work, number, by=step.by, target=ClockKind.RESOLUTION, more=step.to, reason="More to it.")


def _snooze(work: Work, number: int, step: Step) -> None:
    sweep.snooze(work, number, by=step.by, span=timedelta(minutes=int(step.to)))


Deed = Callable[[Work, int, Step], object]
VERBS: dict[str, Deed] = {
    "take": lambda work, number, step: tickets.take(work, number, by=step.by),
    "reply": lambda work, number, step: tickets.reply(work, number, by=step.by, text="We are at it."),
    "note": lambda work, number, step: tickets.note(work, number, by=step.by, text="Since Monday."),
    "wait": lambda work, number, step: tickets.wait(work, number, by=step.by),
    "write": lambda work, number, step: tickets.write(work, number, by=step.by, text="It is still so."),
    "resolve": lambda work, number, step: tickets.resolve(work, number, by=step.by, solution="Restarted."),
    "reopen": lambda work, number, step: tickets.reopen(work, number, by=step.by, reason="Again."),
    "assign": lambda work, number, step: assignments.assign(work, number, to=step.to, by=step.by),
    "start": lambda work, number, step: assignments.start(work, number, by=step.by),
    "pass": lambda work, number, step: assignments.pass_back(work, number, by=step.by, reason="No access."),
    "escalate": lambda work, number, step: escalations.escalate(
        work, number, by=step.by, team=step.to, why="It flaps", tried="restarted"
    ),
    "accept": _accept,
    "reject": _reject,
    "ask_back": _ask_back,
    "extend": _extend,
    "snooze": _snooze,
}
