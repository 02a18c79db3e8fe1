"""Escalation outcomes: for a lead about the team, for each person about themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.charts import charts
from handlers.charts.charts import Chart, PersonAcceptance, TeamAcceptance, percent_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.slack import escape_line, mention, render
from rules.escalations.escalations import ImprovementKind, RejectionReason
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

# Slack takes fifty blocks of 3,000 characters.
PEOPLE_SHOWN, ROWS_PER_SECTION, TYPES_SHOWN, ITEMS_SHOWN, LINES_SHOWN, TEAMS_SHOWN = 20, 4, 3, 10, 3, 3
HELP_BY_REASON = {
    RejectionReason.INFORMATION_MISSING: (
        "Before you escalate, add what the experts asked for last time: a log, since when, whom it hits."
    ),
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
    """What a lead sees for a span of days; `asked_of_experts` holds the escalations to each expert team."""

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
    if not view.teams and not view.asked_of_experts:
        words = f"Nothing was escalated, {view.period}."
        return Message(words, [blocks.section(words), *_improvement_items(view)])
    content = [block for one in view.teams[:TEAMS_SHOWN] for block in _team_section(one, view)]
    if len(view.teams) > TEAMS_SHOWN:
        more = len(view.teams) - TEAMS_SHOWN
        content.append(blocks.context(f"and {more} more teams: ask `/report escalations team NAME`."))
    content += [blocks.section(_expert_team_text(one, view)) for one in view.asked_of_experts[:TEAMS_SHOWN]]
    content += _improvement_items(view)
    content.append(blocks.context(_footnote(view)))
    spoken = [f"{_team_name(one.team, view)}: {outcome_counts(one.outcomes)}" for one in view.teams[:TEAMS_SHOWN]]
    asked = view.asked_of_experts[:TEAMS_SHOWN]
    spoken += [f"asked of {_team_name(one.expert_team, view)}: {outcome_counts(one.outcomes)}" for one in asked]
    return Message(f"Escalations, {view.period}. {'; '.join(spoken)}.", content)


def personal_outcomes(
    who: str, outcomes: EscalationOutcomes, types: Mapping[str, EscalationOutcomes], view: OutcomesView
) -> Message:
    if not outcomes.escalated:
        words = f"You escalated nothing, {view.period}."
        return Message(words, [blocks.section(words)])
    counts = outcome_counts(outcomes)
    content = [
        blocks.section(f"*Your escalations* · {view.period}\n{counts}\n{_share_text(outcomes)}"),
        *_type_rows(types, view.policy),
        blocks.section(f"*What would help*\n{help_text(outcomes)}"),
        blocks.context("Only you read this. Your lead sees the team's."),
    ]
    return Message(f"Your escalations, {view.period}: {counts}. {help_text(outcomes)}", content)


def outcomes_home_line(outcomes: EscalationOutcomes) -> str:
    return f"Your escalations, last 90 days: {outcome_counts(outcomes)}. What would help: `/report escalations me`"


def acceptance_chart_of(of: TeamOutcomes, view: OutcomesView) -> Chart | None:
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


def close_item_form(team: str, type_: str, kind: ImprovementKind, policy: Policy) -> Modal:
    team_name, type_name = (blocks.name_of(policy.team(team), 60), blocks.name_of(policy.type(type_), 60))
    what = f"{team_name}, {type_name} · {kind.label}"
    note = blocks.text_field("What was done", "note", hint="It stays below the ledger with your name.")
    about, content = f"{team}|{type_}|{kind}", [blocks.context(what), note]
    return blocks.form_modal(Form.CLOSE_IMPROVEMENT_ITEM, "Close a gap", content, submit="Close it", metadata=about)


def outcome_counts(outcomes: EscalationOutcomes) -> str:
    parts = [
        (outcomes.accepted, "accepted"),
        (outcomes.rejected, "rejected"),
        (outcomes.redirected, "sent to other experts"),
        (outcomes.own_decisions, "decided by who asked"),
        (outcomes.withdrawn, "withdrawn"),
        (outcomes.returned, "returned before"),
        (outcomes.ended, "ended in an imported log"),
        (outcomes.info_requested, "asked back"),
    ]
    counts = ", ".join(f"{many} {word}" for many, word in parts if many or word == "accepted")
    return f"{outcomes.escalated} escalated: {counts}"


def help_text(outcomes: EscalationOutcomes) -> str:
    """Help against the most frequent rejection reason; praise where nothing was rejected."""
    if not outcomes.reasons:
        return "Nothing came back: what you send is what the experts need."
    most = max(outcomes.reasons, key=lambda reason: (outcomes.reasons[reason], reason))
    return f"{outcomes.reasons[most]} came back as “{most.label}”. {HELP_BY_REASON[most]}"


def _team_section(of: TeamOutcomes, view: OutcomesView) -> list[Block]:
    counts = f"{outcome_counts(of.outcomes)}\n{_share_text(of.outcomes)}{_reasons_text(of.outcomes)}"
    head = f"*{_team_name(of.team, view)}* · {counts}"
    content = [blocks.section(head)]
    if of.is_low:
        content.append(blocks.section(_team_cause_text(of, view)))
    content += _type_rows(of.by_type, view.policy)
    rows = [_person_row(one, view.policy) for one in of.people[:PEOPLE_SHOWN]]
    more = [f"and {len(of.people) - PEOPLE_SHOWN} more"] if len(of.people) > PEOPLE_SHOWN else []
    lines = ["*By name*", *rows, *more]
    places = range(0, len(lines), ROWS_PER_SECTION)
    content += [blocks.section("\n".join(lines[at : at + ROWS_PER_SECTION])) for at in places]
    return content + [blocks.section(_known_solution_hint(one, view.policy)) for one in of.recurring[:LINES_SHOWN]]


def _expert_team_text(of: ExpertTeamOutcomes, view: OutcomesView) -> str:
    asking = list(of.by_asking_team.items())[: LINES_SHOWN * 2]
    askers = "\n".join(f"{_team_name(team, view)}: {_share_text(outcomes)}" for team, outcomes in asking)
    counts = f"{outcome_counts(of.outcomes)}{_reasons_text(of.outcomes)}\n{askers}"
    return f"*Asked of {_team_name(of.expert_team, view)}* · {counts}"


def _team_cause_text(of: TeamOutcomes, view: OutcomesView) -> str:
    """The team comes first: what happens to everyone is no single person's fault."""
    return (
        f"⚠️ Of all that {_team_name(of.team, view)} escalates, less than half is accepted, whoever asks. "
        "That is a cause of the team's, not of a person: look at the reasons and the gaps below before you "
        "talk with anybody."
    )


def _person_row(one: PersonOutcomes, policy: Policy) -> str:
    types = ", ".join(
        f"{blocks.name_of(policy.type(key), 40)} {outcomes.accepted} of {outcomes.answered}"
        for key, outcomes in list(one.by_type.items())[:TYPES_SHOWN]
        if outcomes.answered
    )
    reasons = _reasons_text(one.outcomes).strip()
    parts = [outcome_counts(one.outcomes), _share_text(one.outcomes), _COMPARISON_TEXTS[one.comparison], types, reasons]
    return f"{mention(one.person)}  " + " · ".join(part for part in parts if part)


def _share_text(outcomes: EscalationOutcomes) -> str:
    if outcomes.accepted_share is None:
        return "No answer yet"
    if outcomes.is_small:
        return f"Accepted {outcomes.accepted} of {outcomes.answered}: few answers"
    share, low, high = map(percent_text, (outcomes.accepted_share, *outcomes.accepted_interval))
    return f"Accepted {share} of {outcomes.answered} (surely {low} to {high})"


def _reasons_text(outcomes: EscalationOutcomes) -> str:
    most = sorted(outcomes.reasons.items(), key=lambda one: (-one[1], one[0]))
    return "\nRejected: " + ", ".join(f"{code.label} {many}" for code, many in most) if most else ""


def _type_rows(types: Mapping[str, EscalationOutcomes], policy: Policy) -> list[Block]:
    shown = list(types.items())[: LINES_SHOWN * 2]
    lines = [f"{blocks.name_of(policy.type(key), 60)}: {_share_text(one)}" for key, one in shown]
    return [blocks.context("\n".join(lines))] if lines else []


def _known_solution_hint(recurring: RecurringEscalation, policy: Policy) -> str:
    numbers = ", ".join(f"#{one}" for one in recurring.numbers[:8])
    kind, title = blocks.name_of(policy.type(recurring.type), 60), escape_line(recurring.titles[0], 100)
    return (
        f"💡 {kind}: “{title}” was taken over by the experts "
        f"{len(recurring.numbers)} times in 30 days ({numbers}). A known solution would let first line settle it."
    )


def _improvement_items(view: OutcomesView) -> list[Block]:
    shown = view.open_items[:ITEMS_SHOWN]
    content = [blocks.section(_item_text(one, view), accessory=_close_button(one, view)) for one in shown]
    head = [blocks.section("*What is missing*")] if content else []
    closed = [
        f"✓ closed by {mention(one.closed_by)}: {_item_title(one, view)}. “{escape_line(one.note or '', 200)}”"
        for one in view.closed_items[:LINES_SHOWN]
    ]
    return [*head, *content, *([blocks.context("\n".join(closed))] if closed else [])]


def _item_text(item: ImprovementItem, view: OutcomesView) -> str:
    numbers = ", ".join(f"#{one}" for one in item.tickets)
    return f"{_item_title(item, view)}\n{item.count} so far, last {numbers}"


def _item_title(item: ImprovementItem, view: OutcomesView) -> str:
    kind = blocks.name_of(view.policy.type(item.type), 60)
    return f"{_team_name(item.team, view)}, {kind} · {render(item.kind.label)}"


def _close_button(item: ImprovementItem, view: OutcomesView) -> Element | None:
    if not is_allowed(Permission.CLOSE_IMPROVEMENT_ITEM, roles_towards(view.policy, view.viewer, teams=[item.team])):
        return None
    about = f"{item.team}|{item.type}|{item.kind}"
    return blocks.button("Close…", Button.CLOSE_IMPROVEMENT_ITEM, about, spoken=f"Close: {item.kind.label}")


def _footnote(view: OutcomesView) -> str:
    return (
        f"{view.period} · n is what was accepted or rejected; the range is Wilson's, at 95 %. Below n = {MIN_ANSWERS} "
        "nothing is said of anybody. People stand by name."
    )


def _team_name(key: str, view: OutcomesView) -> str:
    return blocks.name_of(view.policy.team(key), 60)
