"""Why a ticket is due when it is, as arithmetic that anybody can follow."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from handlers.slack.blocks import Block, context, line, moment, page, section
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.details import inside
from handlers.tickets.cards.timeline import KIND_WORDS
from rules.calendars.daily_breakdown import Days, Kind, Shift
from rules.calendars.durations import parse_duration
from rules.calendars.timezones import zone
from rules.model.policy import Policy
from rules.model.timers import Clock, ClockKind, ClockState, Turned
from rules.people.permissions import Role
from rules.sla.explanations import Again, Explanation, Line, More, Move, Over, Pause, Untold, explain
from storage.schema.tickets import Ticket

LINES = 40  # of one clock; a life with more is told by its beginning and its end
_FIRST = 8
_ROOM = 2900


def explained(
    ticket: Ticket,
    clocks: ticket_cards.Clocks,
    policy: Policy,
    now: datetime,
    *,
    held: Collection[Role],
    reader: str = "",
) -> dict[str, Any]:
    """One part for each clock, the one that is due first at the top. `reader` is the reader's time zone, where known.

    Whoever only asked reads of what was promised to them, and not why somebody needed more time.
    """
    shown = [clock for clock in clocks.values() if inside(held) or clock.target is not ClockKind.EXPERT_ANSWER]
    told = [explain(policy, clock, now) for clock in sorted(shown, key=_urgency)]
    parts = [block for one in told for block in _part(one, inside=inside(held))]
    nothing = [section("No time is promised for this ticket.")]
    return page(
        "Why this deadline?", [*ticket_cards.head(ticket, policy), *(parts or nothing), *_small(told, reader, now)]
    )


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


SAID = 160
_HOUR, _MINUTE, _FRIDAY = 3600, 60, 4


def said(told: Explanation, one: Line, *, inside: bool) -> str:
    """One line; why somebody gave more time is for the team alone."""
    if isinstance(one, Days):
        return _numbered(one) if told.in_days else _counted(one)
    if isinstance(one, Shift):
        return _shifted(one, told.zone)
    if isinstance(one, More):
        return _more(one, inside=inside)
    speak: dict[type[Any], Callable[[Any], str]] = {
        Pause: _paused,
        Over: _over,
        Move: _moved,
        Again: _again,
        Untold: _untold,
    }
    return speak[type(one)](one)


def span(seconds: int) -> str:
    """A length of time to the second, so that what is read adds up; never in days, which would be days of 24 hours."""
    hours, rest = divmod(abs(seconds), _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def promise_words(promise: str) -> str:
    """What was promised, as it is said."""
    if not promise:
        return "an unknown time"
    duration = parse_duration(promise)
    if duration.days:
        return f"{duration.days} working day{'s' if duration.days > 1 else ''}"
    return span(duration.seconds)


def days_words(first: date, last: date) -> str:
    """Tue 6 Oct; Tue 6 to Thu 8 Oct; the month twice where there are two."""
    if first == last:
        return f"{first:%a} {first.day} {first:%b}"
    joint = "and" if last - first == timedelta(days=1) else "to"
    month = "" if (first.month, first.year) == (last.month, last.year) else f" {first:%b}"
    return f"{first:%a} {first.day}{month} {joint} {last:%a} {last.day} {last:%b}"


def _counted(days: Days) -> str:
    when = days_words(days.first, days.last)
    if days.kind is Kind.MANY:
        return f"{when} · {_many(days)}, {span(days.seconds)}{_without(days)}"
    if not days.windows:
        return f"{when} · {_off(days)}"
    extra = " (extra open day)" if days.kind is Kind.EXTRA else ""
    each = f"{span(days.seconds // days.count)} each, " if days.count > 1 else ""
    return f"{when}{extra}  {_windows(days)} · {each}{span(days.seconds)}"


def _numbered(days: Days) -> str:
    when = days_words(days.first, days.last)
    if not days.number and days.windows:
        return f"{when} · counting begins at {_reading(days.windows[0][0])}"
    if not days.number:
        return f"{when} · {_many(days) if days.kind is Kind.MANY else _off(days)}"
    last = days.number + days.count - 1
    joint = "and" if days.count == 2 else "to"  # noqa: PLR2004 - two
    which = f"day {last}" if last == days.number else f"days {days.number} {joint} {last}"
    return f"{when} · {which}{_without(days)}"


def _many(days: Days) -> str:
    return f"{days.count} open day{'' if days.count == 1 else 's'}"


def _without(days: Days) -> str:
    return f" (without {line(days.name, 400)})" if days.kind is Kind.MANY and days.name else ""


def _off(days: Days) -> str:
    """Why nothing counted."""
    if days.kind is Kind.HOLIDAY:
        return line(days.name, SAID)
    if days.kind is Kind.CLOSED:
        return "closed"
    if days.kind is Kind.OVER:
        return "after hours"
    return "weekend" if days.first.weekday() > _FRIDAY else "never open on that day of the week"


def _windows(days: Days) -> str:
    return ", ".join(f"{_reading(opens)}-{_reading(closes, ends=days.first)}" for opens, closes in days.windows)


def _reading(at: datetime, *, ends: date | None = None) -> str:
    """What the clock on the wall shows; a window that ends with its day ends at 24:00."""
    if ends is not None and at.date() > ends and not (at.hour or at.minute or at.second):
        return "24:00"
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _shifted(shift: Shift, name: str) -> str:
    before = (shift.at - timedelta(seconds=1)).astimezone(zone(name)).replace(tzinfo=None) + timedelta(seconds=1)
    way = "back" if shift.seconds < 0 else "forward"
    when = f"{days_words(before.date(), before.date())} {before:%H:%M}"
    return f"{when} · the clocks go {way} by {span(shift.seconds)}"


def _paused(pause: Pause) -> str:
    why = line(pause.why, SAID)
    if pause.until is None:
        return f"⏸ Paused since {moment(pause.at)}: {why}"
    return f"⏸ Paused from {moment(pause.at)} to {moment(pause.until)}: {why}"


def _over(over: Over) -> str:
    since = f"from {moment(over.since)} " if over.since else ""
    then = "which counts as used" if over.counts else "which is not held against anybody"
    return f"⚠️ Overdue {since}until {moment(over.until)}: {span(over.seconds)}, {then}"


def _moved(move: Move) -> str:
    why = f" ({line(move.why, SAID)})" if move.why else ""
    hours = " by other opening hours" if move.calendar != move.was_in else ""
    now = f"now {promise_words(move.promise)}{hours}"
    return f"↪ Promised anew {moment(move.at)}{why}: {now}; {span(move.used_s)} used, {left_words(move.left_s)}"


def _more(more: More, *, inside: bool) -> str:
    why = f" ({line(more.why, SAID)})" if inside and more.why else ""
    return f"＋ Extended {moment(more.at)} by {span(more.seconds)}{why}; {left_words(more.left_s)}"


def _again(again: Again) -> str:
    return f"↩ Reopened {moment(again.at)}, {left_words(again.left_s)}"


def _untold(untold: Untold) -> str:
    when = f"{moment(untold.begins, opens=True)} to {moment(untold.ends)}"
    if untold.seconds is None:
        return f"{when} · how this was counted is not known"
    return f"{when} · {span(untold.seconds)}, by the opening hours of then"


def left_words(left_s: int) -> str:
    return f"{span(left_s)} left" if left_s >= 0 else "overdue already"
