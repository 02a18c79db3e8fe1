"""The daily summary of a team, and that of one person."""

from collections.abc import Iterable
from datetime import date, datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Button
from handlers.text.slack import escape_line, local_time, mention
from rules.model.policy import Policy
from rules.reports.summaries import DayLoad, OpenTicket, PersonShare, PersonSummary, TeamSummary, busiest_people

PEOPLE_SHOWN = 20
PEOPLE_NAMED = 10


def team_summary(summary: TeamSummary, policy: Policy) -> Message:
    """People are named, not mentioned: a daily summary must ping nobody."""
    head = f"*{_team_name(summary.team, policy)}* · {_day_name(summary.day)}"
    totals = _totals_text(summary)
    content: list[Block] = [blocks.section(f"{head}\n{totals}")]
    if summary.people:
        content.append(blocks.section("\n".join(_person_rows(summary.people))))
    content.append(blocks.section(_helpers_text(summary)))
    content.append(blocks.actions(*_summary_buttons(summary)))
    spoken = f"{_team_name(summary.team, policy)} on {_day_name(summary.day)}: {totals}."
    return Message(spoken.replace(" · ", ", "), content)


def personal_summary(own: PersonSummary, policy: Policy, now: datetime) -> Message:
    team = _team_name(own.team, policy)
    counts = _counts_text(own.load)
    content: list[Block] = [blocks.section(f"*Your day in {team}* · {_day_name(own.day)}\n{counts}")]
    if own.soonest:
        content.append(blocks.section("*Due soonest*\n" + "\n".join(_due_ticket_row(one, now) for one in own.soonest)))
        own_list = blocks.button("My tickets", Button.SHOW_LIST, "mine:1:", spoken="List my open tickets")
        content.append(blocks.actions(own_list))
    return Message(f"Your day in {team}: {counts}.".replace(" · ", ", "), content)


def _totals_text(summary: TeamSummary) -> str:
    counts = summary.load
    parts = [(counts.overdue, "overdue"), (counts.near, "near"), (summary.unassigned, "unassigned")]
    of_these = ", ".join(f"{_warning_sign(word)}{count} {word}" for count, word in parts if count)
    return f"In {counts.new} · done {counts.done} · open {counts.open}" + (f" ({of_these})" if of_these else "")


def _person_rows(people: tuple[PersonShare, ...]) -> list[str]:
    lines = [f"{_person_name(one)}  {_counts_text(one.load)}" for one in people[:PEOPLE_SHOWN]]
    if rest := people[PEOPLE_SHOWN:]:
        lines.append(f"and {len(rest)} more with {sum(one.load.open for one in rest)} open")
    return lines


def _counts_text(counts: DayLoad) -> str:
    parts = [(counts.new, "new"), (counts.done, "done"), (counts.overdue, "overdue"), (counts.near, "near")]
    shown = [f"{_warning_sign(word)}{count} {word}" for count, word in parts if count]
    return " · ".join([f"{counts.open} open", *shown])


def _warning_sign(word: str) -> str:
    return {"overdue": "⚠️ ", "near": "⏳ "}.get(word, "")


def _helpers_text(summary: TeamSummary) -> str:
    top = busiest_people(summary)
    busiest = f"{_names_text(top)} ({top[0].load.open})" if top else "nobody holds anything"
    free = [one for one in summary.people if one.free]
    return f"Most: {busiest}. Free to help: {_names_text(free) if free else 'nobody'}."


def _names_text(people: Iterable[PersonShare]) -> str:
    return blocks.join_limited([_person_name(one) for one in people], PEOPLE_NAMED)


def _person_name(share: PersonShare) -> str:
    return f"*{blocks.name_of(share)}*" if share.name else mention(share.who)


def _summary_buttons(summary: TeamSummary) -> list[dict[str, object]]:
    team = summary.team
    report = blocks.button("Report", Button.OPEN_REPORT, f"team:{team}", spoken=f"Report of {team}")
    if not summary.load.overdue:
        return [report]
    spoken = f"List overdue tickets of {team}"
    return [blocks.button("Open overdue", Button.SHOW_LIST, f"overdue:1:{team}", spoken=spoken), report]


def _due_ticket_row(one: OpenTicket, now: datetime) -> str:
    if one.due_at is None:
        return f"*#{one.number}* · {escape_line(one.title)}"
    late = "⚠️ overdue since" if one.due_at < now else "due"
    return f"*#{one.number}* · {escape_line(one.title)} · {late} {local_time(one.due_at)}"


def _team_name(key: str, policy: Policy) -> str:
    return blocks.name_of(policy.team(key))


def _day_name(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"
