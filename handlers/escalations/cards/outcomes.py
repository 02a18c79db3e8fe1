"""What became of escalations: to a lead for the team, to each person for themselves, in words that help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.charts import charts
from handlers.charts.charts import Accepted, Picture, Shares, percent
from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    button,
    context,
    esc,
    field,
    form,
    line,
    person,
    section,
    text_input,
)
from handlers.slack.ids import Button, Form
from rules.escalations.escalations import ADVICE_WORDS, GAP_WORDS, Advice, GapKind
from rules.escalations.outcomes import ENOUGH, OfExperts, OfTeam, Person, Recurring, Stands, Tally
from rules.model.policy import Policy
from rules.people.permissions import Deed, allowed, roles
from storage.schema.escalations import Gap

PEOPLE, TOGETHER, TYPES, GAPS, LINES, TEAMS = 20, 4, 3, 10, 3, 3  # Slack takes fifty blocks of 3,000 characters
HELPS = {
    Advice.INFORMATION_MISSING: "Before you escalate, add what the experts asked for last time: a log, since when, "
    "whom it hits.",
    Advice.KNOWN_SOLUTION: "Look for the same words in earlier tickets first: somebody has solved it before.",
    Advice.NOT_OURS: "When you are not sure whose it is, ask in the team's thread before you choose the experts.",
    Advice.NOT_REPRODUCIBLE: "Write down the steps that show it, and try them once more before you escalate.",
    Advice.OTHER: "Read the advice on the rejected ones once more, or ask the expert who wrote it.",
}
_STANDS = {
    Stands.FEW: "few answers yet, so this says little",
    Stands.AS_TEAM: "as the team",
    Stands.BELOW: "below the team's share: a talk about the reasons may help",
    Stands.ABOVE: "above the team's share",
}


@dataclass(frozen=True, slots=True)
class View:
    """What a lead looks at: the teams, their gaps, and the span of days; `asked` is what was asked of expert teams."""

    teams: Sequence[OfTeam]
    open_gaps: Sequence[Gap]
    closed_gaps: Sequence[Gap]
    names: Mapping[str, str]
    first: date
    last: date
    policy: Policy
    reader: str = ""
    asked: Sequence[OfExperts] = ()

    @property
    def period(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def of_teams(view: View) -> Message:
    """The whole answer; it begins with the team and ends with what is missing."""
    if not view.teams and not view.asked:
        words = f"Nothing was escalated, {view.period}."
        return Message(words, [section(words), *_gaps(view)])
    content = [block for one in view.teams[:TEAMS] for block in _team(one, view)]
    if len(view.teams) > TEAMS:
        content.append(context(f"and {len(view.teams) - TEAMS} more teams: ask `/report escalations team NAME`."))
    content += [section(_asked_of(one, view)) for one in view.asked[:TEAMS]]
    content += _gaps(view)
    content.append(context(_small(view)))
    said = [f"{_name(one.team, view)}: {sums(one.tally)}" for one in view.teams[:TEAMS]]
    said += [f"asked of {_name(one.experts, view)}: {sums(one.tally)}" for one in view.asked[:TEAMS]]
    return Message(f"Escalations, {view.period}. {'; '.join(said)}.", content)


def of_person(who: str, mine: Tally, types: Mapping[str, Tally], view: View) -> Message:
    """One's own: what became of it, and what would help next time."""
    head = f"*Your escalations* · {view.period}"
    if not mine.escalated:
        words = f"You escalated nothing, {view.period}."
        return Message(words, [section(words)])
    told = [section(f"{head}\n{sums(mine)}\n{_share(mine)}"), *_types(types, view.policy)]
    told += [section(f"*What would help*\n{help_for(mine)}"), context("Only you read this. Your lead sees the team's.")]
    return Message(f"Your escalations, {view.period}: {sums(mine)}. {help_for(mine)}", told)


def home_line(mine: Tally) -> str:
    """The line on one's Home."""
    return f"Your escalations, last 90 days: {sums(mine)}. What would help: `/report escalations me`"


def picture(of: OfTeam, view: View) -> Picture | None:
    """Everybody's share beside the team's; None where nothing was answered."""
    people = tuple(
        Accepted(view.names.get(one.who, one.who), one.tally.accepted, one.tally.n) for one in of.people if one.tally.n
    )
    if not people:
        return None
    name = view.policy.team(of.team).name
    return charts.ledger(Shares(name, view.period, people[: charts.ROWS], of.tally.accepted, of.tally.n))


def close_form(team: str, type_: str, kind: GapKind, policy: Policy) -> dict[str, Any]:
    """Asks what was done about it."""
    what = f"{line(policy.team(team).name, 60)}, {line(policy.type(type_).name, 60)} · {GAP_WORDS[kind]}"
    content = [
        context(what),
        field("What was done", text_input("note", multiline=True), hint="It stays below the ledger with your name."),
    ]
    return form(Form.CLOSE_GAP, "Close a gap", content, submit="Close it", about=f"{team}|{type_}|{kind}")


def sums(told: Tally) -> str:
    """What became of them, in one line."""
    parts = [(told.accepted, "accepted"), (told.rejected, "rejected"), (told.redirected, "sent to other experts")]
    parts += [(told.withdrawn, "withdrawn"), (told.returned, "returned before"), (told.asked_back, "asked back")]
    return f"{told.escalated} escalated: " + ", ".join(
        f"{many} {word}" for many, word in parts if many or word == "accepted"
    )


def help_for(told: Tally) -> str:
    """What the most frequent reason asks for; a kind word where nothing was rejected."""
    if not told.reasons:
        return "Nothing came back: what you send is what the experts need."
    most = max(told.reasons, key=lambda reason: (told.reasons[reason], reason))
    return f"{told.reasons[most]} came back as “{ADVICE_WORDS[most]}”. {HELPS[most]}"


def _team(of: OfTeam, view: View) -> list[Block]:
    head = f"*{_name(of.team, view)}* · {sums(of.tally)}\n{_share(of.tally)}{_reasons(of.tally)}"
    content = [section(head)]
    if of.is_low:
        content.append(section(_cause(of, view)))
    content += _types(of.types, view.policy)
    rows = [_row(one, view.policy) for one in of.people[:PEOPLE]]
    more = [f"and {len(of.people) - PEOPLE} more"] if len(of.people) > PEOPLE else []
    said = ["*By name*", *rows, *more]
    content += [section("\n".join(said[at : at + TOGETHER])) for at in range(0, len(said), TOGETHER)]
    return content + [section(_worth_writing(one, view.policy)) for one in of.recurring[:LINES]]


def _asked_of(of: OfExperts, view: View) -> str:
    """What the experts were asked and by which teams: their lead reads how much of it was theirs."""
    askers = "\n".join(f"{_name(team, view)}: {_share(told)}" for team, told in list(of.askers.items())[: LINES * 2])
    return f"*Asked of {_name(of.experts, view)}* · {sums(of.tally)}{_reasons(of.tally)}\n{askers}"


def _cause(of: OfTeam, view: View) -> str:
    """The team comes first: what hits everybody is nobody's fault."""
    return (
        f"⚠️ Of all that {_name(of.team, view)} escalates, less than half is accepted, whoever asks. That is a cause of "
        "the team's, not of a person: look at the reasons and the gaps below before you talk with anybody."
    )


def _row(one: Person, policy: Policy) -> str:
    types = ", ".join(
        f"{line(policy.type(key).name, 40)} {told.accepted} of {told.n}"
        for key, told in list(one.types.items())[:TYPES]
        if told.n
    )
    reasons = _reasons(one.tally).strip()
    parts = [sums(one.tally), _share(one.tally), _STANDS[one.stands], types, reasons]
    return f"{person(one.who)}  " + " · ".join(part for part in parts if part)


def _share(told: Tally) -> str:
    """The share with its range; of few answers only their number."""
    if told.share is None:
        return "No answer yet"
    if told.is_small:
        return f"Accepted {told.accepted} of {told.n}: few answers"
    low, high = told.interval
    return f"Accepted {percent(told.share)} of {told.n} (surely {percent(low)} to {percent(high)})"


def _reasons(told: Tally) -> str:
    most = sorted(told.reasons.items(), key=lambda one: (-one[1], one[0]))
    return "\nRejected: " + ", ".join(f"{ADVICE_WORDS[code]} {many}" for code, many in most) if most else ""


def _types(types: Mapping[str, Tally], policy: Policy) -> list[Block]:
    told = [f"{line(policy.type(key).name, 60)}: {_share(one)}" for key, one in list(types.items())[: LINES * 2]]
    return [context("\n".join(told))] if told else []


def _worth_writing(found: Recurring, policy: Policy) -> str:
    numbers = ", ".join(f"#{one}" for one in found.numbers[:8])
    return (
        f"💡 {line(policy.type(found.type).name, 60)}: “{line(found.titles[0], 100)}” was taken over by the experts "
        f"{len(found.numbers)} times in 30 days ({numbers}). A known solution would let first line settle it."
    )


def _gaps(view: View) -> list[Block]:
    content = [section(_gap(one, view), accessory=_close(one, view)) for one in view.open_gaps[:GAPS]]
    head = [section("*What is missing*")] if content else []
    closed = [
        f"✓ closed by {person(one.closed_by)}: {_title(one, view)}. “{line(one.note or '', 200)}”"
        for one in view.closed_gaps[:LINES]
    ]
    return [*head, *content, *([context("\n".join(closed))] if closed else [])]


def _gap(gap: Gap, view: View) -> str:
    numbers = ", ".join(f"#{one}" for one in gap.tickets)
    return f"{_title(gap, view)}\n{gap.count} so far, last {numbers}"


def _title(gap: Gap, view: View) -> str:
    kind = line(view.policy.type(gap.type).name, 60)
    return f"{_name(gap.team, view)}, {kind} · {esc(GAP_WORDS[gap.kind])}"


def _close(gap: Gap, view: View) -> Element | None:
    """Only for who may close it."""
    if not allowed(Deed.CLOSE_GAP, roles(view.policy, view.reader, teams=[gap.team])):
        return None
    return button("Close…", Button.CLOSE_GAP, f"{gap.team}|{gap.type}|{gap.kind}", says=f"Close: {GAP_WORDS[gap.kind]}")


def _small(view: View) -> str:
    return (
        f"{view.period} · n is what was accepted or rejected; the range is Wilson's, at 95 %. Below n = {ENOUGH} "
        "nothing is said of anybody. People stand by name."
    )


def _name(key: str, view: View) -> str:
    return line(view.policy.team(key).name, 60)
