"""What became of escalations: to a lead for the team, to each person for themselves, in words that help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.charts import charts
from handlers.charts.charts import Chart, PersonAcceptance, TeamAcceptance, percent_text
from handlers.slack.blocks import (
    Block,
    Element,
    Message,
    button,
    context,
    escape,
    escape_line,
    form_modal,
    input_field,
    mention,
    section,
    text_input,
)
from handlers.slack.ids import Button, Form
from rules.escalations.escalations import (
    IMPROVEMENT_KIND_TEXTS,
    REJECTION_REASON_LABELS,
    ImprovementKind,
    RejectionReason,
)
from rules.escalations.outcomes import (
    MIN_ANSWERS,
    EscalationOutcomes,
    ExpertTeamOutcomes,
    PersonOutcomes,
    RecurringEscalation,
    TeamComparison,
    TeamOutcomes,
)
from rules.model.policy import Policy
from rules.people.permissions import Permission, is_allowed, roles_towards
from storage.schema.escalations import ImprovementItem

PEOPLE_SHOWN, ROWS_PER_SECTION, TYPES_SHOWN, ITEMS_SHOWN, LINES_SHOWN, TEAMS_SHOWN = (
    20,
    4,
    3,
    10,
    3,
    3,
)  # Slack takes fifty blocks of 3,000 characters
HELP_BY_REASON = {
    RejectionReason.INFORMATION_MISSING: "Before you escalate, add what the experts asked for last time: a "
    "log, since when, "
    "whom it hits.",
    RejectionReason.KNOWN_SOLUTION: "Look for the same words in earlier tickets first: somebody has solved it before.",
    RejectionReason.NOT_OURS: (
        "When you are not sure whose it is, ask in the team's thread before you choose the experts."
    ),
    RejectionReason.NOT_REPRODUCIBLE: "Write down the steps that show it, and try them once more before you escalate.",
    RejectionReason.OTHER: "Read the advice on the rejected ones once more, or ask the expert who wrote it.",
}
_COMPARISON_TEXTS = {
    TeamComparison.FEW: "few answers yet, so this says little",
    TeamComparison.AS_TEAM: "as the team",
    TeamComparison.BELOW: "below the team's share: a talk about the reasons may help",
    TeamComparison.ABOVE: "above the team's share",
}


@dataclass(frozen=True, slots=True)
class OutcomesView:
    """What a lead looks at: the teams, their gaps, and the span of days; `asked` is what was asked of expert teams."""

    teams: Sequence[TeamOutcomes]
    open_items: Sequence[ImprovementItem]
    closed_items: Sequence[ImprovementItem]
    names: Mapping[str, str]
    first: date
    last: date
    policy: Policy
    viewer: str = ""
    asked_of_experts: Sequence[ExpertTeamOutcomes] = ()

    @property
    def period(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def team_outcomes(view: OutcomesView) -> Message:
    """The whole answer; it begins with the team and ends with what is missing."""
    if not view.teams and not view.asked_of_experts:
        words = f"Nothing was escalated, {view.period}."
        return Message(words, [section(words), *_improvement_items(view)])
    content = [block for one in view.teams[:TEAMS_SHOWN] for block in _team_section(one, view)]
    if len(view.teams) > TEAMS_SHOWN:
        content.append(context(f"and {len(view.teams) - TEAMS_SHOWN} more teams: ask `/report escalations team NAME`."))
    content += [section(_expert_team_text(one, view)) for one in view.asked_of_experts[:TEAMS_SHOWN]]
    content += _improvement_items(view)
    content.append(context(_footnote(view)))
    said = [f"{_team_name(one.team, view)}: {outcome_counts(one.outcomes)}" for one in view.teams[:TEAMS_SHOWN]]
    said += [
        f"asked of {_team_name(one.expert_team, view)}: {outcome_counts(one.outcomes)}"
        for one in view.asked_of_experts[:TEAMS_SHOWN]
    ]
    return Message(f"Escalations, {view.period}. {'; '.join(said)}.", content)


def personal_outcomes(
    who: str, mine: EscalationOutcomes, types: Mapping[str, EscalationOutcomes], view: OutcomesView
) -> Message:
    """One's own: what became of it, and what would help next time."""
    head = f"*Your escalations* · {view.period}"
    if not mine.escalated:
        words = f"You escalated nothing, {view.period}."
        return Message(words, [section(words)])
    told = [section(f"{head}\n{outcome_counts(mine)}\n{_share_text(mine)}"), *_type_rows(types, view.policy)]
    told += [
        section(f"*What would help*\n{help_text(mine)}"),
        context("Only you read this. Your lead sees the team's."),
    ]
    return Message(f"Your escalations, {view.period}: {outcome_counts(mine)}. {help_text(mine)}", told)


def outcomes_home_line(mine: EscalationOutcomes) -> str:
    """The line on one's Home."""
    return f"Your escalations, last 90 days: {outcome_counts(mine)}. What would help: `/report escalations me`"


def acceptance_chart_of(of: TeamOutcomes, view: OutcomesView) -> Chart | None:
    """Everybody's share beside the team's; None where nothing was answered."""
    people = tuple(
        PersonAcceptance(view.names.get(one.person, one.person), one.outcomes.accepted, one.outcomes.answered)
        for one in of.people
        if one.outcomes.answered
    )
    if not people:
        return None
    name = view.policy.team(of.team).name
    return charts.acceptance_chart(
        TeamAcceptance(name, view.period, people[: charts.ROWS_DRAWN], of.outcomes.accepted, of.outcomes.answered)
    )


def close_item_form(team: str, type_: str, kind: ImprovementKind, policy: Policy) -> dict[str, Any]:
    """Asks what was done about it."""
    what = (
        f"{escape_line(policy.team(team).name, 60)}, {escape_line(policy.type(type_).name, 60)} · "
        f"{IMPROVEMENT_KIND_TEXTS[kind]}"
    )
    content = [
        context(what),
        input_field(
            "What was done", text_input("note", multiline=True), hint="It stays below the ledger with your name."
        ),
    ]
    return form_modal(
        Form.CLOSE_IMPROVEMENT_ITEM, "Close a gap", content, submit="Close it", metadata=f"{team}|{type_}|{kind}"
    )


def outcome_counts(told: EscalationOutcomes) -> str:
    """What became of them, in one line."""
    parts = [(told.accepted, "accepted"), (told.rejected, "rejected"), (told.redirected, "sent to other experts")]
    parts += [(told.withdrawn, "withdrawn"), (told.returned, "returned before"), (told.info_requested, "asked back")]
    return f"{told.escalated} escalated: " + ", ".join(
        f"{many} {word}" for many, word in parts if many or word == "accepted"
    )


def help_text(told: EscalationOutcomes) -> str:
    """What the most frequent reason asks for; a kind word where nothing was rejected."""
    if not told.reasons:
        return "Nothing came back: what you send is what the experts need."
    most = max(told.reasons, key=lambda reason: (told.reasons[reason], reason))
    return f"{told.reasons[most]} came back as “{REJECTION_REASON_LABELS[most]}”. {HELP_BY_REASON[most]}"


def _team_section(of: TeamOutcomes, view: OutcomesView) -> list[Block]:
    head = (
        f"*{_team_name(of.team, view)}* · "
        f"{outcome_counts(of.outcomes)}\n{_share_text(of.outcomes)}{_reasons_text(of.outcomes)}"
    )
    content = [section(head)]
    if of.is_low:
        content.append(section(_team_cause_text(of, view)))
    content += _type_rows(of.by_type, view.policy)
    rows = [_person_row(one, view.policy) for one in of.people[:PEOPLE_SHOWN]]
    more = [f"and {len(of.people) - PEOPLE_SHOWN} more"] if len(of.people) > PEOPLE_SHOWN else []
    said = ["*By name*", *rows, *more]
    content += [section("\n".join(said[at : at + ROWS_PER_SECTION])) for at in range(0, len(said), ROWS_PER_SECTION)]
    return content + [section(_known_solution_hint(one, view.policy)) for one in of.recurring[:LINES_SHOWN]]


def _expert_team_text(of: ExpertTeamOutcomes, view: OutcomesView) -> str:
    """What the experts were asked and by which teams: their lead reads how much of it was theirs."""
    askers = "\n".join(
        f"{_team_name(team, view)}: {_share_text(told)}"
        for team, told in list(of.by_asking_team.items())[: LINES_SHOWN * 2]
    )
    return (
        f"*Asked of {_team_name(of.expert_team, view)}* · "
        f"{outcome_counts(of.outcomes)}{_reasons_text(of.outcomes)}\n{askers}"
    )


def _team_cause_text(of: TeamOutcomes, view: OutcomesView) -> str:
    """The team comes first: what hits everybody is nobody's fault."""
    return (
        f"⚠️ Of all that {_team_name(of.team, view)} escalates, less than half is accepted, whoever asks. That "
        "is a cause of "
        "the team's, not of a person: look at the reasons and the gaps below before you talk with anybody."
    )


def _person_row(one: PersonOutcomes, policy: Policy) -> str:
    types = ", ".join(
        f"{escape_line(policy.type(key).name, 40)} {told.accepted} of {told.answered}"
        for key, told in list(one.by_type.items())[:TYPES_SHOWN]
        if told.answered
    )
    reasons = _reasons_text(one.outcomes).strip()
    parts = [outcome_counts(one.outcomes), _share_text(one.outcomes), _COMPARISON_TEXTS[one.comparison], types, reasons]
    return f"{mention(one.person)}  " + " · ".join(part for part in parts if part)


def _share_text(told: EscalationOutcomes) -> str:
    """The share with its range; of few answers only their number."""
    if told.accepted_share is None:
        return "No answer yet"
    if told.is_small:
        return f"Accepted {told.accepted} of {told.answered}: few answers"
    low, high = told.accepted_interval
    return (
        f"Accepted {percent_text(told.accepted_share)} of {told.answered} (surely {percent_text(low)} to "
        f"{percent_text(high)})"
    )


def _reasons_text(told: EscalationOutcomes) -> str:
    most = sorted(told.reasons.items(), key=lambda one: (-one[1], one[0]))
    return "\nRejected: " + ", ".join(f"{REJECTION_REASON_LABELS[code]} {many}" for code, many in most) if most else ""


def _type_rows(types: Mapping[str, EscalationOutcomes], policy: Policy) -> list[Block]:
    told = [
        f"{escape_line(policy.type(key).name, 60)}: {_share_text(one)}"
        for key, one in list(types.items())[: LINES_SHOWN * 2]
    ]
    return [context("\n".join(told))] if told else []


def _known_solution_hint(found: RecurringEscalation, policy: Policy) -> str:
    numbers = ", ".join(f"#{one}" for one in found.numbers[:8])
    return (
        f"💡 {escape_line(policy.type(found.type).name, 60)}: “{escape_line(found.titles[0], 100)}” was taken "
        "over by the experts "
        f"{len(found.numbers)} times in 30 days ({numbers}). A known solution would let first line settle it."
    )


def _improvement_items(view: OutcomesView) -> list[Block]:
    content = [
        section(_item_text(one, view), accessory=_close_button(one, view)) for one in view.open_items[:ITEMS_SHOWN]
    ]
    head = [section("*What is missing*")] if content else []
    closed = [
        f"✓ closed by {mention(one.closed_by)}: {_item_title(one, view)}. “{escape_line(one.note or '', 200)}”"
        for one in view.closed_items[:LINES_SHOWN]
    ]
    return [*head, *content, *([context("\n".join(closed))] if closed else [])]


def _item_text(gap: ImprovementItem, view: OutcomesView) -> str:
    numbers = ", ".join(f"#{one}" for one in gap.tickets)
    return f"{_item_title(gap, view)}\n{gap.count} so far, last {numbers}"


def _item_title(gap: ImprovementItem, view: OutcomesView) -> str:
    kind = escape_line(view.policy.type(gap.type).name, 60)
    return f"{_team_name(gap.team, view)}, {kind} · {escape(IMPROVEMENT_KIND_TEXTS[gap.kind])}"


def _close_button(gap: ImprovementItem, view: OutcomesView) -> Element | None:
    """Only for who may close it."""
    if not is_allowed(Permission.CLOSE_IMPROVEMENT_ITEM, roles_towards(view.policy, view.viewer, teams=[gap.team])):
        return None
    return button(
        "Close…",
        Button.CLOSE_IMPROVEMENT_ITEM,
        f"{gap.team}|{gap.type}|{gap.kind}",
        spoken=f"Close: {IMPROVEMENT_KIND_TEXTS[gap.kind]}",
    )


def _footnote(view: OutcomesView) -> str:
    return (
        f"{view.period} · n is what was accepted or rejected; the range is Wilson's, at 95 %. Below n = {MIN_ANSWERS} "
        "nothing is said of anybody. People stand by name."
    )


def _team_name(key: str, view: OutcomesView) -> str:
    return escape_line(view.policy.team(key).name, 60)
