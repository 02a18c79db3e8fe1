"""A team's day on one card, and one person's own."""

from collections.abc import Iterable
from datetime import date, datetime

from handlers.slack.blocks import Block, Message, actions, button, line, moment, person, section
from handlers.slack.ids import Button
from rules.model.policy import Policy
from rules.reports.summaries import Load, Own, Share, Summary, Waiting, most

SHOWN = 20
NAMED = 10


def of_team(summary: Summary, policy: Policy) -> Message:
    """What came, what was done, what is open; each person's part; who holds most, and who could help.

    People are named, not mentioned: a daily summary should ping nobody.
    """
    head = f"*{_team(summary.team, policy)}* · {_day(summary.day)}"
    totals = _totals(summary)
    content: list[Block] = [section(f"{head}\n{totals}")]
    if summary.people:
        content.append(section("\n".join(_lines(summary.people))))
    content.append(section(_helpers(summary)))
    content.append(actions(*_ways_on(summary)))
    return Message(f"{_team(summary.team, policy)} on {_day(summary.day)}: {totals}.".replace(" · ", ", "), content)


def of_person(own: Own, policy: Policy, now: datetime) -> Message:
    """One person's own numbers, and what they must see to first."""
    team = _team(own.team, policy)
    load = _load(own.load)
    content: list[Block] = [section(f"*Your day in {team}* · {_day(own.day)}\n{load}")]
    if own.soonest:
        content.append(section("*Due soonest*\n" + "\n".join(_waiting(one, now) for one in own.soonest)))
        content.append(actions(button("My tickets", Button.LIST, "mine:1:", says="List my open tickets")))
    return Message(f"Your day in {team}: {load}.".replace(" · ", ", "), content)


def _totals(summary: Summary) -> str:
    load = summary.load
    parts = [(load.overdue, "overdue"), (load.near, "near"), (summary.unassigned, "unassigned")]
    of_these = ", ".join(f"{_sign(word)}{count} {word}" for count, word in parts if count)
    return f"In {load.new} · done {load.done} · open {load.open}" + (f" ({of_these})" if of_these else "")


def _lines(people: tuple[Share, ...]) -> list[str]:
    lines = [f"{_named(one)}  {_load(one.load)}" for one in people[:SHOWN]]
    if rest := people[SHOWN:]:
        lines.append(f"and {len(rest)} more with {sum(one.load.open for one in rest)} open")
    return lines


def _load(load: Load) -> str:
    parts = [(load.new, "new"), (load.done, "done"), (load.overdue, "overdue"), (load.near, "near")]
    return " · ".join([f"{load.open} open", *(f"{_sign(word)}{count} {word}" for count, word in parts if count)])


def _sign(word: str) -> str:
    return {"overdue": "⚠️ ", "near": "⏳ "}.get(word, "")


def _helpers(summary: Summary) -> str:
    top = most(summary)
    busiest = f"{_names(top)} ({top[0].load.open})" if top else "nobody holds anything"
    free = [one for one in summary.people if one.free]
    return f"Most: {busiest}. Free to help: {_names(free) if free else 'nobody'}."


def _names(people: Iterable[Share]) -> str:
    named = [_named(one) for one in people]
    return ", ".join(named[:NAMED]) + (f" and {len(named) - NAMED} more" if len(named) > NAMED else "")


def _named(share: Share) -> str:
    return f"*{line(share.name, 80)}*" if share.name else person(share.who)


def _ways_on(summary: Summary) -> list[dict[str, object]]:
    team = summary.team
    report = button("Report", Button.REPORT, f"team:{team}", says=f"Report of {team}")
    if not summary.load.overdue:
        return [report]
    return [button("Open overdue", Button.LIST, f"overdue:1:{team}", says=f"List overdue tickets of {team}"), report]


def _waiting(one: Waiting, now: datetime) -> str:
    if one.due_at is None:
        return f"*#{one.number}* · {line(one.title)}"
    late = "⚠️ overdue since" if one.due_at < now else "due"
    return f"*#{one.number}* · {line(one.title)} · {late} {moment(one.due_at)}"


def _team(key: str, policy: Policy) -> str:
    return line(policy.team(key).name, 80)


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"
