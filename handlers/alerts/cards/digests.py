"""Alerts that are told together: to one person what alarms them, to a channel the many that alarm at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.slack.blocks import Block, Message, actions, button, context, line, moment, person, section
from handlers.slack.ids import Button, value_of
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.timeline import KIND_WORDS
from rules.alerts import Rung, first_rung, sentence
from rules.intake.commands import Listing, View
from rules.model.policy import Policy
from rules.model.timers import BREACH, Clock
from rules.sla.timers import last_warning
from storage.outbox.outbox import is_person_or_place
from storage.schema.tickets import Ticket

SHOWN = 10
NAMED = 15


@dataclass(frozen=True, slots=True)
class Alarm:
    """A ticket and the clock of it that alarms."""

    ticket: Ticket
    clock: Clock

    @property
    def late(self) -> bool:
        return self.clock.level == BREACH


def to_person(found: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message | None:
    """One ticket as a sentence, several as one list, the most urgent first; None when nothing alarms any more."""
    found = _each_once(found)
    if not found:
        return None
    if len(found) == 1:
        return _one(found[0], who, policy, now)
    words = f"{len(found)} tickets need you: {_counted(found)}."
    return Message(f"{words} {_spoken(found)}", [section(f"*{words}*"), *_rows(found, policy), *_more(found)])


def to_channel(found: Sequence[Alarm], policy: Policy, now: datetime) -> Message:
    """What a storm leaves of a channel's alerts: one message, edited as its tickets are dealt with."""
    if not found:
        words = "✓ None of the tickets that alarmed together needs anybody now."
        return Message(words, [section(words)])
    many = "1 ticket needs" if len(found) == 1 else f"{len(found)} tickets need"
    words = f"{many} somebody: {_counted(found)}."
    holders = [who for who in dict.fromkeys(one.ticket.assignee for one in found) if who]
    nobody = sum(one.ticket.assignee is None for one in found)
    shares = [f"{person(who)} {sum(one.ticket.assignee == who for one in found)}" for who in holders[:NAMED]]
    shares += [f"nobody {nobody}"] if nobody else []
    shares += [f"lead {person(lead)}" for lead in _leads(found, policy)[:NAMED] if lead not in holders]
    small = context(" · ".join([*shares, f"as of {moment(now)}"]))
    return Message(f"{words} {_spoken(found)}", [section(f"*{words}*"), *_rows(found, policy), *_more(found), small])


def nudge(found: Sequence[Alarm], who: str, policy: Policy, now: datetime) -> Message:
    """Below an alert that stands already, for somebody who wants to be called in the channel."""
    found = _each_once(found)
    if len(found) == 1:
        words = f"{person(who)} {_sentence(found[0], who, policy, now)}"
    else:
        some = ", ".join(f"#{one.ticket.number}" for one in found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
        words = f"{person(who)} {len(found)} of these need you: {some}."
    return Message(words, [section(words)])


def _each_once(found: Sequence[Alarm]) -> list[Alarm]:
    """A ticket with several alarms is told once, by the most urgent of them."""
    first: dict[int, Alarm] = {}
    for alarm in found:
        first.setdefault(alarm.ticket.number, alarm)
    return list(first.values())


def _one(alarm: Alarm, who: str, policy: Policy, now: datetime) -> Message:
    number = alarm.ticket.number
    words = _sentence(alarm, who, policy, now)
    open_ = button("Open", Button.OPEN, number, says=f"Open ticket {number}")
    why = button("Why this deadline?", Button.WHY, number, says=f"Why ticket {number} is due then")
    return Message(words, [section(words), context(line(alarm.ticket.title)), actions(open_, why)])


def _sentence(alarm: Alarm, who: str, policy: Policy, now: datetime) -> str:
    ticket = alarm.ticket
    known = ticket.assignee is not None and is_person_or_place(ticket.assignee)
    holder = f"it is with {person(ticket.assignee)}" if known else "nobody here has it"
    holder = "you have it" if ticket.assignee == who else holder
    said = sentence(policy.calendar(alarm.clock.calendar), alarm.clock, now)
    return f"{'⚠️' if alarm.late else '⏳'} #{ticket.number} {said}, and {holder}."


def _rows(found: Sequence[Alarm], policy: Policy) -> list[Block]:
    return [_row(one, policy) for one in found[:SHOWN]]


def _row(alarm: Alarm, policy: Policy) -> Block:
    ticket, clock = alarm.ticket, alarm.clock
    what, sign, due = KIND_WORDS[clock.target], *(("⚠️", "overdue since") if alarm.late else ("⏳", "due"))
    words = f"{sign} {ticket_cards.heading(ticket)}\n{what[0].upper()}{what[1:]} {due} {moment(clock.due_at)} · "
    words += ticket_cards.standing(ticket, policy)
    way = button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
    return section(words, accessory=way)


def _leads(found: Sequence[Alarm], policy: Policy) -> list[str]:
    """The leads of what has come as far as them."""
    risky = [one for one in found if first_rung(one.clock.level, last_warning(policy, one.clock)) is Rung.LEAD]
    return list(dict.fromkeys(lead for one in risky for lead in policy.team(one.ticket.team).leads))


def _more(found: Sequence[Alarm]) -> list[Block]:
    """The rest as a list, which has its pages."""
    left = [context(f"and {len(found) - SHOWN} more")] if len(found) > SHOWN else []
    view, words = (View.OVERDUE, "overdue") if found[0].late else (View.NEAR, "near their due time")
    way = button(f"Show all {words}", Button.LIST, value_of(Listing(view)), says=f"List what is {words}")
    return [*left, actions(way)]


def _counted(found: Sequence[Alarm]) -> str:
    late = sum(one.late for one in found)
    parts = [f"{late} overdue"] if late else []
    return ", ".join([*parts, *([f"{len(found) - late} near"] if len(found) > late else [])])


def _spoken(found: Sequence[Alarm]) -> str:
    return "; ".join(f"#{one.ticket.number} {line(one.ticket.title, 60)}" for one in found[:SHOWN]) + "."
