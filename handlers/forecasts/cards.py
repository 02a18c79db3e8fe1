"""Will it be done in time? In words and a picture, with what would help, for the lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from handlers.charts import charts
from handlers.charts.charts import Picture, percent
from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    divider,
    form,
    line,
    moment,
    person,
    pick_person,
    safe,
    section,
)
from handlers.slack.blocks import field as input_
from handlers.slack.ids import Button, Form
from rules.calendars.timezones import zone
from rules.forecasts.forecasts import RUNS, Chance, Outlook, band
from rules.forecasts.what_if import Lever, LeverKind
from rules.model.policy import Policy
from rules.statistics import Told, brier, reliability
from storage.schema.forecasts import Intervention
from storage.schema.tickets import Ticket

WORST, PEOPLE, FEW = 8, 10, 30
LOOKING = "I am looking at it: the answer comes in a moment."
BARS = 10
DANGER = 0.95  # who is this likely to make it is not listed


@dataclass(frozen=True, slots=True)
class View:
    """A team's outlook as one person sees it; `levers` are empty for who may only look."""

    team: str
    policy: Policy
    at: datetime
    outlook: Outlook | None
    levers: tuple[Lever, ...] = ()
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    pulled: tuple[Intervention, ...] = ()

    @property
    def name(self) -> str:
        return line(self.policy.team(self.team).name, 80)


def worst(outlook: Outlook, many: int = WORST) -> list[Chance]:
    """The tickets that are least likely to make it, those with a due time alone."""
    told = [one for one in outlook.chances if one.made is not None and one.made < DANGER]
    return sorted(told, key=lambda one: (one.made or 0.0, one.number))[:many]


def risk(view: View) -> Message:
    """The whole answer for one team."""
    again = button("Look again", Button.RISK, view.team, says=f"Look at {view.name} again")
    if view.outlook is None:
        words = f"{view.name} has not been looked at yet."
        return Message(words, [section(words), actions(again)])
    words = summary(view.outlook)
    content: list[Block] = [section(f"*{view.name}*: {words}"), *_tickets(view), *_loads(view), *_levers(view)]
    content += [context(_small(view)), actions(again)]
    return Message(f"{view.name}: {words}", content)


def several(views: Sequence[View]) -> Message:
    """A line for each team, the worst first, each with the way into it."""
    ordered = sorted(views, key=lambda view: -(view.outlook.breaches if view.outlook else 0.0))
    rows = []
    for view in ordered[:20]:
        words = summary(view.outlook) if view.outlook else "not looked at yet."
        way = button("Look", Button.RISK, view.team, says=f"Look at {view.name}")
        rows.append(section(f"*{view.name}*: {words}", accessory=way))
    spoken = " ".join(f"{view.name}: {summary(view.outlook)}" for view in ordered if view.outlook)
    return Message(spoken or "No team was looked at yet.", rows)


def summary(outlook: Outlook) -> str:
    """How many promises will break, and when all is done, in one or two sentences."""
    open_ = sum(one.made is not None for one in outlook.chances)
    if not outlook.chances:
        return "nothing is open."
    late = f"{outlook.late} {'is' if outlook.late == 1 else 'are'} late already; of the others " if outlook.late else ""
    expected = f"about {outlook.breaches:.1f} will break ({outlook.low} to {outlook.high})"
    if outlook.breaches < 0.05:  # noqa: PLR2004 - what reads as 0.0
        expected = "none will break" if outlook.high == 0 else "hardly any will break"
    return f"{open_} open with a promise, {late}{expected}. {_clears(outlook)}"


def picture(view: View) -> Picture:
    """The same as a picture, with the due times on the team's own clock."""
    outlook = view.outlook
    assert outlook is not None
    place = zone(view.policy.calendar_of(view.team).timezone)
    told = sorted((one for one in outlook.chances if one.due_at is not None), key=lambda one: one.due_at or 0)
    chances = [
        charts.Chance(one.number, _title(view, one.number), one.made or 0.0, _clock(one.due_at, place)) for one in told
    ]
    return charts.risk(
        charts.Outlook(
            team=view.policy.team(view.team).name,
            zone=place.key,
            seen_at=f"{view.at.astimezone(place):%a %H:%M}",
            runs=RUNS,
            chances=tuple(chances),
            clears=_clock(outlook.clears_at, place),
            clears_late=_clock(outlook.clears_p90_at, place),
        )
    )


def pulled(team: str, words: str, policy: Policy) -> Message:
    """What was done, and that it will be said whether it helped."""
    done = f"✓ Done for {line(policy.team(team).name, 80)}: {safe(words)}."
    said = f"{done} You hear whether it helped when the time has passed."
    again = button("Look again", Button.RISK, team, says="Look again")
    return Message(said, [section(said), actions(again)])


def helper_form(team: str, about: str, policy: Policy) -> dict[str, Any]:
    """Who is to be asked; nobody is called in without it."""
    hint = "They get a message with what would help most; it is for them to say yes."
    who = input_("Whom to ask for two hours", pick_person("helper"), hint=hint)
    head = context(f"For {line(policy.team(team).name, 80)}")
    return form(Form.HELPER, "One more person", [head, who], submit="Ask", about=about)


def quality(
    told: Sequence[Told], void: int, teams: Sequence[str] | None, policy: Policy
) -> tuple[Message, Picture | None]:
    """Whether what was told came true: by bands, with n, and how it is counted."""
    whose = "The desk" if teams is None else ", ".join(policy.team(key).name for key in teams)
    score = brier(told)
    if score is None:
        words = f"{line(whose)}: no forecast has been decided yet. They are told each morning and decided when due."
        return Message(words, [section(words), context(_COUNTED)]), None
    share = sum(one.came_true for one in told) / len(told)
    always = share * (1 - share)
    bands = reliability(told)
    rows = [
        f"{percent(one.start)} to {percent(one.end)}: told {percent(one.told)}, came true "
        f"{percent(one.came_true)} (n = {one.n}, {percent(one.low)} to {percent(one.high)})"
        + ("" if one.holds else " ⚠️")
        for one in bands
    ]
    words = (
        f"{line(whose)}: of {len(told)} forecasts Brier's score is {score:.3f}; always telling the average "
        f"({percent(share)}) would score {always:.3f}. Less is better."
    )
    few = ["These are few: read them with care."] if len(told) < FEW else []
    void_words = [f"{void} more are void: their promise moved after they were told."] if void else []
    small = context(" ".join([*few, *void_words, _COUNTED]))
    record = charts.Record(
        whose=whose,
        period="the last 90 days",
        bands=tuple(charts.Band(one.told, one.n, round(one.came_true * one.n)) for one in bands),
        score=score,
        of_always=always,
    )
    return Message(words, [section(f"*Forecast quality*\n{words}"), section("\n".join(rows)), small]), (
        charts.reliability(record)
    )


_COUNTED = (
    "One forecast a ticket and day, the first of the team's day; it came true when the ticket was resolved by its due "
    "time. The range is Wilson's, at 95 %; ⚠️ marks a band whose forecast lies outside of it."
)


def _tickets(view: View) -> list[Block]:
    assert view.outlook is not None
    rows = [_row(view, one) for one in worst(view.outlook)]
    left = len(worst(view.outlook, len(view.outlook.chances))) - len(rows)
    more = [context(f"and {left} more below {percent(DANGER)}")] if left else []
    return [*rows, *more]


def _row(view: View, one: Chance) -> Block:
    ticket = view.tickets.get(one.number)
    holder = person(ticket.assignee) if ticket and ticket.assignee else "nobody has it"
    made = one.made or 0.0
    due = f" · due {moment(_at(one.due_at))}" if one.due_at is not None else ""
    which = f"*#{one.number}* {_title(view, one.number)}{due} · {holder}"
    words = f"`{_bar(made)}` *{band(made)}*, {percent(made)} · {which}"
    return section(words, accessory=button("Open", Button.OPEN, one.number, says=f"Open ticket {one.number}"))


def _loads(view: View) -> list[Block]:
    assert view.outlook is not None
    rows = []
    for load in view.outlook.loads[:PEOPLE]:
        if not load.tickets and load.person is None:
            continue
        ends = f"done {moment(_at(load.clears_at))}" if load.clears_at is not None else "not done as it stands"
        held = f"{load.tickets} tickets, {load.minutes:.0f} min of work"
        who = person(load.person) if load.person else "nobody's"
        rows.append(f"{who}: {held}" + (f", {ends}" if load.tickets and load.person else ""))
    return [section("\n".join(rows))] if rows else []


def _levers(view: View) -> list[Block]:
    if not view.levers:
        return []
    content: list[Block] = [divider(), section("*What would help*")]
    for lever in view.levers:
        words = f"{lever_words(lever)}: {_effect(lever)}"
        content.append(section(words, accessory=_press(view, lever), block_id=f"lever.{lever.kind}"))
    return content


def lever_words(lever: Lever) -> str:
    """What would be done, in words."""
    numbers = ", ".join(f"#{number}" for number in lever.tickets)
    if lever.kind is LeverKind.MOVE:
        return f"Move {len(lever.tickets)} ({numbers}) from {person(lever.giver)} to {person(lever.taker)}"
    if lever.kind is LeverKind.HELP:
        return f"One more person for two hours{f', first of all for {numbers}' if numbers else ''}"
    if lever.kind is LeverKind.PAUSE:
        return f"Let {lever.priority} priority wait for all others, for a working day"
    return f"Promise {numbers} one working day later"


def _effect(lever: Lever) -> str:
    return f"{lever.before:.1f} → {lever.after:.1f} broken promises"


def _press(view: View, lever: Lever) -> Element:
    value = f"{view.team}|{int(view.at.timestamp() * 1_000_000)}|{lever.kind}"
    if lever.kind is LeverKind.HELP:
        return button("Ask…", Button.LEVER_ASK, value, says="Ask somebody to help for two hours")
    return button("Do it", Button.LEVER, value, says=lever_words(lever)[:70])


def _small(view: View) -> str:
    done = [f"{safe(one.lever['words'])} ({moment(one.at)}, {person(one.by)})" for one in view.pulled[:3]]
    told = f"Done already: {'; '.join(done)}. " if done else ""
    return (
        f"{told}As of {moment(view.at)}, from {RUNS:,} runs with people's hours, leave and load, and with how "
        "long such tickets took before. Tickets still to come are not in it."
    )


def _clears(outlook: Outlook) -> str:
    if outlook.clears_at is None:
        return "As it stands the queue does not clear within four weeks."
    late = f" (9 times in 10 by {moment(_at(outlook.clears_p90_at))})" if outlook.clears_p90_at is not None else ""
    return f"The queue clears {moment(_at(outlook.clears_at))}{late}."


def _title(view: View, number: int) -> str:
    ticket = view.tickets.get(number)
    return line(ticket.title, 80) if ticket else ""


def _bar(share: float) -> str:
    full = round(share * BARS)
    return "█" * full + "░" * (BARS - full)


def _at(stamp: int | None) -> datetime:
    return datetime.fromtimestamp(stamp or 0, UTC)


def _clock(stamp: int | None, place: Any) -> str:  # noqa: ANN401 - a zone
    return "" if stamp is None else f"{_at(stamp).astimezone(place):%a %-d %b %H:%M}"
