"""Why a ticket is due when it is, as arithmetic that anybody can follow."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from handlers.cards import tickets
from handlers.cards.blocks import Block, context, line, moment, page, section
from handlers.cards.explanation_lines import days_words, promise_words, said, span
from handlers.cards.stories import KIND_WORDS
from handlers.cards.tickets_page import inside
from rules.clocks import Clock, ClockKind, ClockState, Turned
from rules.explanations import Explanation, Pause, explain
from rules.policy import Policy
from rules.roles import Role
from rules.zones import zone
from storage.tables import Ticket

LINES = 40  # of one clock; a life with more is told by its beginning and its end
_FIRST = 8
_ROOM = 2900


def explained(
    ticket: Ticket, clocks: tickets.Clocks, policy: Policy, now: datetime, *, held: Collection[Role], reader: str = ""
) -> dict[str, Any]:
    """One part for each clock, the one that is due first at the top. `reader` is the reader's time zone, where known.

    Whoever only asked reads of what was promised to them, and not why somebody needed more time.
    """
    shown = [clock for clock in clocks.values() if inside(held) or clock.target is not ClockKind.EXPERT_ANSWER]
    told = [explain(policy, clock, now) for clock in sorted(shown, key=_urgency)]
    parts = [block for one in told for block in _part(one, inside=inside(held))]
    nothing = [section("No time is promised for this ticket.")]
    return page("Why this deadline?", [*tickets.head(ticket, policy), *(parts or nothing), *_small(told, reader, now)])


def _urgency(clock: Clock) -> tuple[int, float]:
    """What runs comes first, by its due time; then what is paused, then what ended, the newest first."""
    if clock.runs:
        return 0, clock.due_at.timestamp()
    return (1, 0) if clock.is_open else (2, -(clock.closed_at or clock.due_at).timestamp())


def _part(told: Explanation, *, inside: bool) -> list[Block]:
    lines = [said(told, one, inside=inside) for one in told.lines]
    if len(lines) > LINES:
        left_out = len(lines) - LINES
        lines = [*lines[:_FIRST], f"… {left_out} more lines, which count too …", *lines[_FIRST + left_out :]]
    head = f"*{KIND_WORDS[told.clock.target].capitalize()}*\n{_began(told)}"
    return [section(text) for text in _chunks([head, *lines, _result(told)])]


def _chunks(lines: Iterable[str]) -> list[str]:
    """The lines in as few texts as have room for them."""
    texts = [""]
    for one in lines:
        if len(texts[-1]) + len(one) > _ROOM:
            texts.append("")
        texts[-1] += f"\n{one}" if texts[-1] else one
    return texts


def _began(told: Explanation) -> str:
    since = f"Began {moment(told.clock.started_at)}"
    if not told.promise:
        return f"{since}. How its time was computed is not known: it came so with the ticket."
    hours = (
        "" if "working day" in promise_words(told.promise) else " of open time" if told.calendar else " day and night"
    )
    worth = f", here {span(told.promised_s)} of open time" if not hours and not told.in_days else ""
    moved = any(turn.did is Turned.MOVED for turn in told.clock.turns)
    return f"{since} · {promise_words(told.promise)}{hours}{worth}{'' if moved else _for(told.clock)}"


def _for(clock: Clock) -> str:
    because = "every ticket" if clock.because == "everything" else line(clock.because, 200)
    return f", promised for {because}" if because else ""


def _result(told: Explanation) -> str:
    clock = told.clock
    if clock.state is ClockState.CANCELLED:
        why = clock.turns[-1].why if clock.turns else ""
        return f"*= not owed any more* since {moment(clock.closed_at or clock.due_at)}" + (
            f": {line(why)}" if why else ""
        )
    return {
        ClockState.RUNNING: _runs,
        ClockState.PAUSED: _stands,
        ClockState.MET: _ended,
        ClockState.BREACHED: _ended,
    }[clock.state](told)


def _runs(told: Explanation) -> str:
    due, moved = moment(told.clock.due_at), _for(told.clock) if told.promise != told.clock.promise else ""
    later = "" if told.same_time else ", when somebody works again"
    if told.left_s < 0:
        return f"*= {_sum(told)}: was due {due}*{later}{moved} · ⚠️ overdue by {span(told.left_s)} of open time"
    return f"*= {_sum(told)}: due {due}*{later}{moved} · {span(told.left_s)} of open time left"


def _stands(told: Explanation) -> str:
    if told.left_s < 0:
        return f"*= was due {moment(told.clock.due_at)}*, overdue by {span(told.left_s)} when it was paused"
    return f"*= {_used(told)}{span(told.left_s)} left*. It runs on {_goes_on(told)}."


def _goes_on(told: Explanation) -> str:
    why = next((one.why for one in reversed(told.lines) if isinstance(one, Pause)), "")
    if told.clock.target is ClockKind.EXPERT_ANSWER:
        return "when the question is answered"
    return "when the customer answers" if not why or "customer" in why else f"when this ends: {line(why, 100)}"


def _ended(told: Explanation) -> str:
    clock, due = told.clock, moment(told.clock.due_at)
    at = moment(clock.closed_at or clock.due_at)
    if clock.state is ClockState.BREACHED:
        late = f" by {span(told.left_s)} of open time" if told.left_s < 0 else ""
        return f"*= {_sum(told)}: was due {due}* · ⚠️ late{late}: it ended {at}"
    if told.in_days:
        return f"*= {_sum(told)}: due {due}* · ✓ kept {at}, with {span(told.left_s)} of open time to spare"
    return f"*= {_used(told)}✓ kept {at}*, with {span(told.left_s)} to spare"


def _sum(told: Explanation) -> str:
    if told.in_days:
        return promise_words(told.promise)
    return span(told.counted_s) if told.is_whole else "time unknown"


def _used(told: Explanation) -> str:
    return f"{span(told.counted_s)} of {span(told.clock.total_s)} used: " if told.is_whole and told.lines else ""


def _small(told: Sequence[Explanation], reader: str, now: datetime) -> list[Block]:
    """By whose clock the hours above are, and the next holiday, once for each calendar."""
    words = dict.fromkeys(_place(one, reader, now) for one in told)
    return [context(*words)] if words else []


def _place(told: Explanation, reader: str, now: datetime) -> str:
    theirs = all(_agree(told.zone, reader, at) for at in (told.clock.started_at, told.clock.due_at, now))
    whose = "" if theirs else " there; the other times are yours"
    words = f"Days and hours by the clock of {told.zone}{whose}"
    if told.day_off is None:
        return words
    day, name = told.day_off
    return f"{words} · next holiday {days_words(day, day)}: {line(name, 100) or 'closed'}"


def _agree(place: str, reader: str, at: datetime) -> bool:
    """Whether both clocks show the same; nobody's clock is known where the reader's is not."""
    return bool(reader) and at.astimezone(zone(place)).utcoffset() == at.astimezone(zone(reader)).utcoffset()
