"""A day in numbers, as its reader sees it: the sums first, then who, then which tickets."""

from collections.abc import Sequence

from handlers.cards.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    clean,
    context,
    line,
    moment,
    person,
    section,
    select,
)
from handlers.ids import Button
from rules.policy import Policy
from rules.reports import ENOUGH, Day, Due, Holder, Report, Scope, Share
from rules.tickets import STATUS_WORDS

TOP = 8
NUMBERS = 25
_SPOKEN = 80

DEFINITIONS = (
    "*Reported*: filed that day, with the team they were filed with. *Open*: not resolved at the end of the day, with "
    "the team that had them then. *Resolved*: resolved that day at least once, by whoever did it last.",
    "*Overdue*: open, and the time promised for the first reply or for the solution was over. *Near*: open, and the "
    "first warning of `warn_at` was reached. Due times are those known now; what the customer is asked about is not "
    "near. *In time*: of the promises to resolve that ended that day, those that were kept.",
    "*Escalations*: what the experts answered that day, for their team and for the team that asked.",
    "A day runs from midnight to midnight in the team's time zone; for several teams in the zone most of them share. "
    f"Types are those of now. Percentages stay out below n = {ENOUGH}.",
)


def answer(report: Report, whose: Scope, day: Day, policy: Policy, *, hint: str = "") -> Message:
    """The report in a screen or two; its buttons lead to the tickets behind it."""
    lists = _lists_of(whose) if day.is_today else {}
    blocks = [
        section(f"*Report · {title(whose, policy)}* · {day_words(day)}\n{sums(report)}"),
        _reported(report, day, policy),
        _holding(report, day),
        *_due("⚠️ *Overdue*", report.overdue, "was due", lists.get("overdue")),
        *_due("⏳ *Near*", report.near, "due", lists.get("near")),
        *(_why([*report.overdue[:TOP], *report.near[:TOP]]) if day.is_today else []),
        _resolved(report),
        _escalated(report, policy),
    ]
    blocks.append(context(_footing(report, whose, day), *([hint] if hint else [])))
    return Message(f"Report of {title(whose, policy)}, {day_words(day)}: {sums(report)}.", blocks)


def help_() -> Message:
    """How to ask, and what the words of a report mean."""
    forms = (
        ("`/report`", "today: your teams if you lead, the whole desk if you manage, else your own numbers"),
        ("`/report team network`", "one team"),
        ("`/report me`", "your own numbers"),
        (
            "`/report escalations`",
            "what became of escalations, 90 days; also `me`, `team support`, `2026-09-01..2026-09-30`",
        ),
        ("`/report 2026-10-05`", "that day; also `yesterday`, and together: `/report team network 2026-10-05`"),
    )
    said = "\n".join(f"{form}  {words}" for form, words in forms)
    blocks = [section(f"*What you can ask*\n{said}"), section("*What the words mean*\n" + "\n".join(DEFINITIONS))]
    return Message("Ask /report, /report me, /report team NAME, or any of these with a day such as 2026-10-05.", blocks)


def title(whose: Scope, policy: Policy) -> str:
    """Whose numbers these are."""
    if whose.person is not None:
        return person(whose.person)
    if whose.teams is None:
        return "the whole desk"
    names = [line(policy.team(key).name, _SPOKEN) for key in sorted(whose.teams)]
    return _most(names, TOP)


def day_words(day: Day) -> str:
    """The day with its weekday; today says that it is not over."""
    words = f"{day.date:%a} {day.date.day} {day.date:%b %Y}"
    return f"{words}, so far" if day.is_today else words


def sums(report: Report) -> str:
    """The one line that a lock screen shows."""
    late = f" ({len(report.overdue)} overdue, {len(report.near)} near)" if report.overdue or report.near else ""
    return f"Reported {len(report.reported)} · resolved {len(report.resolved)} · open {report.open}{late}"


def _reported(report: Report, day: Day, policy: Policy) -> Block:
    if not report.reported:
        return section("*Reported* 0")
    types = _most([f"{line(policy.type(key).name, _SPOKEN)} {many}" for key, many in report.by_type], TOP)
    states = ", ".join(f"{STATUS_WORDS[status]} {many}" for status, many in report.by_status)
    head = f"*Reported* {len(report.reported)} · {numbers(report.reported)}"
    return section(f"{head}\nBy type: {types}\nBy state{'' if day.is_today else ' then'}: {states}")


def _holding(report: Report, day: Day) -> Block:
    if not report.holders:
        return section("*Open* 0. Nothing waits.")
    rows = [_holder(one, day) for one in report.holders]
    return section(f"*Open* {report.open}, by who has them\n{_lines(rows)}")


def _holder(holder: Holder, day: Day) -> str:
    from_today = "today" if day.is_today else "that day"
    parts = [f"{holder.today} from {from_today}", f"{holder.earlier} from earlier days"]
    parts += [f"{holder.overdue} overdue"] if holder.overdue else []
    parts += [f"{holder.near} near"] if holder.near else []
    return f"{person(holder.who)}  {holder.open} to do: {' · '.join(parts)}"


def _due(words: str, tickets: Sequence[Due], due: str, way: Element | None) -> list[Block]:
    if not tickets:
        return []
    rows = [
        f"*#{one.number}* {line(one.title, 100)} · {person(one.assignee)} · {due} {moment(one.due_at)}"
        for one in tickets
    ]
    return [section(f"{words} {len(tickets)}\n{_lines(rows)}", accessory=way)]


def _why(tickets: Sequence[Due]) -> list[Block]:
    """How the due time of each ticket named above came about."""
    options = [(f"Why #{number}?", str(number)) for number in dict.fromkeys(one.number for one in tickets)]
    return [actions(select(Button.WHY, options, placeholder="Why this deadline?"))] if options else []


def _lists_of(whose: Scope) -> dict[str, Element]:
    """The lists of now behind the figures of today; one's own list has the overdue first."""
    if whose.person is not None:
        return {"overdue": button("My tickets", Button.LIST, "mine:1:")}
    team = next(iter(whose.teams)) if whose.teams is not None and len(whose.teams) == 1 else ""
    return {view: button(f"Open {view}", Button.LIST, f"{view}:1:{team}") for view in ("overdue", "near")}


def _resolved(report: Report) -> Block:
    if not report.resolved:
        return section("*Resolved* 0")
    by = _most([f"{person(who)} {many}" for who, many in report.resolved_by], TOP)
    head = f"*Resolved* {len(report.resolved)} · {numbers(report.resolved)}"
    return section(f"{head}\nBy: {by}\n{_share(report.in_time)}")


def _share(share: Share) -> str:
    if not share.of:
        return "In time: nothing was promised for these"
    percent = f"{share.percent} %, " if share.percent is not None else ""
    return f"In time: {percent}{share.part} of {share.of}"


def _escalated(report: Report, policy: Policy) -> Block:
    if not report.escalations:
        return section("*Escalations* none decided")
    rows = [
        f"{line(policy.team(one.team).name, _SPOKEN)}: {one.accepted} accepted, {one.rejected} rejected"
        for one in report.escalations
    ]
    return section(f"*Escalations*\n{_lines(rows)}")


def _footing(report: Report, whose: Scope, day: Day) -> str:
    until = "until now" if day.is_today else "the whole day"
    whole = whose.teams is None or len(whose.teams) > 1
    zone = f"{clean(day.zone)} time" + (" (most teams' zone)" if whole and whose.person is None else "")
    return f"n = {report.n} tickets · {day.date} {until}, {zone} · what the words mean: `/report help`"


def numbers(found: Sequence[int]) -> str:
    """Which tickets: `/ticket 12` shows one."""
    return _most([f"#{number}" for number in found], NUMBERS)


def _most(parts: Sequence[str], limit: int) -> str:
    more = f" and {len(parts) - limit} more" if len(parts) > limit else ""
    return ", ".join(parts[:limit]) + more


def _lines(rows: Sequence[str]) -> str:
    more = [f"and {len(rows) - TOP} more"] if len(rows) > TOP else []
    return "\n".join([*rows[:TOP], *more])
