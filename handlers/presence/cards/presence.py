"""Where people are: the floor card, one's own line on Home, and time away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from handlers.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    field,
    form,
    line,
    moment,
    page,
    person,
    pick_date,
    section,
    sections,
    select,
    text_input,
)
from handlers.slack.ids import Button, Form
from rules.calendars.calendars import next_opening
from rules.model.policy import Policy, Team
from rules.presence.leave import KIND_WORDS, LONGEST_REASON, LeaveKind, spoken
from rules.presence.presence import HERE_WORDS, Here, Presence, Press
from storage.schema.people import Absence

PEOPLE = 40
NAME = 60
LEAVES = 5
_ORDER = (Here.AT_WORK, Here.ACTIVITY, Here.BREAK, Here.OFF, Here.AWAY)
_HEADS = {
    Here.AT_WORK: "🟢 Here",
    Here.ACTIVITY: "🟠 Busy",
    Here.BREAK: "🟡 On a break",
    Here.OFF: "⚪ Off work",
    Here.AWAY: "✈️ Away",
}


def floor(team: Team, day: date, here: Mapping[str, Presence], called: Mapping[str, str], policy: Policy) -> Message:
    """The team's card of the day. It calls people by name: a mention would ping all of them every morning."""
    groups = {state: [who for who, one in here.items() if one.here is state] for state in _ORDER}
    counts = [f"{len(whos)} {HERE_WORDS[state]}" for state, whos in groups.items() if whos]
    rows = [row for state, whos in groups.items() if whos for row in _group(state, whos, here, called, policy)]
    said = f"{line(team.name, NAME)}, {day:%A}: {', '.join(counts) or 'nobody yet'}."
    head = section(f"*{line(team.name, NAME)}* · {day:%A}, {day.day} {day:%B}")
    return Message(said, [head, *rows, presses(team.activities)])


def floor_ended(team: Team, day: date) -> Message:
    """What is left of the card when its day is over."""
    said = f"{line(team.name, NAME)}: {day:%A}, {day.day} {day:%B} is over. The card of today is further down."
    return Message(said, [context(said)])


def own(who: str, stands: Presence, leaves: Sequence[Absence], policy: Policy, now: datetime) -> list[Block]:
    """One's own line on Home, with what to press and the leave that is to come."""
    activities = [one for team in policy.teams.values() if who in team.people for one in team.activities]
    ask = button("Away…", Button.LEAVE_ASK, "leave", says="Enter time away")
    work = button("Shift…", Button.SHIFT_ASK, "shift", says="Enter a shift beside your hours")
    content: list[Block] = [section(f"*You are {where(who, stands, policy)}*"), presses(activities, ask, work)]
    return content + [_leave(row, policy, now) for row in leaves[:LEAVES]]


def presses(activities: Sequence[str], *more: dict[str, Any]) -> Block:
    """Log in, Break, Busy…, Log out; without activities in desk.yml nobody is asked with what."""
    known = list(dict.fromkeys(activities))
    busy = [select(Button.BUSY, [(one, one) for one in known], placeholder="Busy…")] if known else []
    return actions(
        button("Log in", Button.LOG_IN, Press.IN, style="primary"),
        button("Break", Button.BREAK, Press.BREAK),
        *busy,
        button("Log out", Button.LOG_OUT, Press.OUT),
        *more,
    )


def where(who: str, stands: Presence, policy: Policy) -> str:
    """Where somebody is, and until when as far as that is known; the times are the reader's."""
    until, since = stands.until, stands.since
    if stands.here is Here.AWAY:
        return "away" if until is None else f"away, back {moment(_back(who, until, policy))}"
    if stands.here is Here.ACTIVITY:
        return f"busy with {line(stands.activity, NAME)}" + (f" since {moment(since)}" if since else "")
    if stands.here is Here.BREAK:
        return "on a break" + (f" since {moment(since)}" if since else "")
    return HERE_WORDS[stands.here] + (f" until {moment(until)}" if until else "")


def entered(row: Absence, policy: Policy, now: datetime, *, by: str, open_: int) -> Message:
    """The answer after time away was entered: what was understood, and the way back."""
    words = spoken(row.begins, row.ends, now, policy.calendar_for(row.person, "").timezone)
    who = "You are" if row.person == by else f"{person(row.person)} is"
    holds = "you hold" if row.person == by else "they hold"
    load = f" Meanwhile {holds} {open_} open." if open_ else ""
    said = f"✓ {who} away {words} ({line(row.kind, NAME)}).{load}"
    take_back = button("Take back", Button.LEAVE_CANCEL, f"{row.person}:{row.id}", says="Take this leave back")
    return Message(said, [section(said), actions(take_back)])


def entered_page(said: Message) -> dict[str, Any]:
    """The same in the place of the form; it is taken back on Home."""
    return page("Entered", [said.blocks[0], context("It can be taken back on Home.")])


def leave_form(who: str, today: date, *, own_: bool) -> dict[str, Any]:
    """From, until, kind and reason, for oneself or for somebody one leads."""
    whom = [] if own_ else [section(f"For {person(who)}")]
    kinds = [(words, str(kind)) for kind, words in KIND_WORDS.items()]
    hint = "That day is included. For hours write `/desk away until 15:00`."
    content = [
        *whom,
        field("From", pick_date("from", chosen=today)),
        field("Until", pick_date("until", chosen=today), hint=hint),
        field("Kind", select("kind", kinds, chosen=str(LeaveKind.LEAVE))),
        field(
            "Reason",
            text_input("reason", limit=LONGEST_REASON),
            optional=True,
            hint="Your leads read the kind and the reason; everybody else only that you are away.",
        ),
    ]
    return form(Form.LEAVE, "Time away", content, submit="Enter", about=who)


def _group(
    state: Here, whos: Sequence[str], here: Mapping[str, Presence], called: Mapping[str, str], policy: Policy
) -> list[Block]:
    """Everybody who is that, in as many sections as it takes."""
    first, *others = [_on_floor(who, here[who], called, policy) for who in whos[:PEOPLE]]
    more = [f"and {len(whos) - PEOPLE} more"] if len(whos) > PEOPLE else []
    return sections([f"*{_HEADS[state]}*  {first}", *others, *more], between=", ")


def _on_floor(who: str, stands: Presence, called: Mapping[str, str], policy: Policy) -> str:
    name = line(called.get(who, who), NAME)
    if stands.here is Here.AT_WORK and stands.until is not None:
        return f"{name} until {moment(stands.until)}"
    if stands.here is Here.ACTIVITY:
        return f"{name}: {line(stands.activity, NAME)}"
    if stands.here is Here.BREAK and stands.since is not None:
        return f"{name} since {moment(stands.since)}"
    if stands.here is Here.AWAY and stands.until is not None:
        return f"{name}, back {moment(_back(who, stands.until, policy))}"
    return name


def _leave(row: Absence, policy: Policy, now: datetime) -> Block:
    words = spoken(row.begins, row.ends, now, policy.calendar_for(row.person, "").timezone)
    kind = KIND_WORDS.get(LeaveKind(row.kind), row.kind) if row.kind in list(LeaveKind) else row.kind
    why = f": {clip(line(row.reason), 200)}" if row.reason else ""
    take_back = button("Take back", Button.LEAVE_CANCEL, f"{row.person}:{row.id}", says="Take this leave back")
    return section(f"{line(kind, NAME)} {words}{why}", accessory=take_back)


def _back(who: str, until: datetime, policy: Policy) -> datetime:
    """The first moment at which they work again."""
    return next_opening(policy.calendar_for(who, ""), until)
