"""Escalation outcomes: for a lead about the team, for each person about themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.charts import charts
from handlers.charts.charts import Chart, PersonAcceptance, TeamAcceptance, percent_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal
from handlers.slack.ids import Button, Form
from handlers.text.plain import render_plain
from handlers.text.slack import Markup, bold, escape_line, join, person_text, render
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
from rules.text import Code, Day, Person, Text, _, join_texts, join_tickets, ngettext
from storage.schema.escalations import ImprovementItem

# Slack takes fifty blocks of 3,000 characters.
PEOPLE_SHOWN, TYPES_SHOWN, ITEMS_SHOWN, CLOSED_ITEMS_SHOWN, RECURRING_SHOWN, TEAMS_SHOWN = 20, 3, 10, 3, 3, 3
ROWS_SHOWN, NUMBERS_SHOWN = 6, 8
HELP_BY_REASON = {
    RejectionReason.INFORMATION_MISSING: _(
        "Before you escalate, add what the experts asked for last time, such as a log, when it started and who is "
        "affected."
    ),
    RejectionReason.KNOWN_SOLUTION: _("Search earlier tickets first: it has been resolved before."),
    RejectionReason.NOT_OURS: _("When you are not sure which team is responsible, ask your team before you escalate."),
    RejectionReason.NOT_REPRODUCIBLE: _(
        "Write down the steps to reproduce it, and try them again before you escalate."
    ),
    RejectionReason.OTHER: _(
        "Read the experts' comments on the rejected escalations, or ask the expert who rejected them."
    ),
}
_COMPARISON_TEXTS = {
    TeamComparison.AS_TEAM: _("no clear difference from the team"),
    TeamComparison.BELOW: _("below the team's rate: talking about the reasons may help"),
    TeamComparison.ABOVE: _("above the team's rate"),
}
_REPORT_OF_TEAM, _OWN_REPORT = Code("/report escalations team NAME"), Code("/report escalations me")


@dataclass(frozen=True, slots=True)
class OutcomesView:
    """What a lead sees for a span of days; `asked_of_experts` holds the escalations to each expert team.

    `item_counts`: how many improvement items are open and how many are closed, shown or not.
    """

    teams: Sequence[TeamOutcomes]
    open_items: Sequence[ImprovementItem]
    closed_items: Sequence[ImprovementItem]
    names: Mapping[str, str]
    first: date
    last: date
    policy: Policy
    viewer: str = ""
    asked_of_experts: Sequence[ExpertTeamOutcomes] = ()
    item_counts: tuple[int, int] = (0, 0)

    @property
    def period(self) -> Text:
        return _("{first} to {last}", first=Day(self.first), last=Day(self.last))


def team_outcomes(view: OutcomesView) -> Message:
    if not view.teams and not view.asked_of_experts:
        nothing = render(_("No escalations, {period}.", period=view.period))
        return Message(nothing, [blocks.section(nothing), *_improvement_items(view)])
    asked = view.asked_of_experts[:TEAMS_SHOWN]
    content = [block for one in view.teams[:TEAMS_SHOWN] for block in _team_section(one, view)]
    content += [blocks.context(text) for text in _more_teams(len(view.teams))]
    content += [blocks.section(_expert_team_text(one, view)) for one in asked]
    content += [blocks.context(text) for text in _more_teams(len(view.asked_of_experts))]
    content += [*_improvement_items(view), blocks.context(_footnote(view))]
    return Message(_spoken_outcomes(view), content)


def personal_outcomes(
    outcomes: EscalationOutcomes, types: Mapping[str, EscalationOutcomes], view: OutcomesView
) -> Message:
    if not outcomes.escalated:
        nothing = render(_("You have not escalated anything, {period}.", period=view.period))
        return Message(nothing, [blocks.section(nothing)])
    counts, advice = outcome_counts(outcomes), help_text(outcomes)
    heading = join(" · ", [bold(_("Your escalations")), view.period])
    content = [
        blocks.section(join("\n", [heading, counts, _share_text(outcomes)])),
        *_type_rows(types, view.policy),
        blocks.section(join("\n", [bold(_("Advice")), advice])),
        blocks.context(_("Only you can see this message. Your team's leads see these figures in the team's report.")),
    ]
    spoken = _("Your escalations, {period}: {counts}. {advice}", period=view.period, counts=counts, advice=advice)
    return Message(render(spoken), content)


def outcomes_home_line(outcomes: EscalationOutcomes) -> Text:
    counts = outcome_counts(outcomes)
    return _("Your escalations, last 90 days: {counts}. Advice: {command}", counts=counts, command=_OWN_REPORT)


def acceptance_chart_of(of: TeamOutcomes, view: OutcomesView) -> Chart | None:
    people = tuple(
        PersonAcceptance(view.names.get(one.person, one.person), one.outcomes.accepted, one.outcomes.answered)
        for one in of.people
        if one.outcomes.answered
    )
    if not people:
        return None
    name, drawn, period = view.policy.team(of.team).name, people[: charts.ROWS_DRAWN], render_plain(view.period)
    return charts.acceptance_chart(TeamAcceptance(name, period, drawn, of.outcomes.accepted, of.outcomes.answered))


def close_item_form(team: str, type_: str, kind: ImprovementKind, policy: Policy) -> Modal:
    team_name, type_name = blocks.name_of(policy.team(team), 60), blocks.name_of(policy.type(type_), 60)
    what = join(" · ", [team_name, type_name, kind.label])
    note = blocks.text_field(_("What was done"), "note", hint=_("Shown below the recurring gaps, with your name."))
    about, content, title = f"{team}|{type_}|{kind}", [blocks.context(what), note], _("Mark gap as fixed")
    return blocks.form_modal(Form.CLOSE_IMPROVEMENT_ITEM, title, content, submit=_("Mark fixed"), metadata=about)


def outcome_counts(outcomes: EscalationOutcomes) -> Text:
    """Every escalation in one of the counts; those of more information count there too."""
    counts = [_("{count} accepted", count=outcomes.accepted)]
    counts += [text for many, text in _rarer_counts(outcomes) if many]
    listed = _("{count} escalated: {counts}", count=outcomes.escalated, counts=join_texts(counts, ", "))
    asked = outcomes.info_requested
    return _("{counts}; more information requested for {count}", counts=listed, count=asked) if asked else listed


def _rarer_counts(outcomes: EscalationOutcomes) -> list[tuple[int, Text]]:
    return [
        (outcomes.rejected, _("{count} rejected", count=outcomes.rejected)),
        (outcomes.redirected, _("{count} redirected to other experts", count=outcomes.redirected)),
        (outcomes.own_decisions, _("{count} decided by the person who escalated", count=outcomes.own_decisions)),
        (outcomes.withdrawn, _("{count} withdrawn", count=outcomes.withdrawn)),
        (outcomes.returned, _("{count} returned in peer review", count=outcomes.returned)),
        (outcomes.ended, _("{count} imported without a result", count=outcomes.ended)),
        (outcomes.undecided, _("{count} undecided", count=outcomes.undecided)),
    ]


def help_text(outcomes: EscalationOutcomes) -> Text:
    """Help against the most frequent rejection reason; praise where nothing was rejected."""
    if not outcomes.reasons:
        return _("None was rejected: your escalations have what the experts need.")
    most = max(outcomes.reasons, key=lambda reason: (outcomes.reasons[reason], reason))
    return ngettext(
        "{n} was rejected: {reason}. {advice}",
        "{n} were rejected: {reason}. {advice}",
        outcomes.reasons[most],
        reason=most.label,
        advice=HELP_BY_REASON[most],
    )


def _spoken_outcomes(view: OutcomesView) -> Markup:
    parts: list[Text] = []
    for of in view.teams[:TEAMS_SHOWN]:
        parts.append(_("{team}: {counts}", team=_team_name(of.team, view), counts=outcome_counts(of.outcomes)))
    parts += _more_teams(len(view.teams))
    for asked in view.asked_of_experts[:TEAMS_SHOWN]:
        team, counts = _team_name(asked.expert_team, view), outcome_counts(asked.outcomes)
        parts.append(_("escalated to {team}: {counts}", team=team, counts=counts))
    parts += _more_teams(len(view.asked_of_experts))
    return render(_("Escalations, {period}. {teams}.", period=view.period, teams=join_texts(parts, "; ")))


def _more_teams(count: int) -> list[Text]:
    """That there are more teams than those shown; empty where all are."""
    more = count - TEAMS_SHOWN
    if more <= 0:
        return []
    return [ngettext("and {n} more team: {command}", "and {n} more teams: {command}", more, command=_REPORT_OF_TEAM)]


def _team_section(of: TeamOutcomes, view: OutcomesView) -> list[Block]:
    heading = join(" · ", [bold(_team_name(of.team, view)), outcome_counts(of.outcomes)])
    content = [blocks.section(join("\n", [heading, _share_text(of.outcomes), *_reasons_texts(of.outcomes)]))]
    if of.is_low:
        content.append(blocks.section(_team_cause_text(of, view)))
    content += _type_rows(of.by_type, view.policy)
    people = [_person_row(one, view.policy) for one in of.people[:PEOPLE_SHOWN]]
    more = len(of.people) - PEOPLE_SHOWN
    rest = [render(ngettext("and {n} more person", "and {n} more people", more))] if more > 0 else []
    content += blocks.sections([bold(_("By person")), *people, *rest])
    return content + _known_solution_hints(of.recurring, view.policy)


def _expert_team_text(of: ExpertTeamOutcomes, view: OutcomesView) -> Markup:
    heading = bold(_("Escalated to {team}", team=_team_name(of.expert_team, view)))
    counts = join(" · ", [heading, outcome_counts(of.outcomes)])
    rows = [_share_row(_team_name(team, view), outcomes) for team, outcomes in of.by_asking_team.items()]
    more = len(rows) - ROWS_SHOWN
    rest = [ngettext("and {n} more team", "and {n} more teams", more)] if more > 0 else []
    return join("\n", [counts, *_reasons_texts(of.outcomes), *rows[:ROWS_SHOWN], *rest])


def _team_cause_text(of: TeamOutcomes, view: OutcomesView) -> Text:
    """The team comes first: what happens to everyone is no single person's fault."""
    return _(
        "⚠️ Fewer than half of {team}'s escalations are accepted, no matter who escalates. The cause is in the team, "
        "not in one person: look at the reasons and the recurring gaps below before you talk to anyone.",
        team=_team_name(of.team, view),
    )


def _person_row(one: PersonOutcomes, policy: Policy) -> Markup:
    types = [
        render(
            _(
                "{type} {accepted} of {count}",
                type=blocks.name_of(policy.type(key), 40),
                accepted=outcomes.accepted,
                count=outcomes.answered,
            )
        )
        for key, outcomes in one.by_type.items()
        if outcomes.answered
    ]
    comparison = _COMPARISON_TEXTS.get(one.comparison)
    parts: list[Text | Markup] = [person_text(one.person), outcome_counts(one.outcomes), _share_text(one.outcomes)]
    parts += [comparison] if comparison and one.outcomes.answered else []
    return join(" · ", [*parts, blocks.join_limited(types, TYPES_SHOWN), *_reasons_texts(one.outcomes)])


def _share_text(outcomes: EscalationOutcomes) -> Text:
    if outcomes.accepted_share is None:
        return _("No answers yet")
    if outcomes.is_small:
        return _("{accepted} of {count} accepted (small sample)", accepted=outcomes.accepted, count=outcomes.answered)
    share, low, high = map(percent_text, (outcomes.accepted_share, *outcomes.accepted_interval))
    return _(
        "{share} of {count} accepted (95 % confidence: {low} to {high})",
        share=share,
        count=outcomes.answered,
        low=low,
        high=high,
    )


def _reasons_texts(outcomes: EscalationOutcomes) -> list[Text]:
    """Why escalations were rejected, the most frequent reason first; empty where none was."""
    most = sorted(outcomes.reasons.items(), key=lambda one: (-one[1], one[0]))
    reasons = [_("{reason} ({count})", reason=reason.label, count=many) for reason, many in most]
    return [_("Rejected: {reasons}", reasons=join_texts(reasons, ", "))] if reasons else []


def _type_rows(types: Mapping[str, EscalationOutcomes], policy: Policy) -> list[Block]:
    rows = [_share_row(blocks.name_of(policy.type(key), 60), one) for key, one in types.items()]
    more = len(rows) - ROWS_SHOWN
    rest = [ngettext("and {n} more type", "and {n} more types", more)] if more > 0 else []
    return [blocks.context(join("\n", [*rows[:ROWS_SHOWN], *rest]))] if rows else []


def _share_row(name: Markup, outcomes: EscalationOutcomes) -> Text:
    return _("{name}: {share}", name=name, share=_share_text(outcomes))


def _known_solution_hints(recurring: Sequence[RecurringEscalation], policy: Policy) -> list[Block]:
    hints = [render(_known_solution_hint(one, policy)) for one in recurring[:RECURRING_SHOWN]]
    more = len(recurring) - RECURRING_SHOWN
    rest = [render(ngettext("and {n} more like this", "and {n} more like these", more))] if more > 0 else []
    return blocks.sections([*hints, *rest])


def _known_solution_hint(recurring: RecurringEscalation, policy: Policy) -> Text:
    return ngettext(
        "💡 {type}: experts accepted “{title}” {n} time in 30 days ({tickets}). With the solution written down, first "
        "line could resolve it.",
        "💡 {type}: experts accepted “{title}” {n} times in 30 days ({tickets}). With the solution written down, first "
        "line could resolve it.",
        len(recurring.numbers),
        type=blocks.name_of(policy.type(recurring.type), 60),
        title=escape_line(recurring.titles[0], 100),
        tickets=join_tickets(recurring.numbers, NUMBERS_SHOWN),
    )


def _improvement_items(view: OutcomesView) -> list[Block]:
    content = [blocks.section(_item_text(one, view), accessory=_close_button(one, view)) for one in view.open_items]
    head = [blocks.section(bold(_("Recurring gaps")))] if content else []
    open_more, closed_more = (
        count - len(shown) for count, shown in zip(view.item_counts, (view.open_items, view.closed_items), strict=True)
    )
    rest = [blocks.context(ngettext("and {n} more gap", "and {n} more gaps", open_more))] if open_more > 0 else []
    closed = [_closed_item_text(one, view) for one in view.closed_items]
    closed += [ngettext("and {n} more fixed", "and {n} more fixed", closed_more)] if closed_more > 0 else []
    return [*head, *content, *rest, *([blocks.context(join("\n", closed))] if closed else [])]


def _item_text(item: ImprovementItem, view: OutcomesView) -> Markup:
    recent = join_tickets(item.tickets[::-1])
    return join(
        "\n",
        [_item_title(item, view), _("{count} so far, most recent {tickets}", count=item.count, tickets=recent)],
    )


def _closed_item_text(item: ImprovementItem, view: OutcomesView) -> Text:
    return _(
        "✓ marked fixed by {person}: {gap}. “{note}”",
        person=Person(item.closed_by or ""),
        gap=_item_title(item, view),
        note=escape_line(item.note or "", 200),
    )


def _item_title(item: ImprovementItem, view: OutcomesView) -> Markup:
    team, type_ = _team_name(item.team, view), blocks.name_of(view.policy.type(item.type), 60)
    return join(" · ", [team, type_, item.kind.label])


def _close_button(item: ImprovementItem, view: OutcomesView) -> Element | None:
    if not is_allowed(Permission.CLOSE_IMPROVEMENT_ITEM, roles_towards(view.policy, view.viewer, teams=[item.team])):
        return None
    about, spoken = f"{item.team}|{item.type}|{item.kind}", _("Mark fixed: {gap}", gap=item.kind.label)
    return blocks.button(_("Mark fixed…"), Button.CLOSE_IMPROVEMENT_ITEM, about, spoken=spoken)


def _footnote(view: OutcomesView) -> Markup:
    note = _(
        "Rates are of the accepted and rejected; ranges are 95 % confidence intervals. People are listed by name, and "
        "those with fewer than {count} answers aren't compared.",
        count=MIN_ANSWERS,
    )
    return join(" · ", [view.period, note])


def _team_name(key: str, view: OutcomesView) -> Markup:
    return blocks.name_of(view.policy.team(key), 60)
