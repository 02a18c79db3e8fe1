"""Which tickets will be late: in text and as a chart, with the what-if actions that help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from handlers.charts import charts
from handlers.charts.charts import Chart, ChartedMessage, percent_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal, actions
from handlers.slack.blocks import input_field as input_
from handlers.slack.ids import Button, Form
from handlers.text.slack import Markup, bold, escape_line, join, render
from handlers.tickets.cards.ticket import open_button
from rules.calendars.timezones import time_zone
from rules.forecasts.forecasts import DEFAULT_RUNS, Forecast, PersonForecast, TicketForecast, chance_band
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.policy import Policy
from rules.text import (
    Code,
    Moment,
    Person,
    Text,
    TicketNumber,
    WorkTime,
    _,
    join_texts,
    join_tickets,
    ngettext,
)
from storage.forecasts import applied_text
from storage.schema.forecasts import AppliedAction
from storage.schema.tickets import Ticket

TICKETS_SHOWN, PEOPLE_SHOWN, TEAMS_SHOWN = 8, 10, 20
MANY_BREACHES = 10  # from here on tenths are not shown
FORECAST_RUNNING_TEXT = _("The forecast is running: the answer comes in a moment.")
BAR_LENGTH = 10
LISTED_BELOW_CHANCE = 0.95  # tickets from this chance on are not listed


@dataclass(frozen=True, slots=True)
class ForecastView:
    """A team's forecast as one person sees it; `actions` is empty for people who may only look."""

    team: str
    policy: Policy
    as_of: datetime
    forecast: Forecast | None
    actions: tuple[WhatIfAction, ...] = ()
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    applied: tuple[AppliedAction, ...] = ()

    @property
    def team_name(self) -> str:
        return self.policy.team(self.team).name


def least_likely_tickets(forecast: Forecast, many: int = TICKETS_SHOWN) -> list[TicketForecast]:
    """Only tickets with a due time and a chance below LISTED_BELOW_CHANCE."""
    unlikely = [one for one in forecast.chances if one.made is not None and one.made < LISTED_BELOW_CHANCE]
    return sorted(unlikely, key=lambda one: (one.made or 0.0, one.number))[:many]


def risk_card(view: ForecastView) -> Message:
    again = _again_button(view)
    if view.forecast is None:
        text = _("{team}: no forecast yet.", team=view.team_name)
        return Message(render(text), [blocks.section(text), actions(again)])
    return Message(_spoken_summary(view), _forecast_blocks(view, _ticket_rows(view), again))


def charted_risk_card(view: ForecastView) -> ChartedMessage:
    """Below the chart, which draws the tickets, a menu opens them. The view must have a forecast."""
    assert view.forecast is not None
    shown = least_likely_tickets(view.forecast)
    options = [(f"#{one.number} {_plain_title(view, one.number)}", str(one.number)) for one in shown]
    menu = [blocks.select(Button.OPEN, options, placeholder=_("Open a ticket"))] if options else []
    return ChartedMessage(risk_card(view), _forecast_blocks(view, [], *menu, _again_button(view)), forecast_chart(view))


def _forecast_blocks(view: ForecastView, tickets: Sequence[Block], *ways: Element) -> list[Block]:
    rows = [*tickets, *_workload_rows(view), *_action_rows(view), *_applied_rows(view)]
    return [blocks.section(_team_summary(view)), *rows, blocks.context(_footnote(view)), actions(*ways)]


def _again_button(view: ForecastView) -> Element:
    spoken = _("Refresh the forecast of {team}", team=view.team_name)
    return blocks.button(_("Refresh"), Button.RERUN_FORECAST, view.team, spoken=spoken)


def risk_overview(views: Sequence[ForecastView]) -> Message:
    """The teams with the most expected breaches first; those beyond TEAMS_SHOWN are counted."""
    ordered = sorted(views, key=lambda view: -(view.forecast.breaches if view.forecast else 0.0))
    rows = [blocks.section(_team_summary(view), accessory=_show_button(view)) for view in ordered[:TEAMS_SHOWN]]
    if left := len(ordered) - len(rows):
        rows.append(blocks.context(_more_teams_text(left)))
    known = [view for view in ordered[:TEAMS_SHOWN] if view.forecast]
    return Message(join(" ", map(_spoken_summary, known)) or render(_("No team has a forecast yet.")), rows)


def _show_button(view: ForecastView) -> Element:
    spoken = _("Show the forecast of {team}", team=view.team_name)
    return blocks.button(_("Show"), Button.RERUN_FORECAST, view.team, spoken=spoken)


def _more_teams_text(count: int) -> Text:
    return ngettext(
        "{n} more team with fewer expected breaches. Type {command} to see it.",
        "{n} more teams with fewer expected breaches. Type {command} to see one.",
        count,
        command=Code("/desk risk TEAM"),
    )


def _team_summary(view: ForecastView) -> Markup:
    summary = forecast_summary(view.forecast) if view.forecast else _("No forecast yet.")
    return join("\n", [bold(escape_line(view.team_name)), summary])


def _spoken_summary(view: ForecastView) -> Markup:
    assert view.forecast is not None
    return render(_("{team}: {summary}", team=view.team_name, summary=forecast_summary(view.forecast)))


def forecast_summary(forecast: Forecast) -> Text:
    if not forecast.chances:
        return _("No open tickets.")
    open_count = sum(one.due_at is not None for one in forecast.chances)
    parts = [ngettext("{n} open ticket with an SLA", "{n} open tickets with an SLA", open_count)]
    parts += [_("{count} already breached", count=forecast.late)] if forecast.late else []
    sentences = [join_texts([*parts, _breaches_text(forecast)], " · "), _clearing_sentence(forecast)]
    return join_texts([*sentences, *([_without_worker_text(forecast)] if forecast.without_worker else [])], "\n")


def _breaches_text(forecast: Forecast) -> Text:
    if forecast.breaches < 0.05:  # noqa: PLR2004 - what reads as 0.0
        return _("no breaches expected") if forecast.high == 0 else _("hardly any breaches expected")
    if forecast.low == forecast.high:
        return _("about {count} expected to breach", count=forecast.low)
    about = f"{forecast.breaches:.1f}" if forecast.breaches < MANY_BREACHES else f"{forecast.breaches:.0f}"
    low, high = forecast.low, forecast.high
    return _("about {count} expected to breach ({low}–{high})", count=about, low=low, high=high)


def _without_worker_text(forecast: Forecast) -> Text:
    return ngettext(
        "{n} ticket has no forecast, because its assignee is not on this desk. Reassign it: {tickets}.",
        "{n} tickets have no forecast, because their assignees are not on this desk. Reassign them: {tickets}.",
        forecast.without_worker,
        tickets=join_tickets([one.number for one in forecast.chances if one.lacks_worker], TICKETS_SHOWN),
    )


def forecast_chart(view: ForecastView) -> Chart:
    """Due times are in the team's time zone. The view must have a forecast."""
    forecast = view.forecast
    assert forecast is not None
    place = time_zone(view.policy.team_calendar(view.team).timezone)
    known = (one for one in forecast.chances if one.due_at is not None and one.made is not None)
    by_due = sorted(known, key=lambda one: one.due_at or 0)
    chances = [
        charts.TicketChance(
            one.number, _plain_title(view, one.number), one.made or 0.0, _local_time_text(one.due_at, place)
        )
        for one in by_due
    ]
    return charts.risk_chart(
        charts.QueueForecast(
            team=view.policy.team(view.team).name,
            zone=place.key,
            as_of=f"{view.as_of.astimezone(place):%a %H:%M}",
            runs=DEFAULT_RUNS,
            chances=tuple(chances),
            clears_at=_local_time_text(forecast.clears_at, place),
            clears_at_p90=_local_time_text(forecast.clears_p90_at, place),
        )
    )


def action_applied(team: str, action: Text, policy: Policy) -> Message:
    text = _(
        "✓ Applied for {team}: {action}. You get a message when the SLAs were due, and whether it helped.",
        team=policy.team(team).name,
        action=action,
    )
    again = blocks.button(_("Refresh"), Button.RERUN_FORECAST, team, spoken=_("Refresh the forecast"))
    return Message(render(text), [blocks.section(text), actions(again)])


def helper_form(team: str, about: str, policy: Policy) -> Modal:
    hint = _("They get a message with the tickets where help matters most, and decide themselves.")
    who = input_(_("Person to ask for two hours of help"), blocks.user_select("helper"), hint=hint)
    head = blocks.context(_("For {team}", team=policy.team(team).name))
    return blocks.form_modal(Form.ASK_HELPER, _("Ask for help"), [head, who], submit=_("Ask"), metadata=about)


def _ticket_rows(view: ForecastView) -> list[Block]:
    assert view.forecast is not None
    rows = [_ticket_row(view, one) for one in least_likely_tickets(view.forecast)]
    left = len(least_likely_tickets(view.forecast, len(view.forecast.chances))) - len(rows)
    if left:
        chance = percent_text(LISTED_BELOW_CHANCE)
        rows.append(
            blocks.context(
                ngettext("{n} more ticket below {chance}", "{n} more tickets below {chance}", left, chance=chance)
            )
        )
    return rows


def _ticket_row(view: ForecastView, one: TicketForecast) -> Block:
    ticket = view.tickets.get(one.number)
    title = [bold(title)] if (title := _ticket_title(view, one.number)) else []
    heading = join(" · ", [bold(_("{ticket}", ticket=TicketNumber(one.number))), *title])
    return blocks.section(join("\n", [heading, _ticket_chance(ticket, one)]), accessory=open_button(one.number))


def _ticket_chance(ticket: Ticket | None, one: TicketForecast) -> Markup:
    chance = one.made or 0.0
    band = _("{band}, {chance}", band=chance_band(chance).label, chance=percent_text(chance))
    parts: list[Text | Markup] = [join(" ", [Markup(f"`{_chance_bar(chance)}`"), bold(band)])]
    if one.due_at is not None:
        parts.append(_("Resolution due {at}", at=_moment(one.due_at)))
    assigned = ticket is not None and ticket.assignee
    parts.append(_("Assignee {person}", person=Person(assigned)) if assigned else _("Unassigned"))
    return join(" · ", parts)


def _workload_rows(view: ForecastView) -> list[Block]:
    """The people with the most work first; those beyond PEOPLE_SHOWN are counted."""
    assert view.forecast is not None
    workloads = [one for one in view.forecast.loads if one.tickets or one.person is not None]
    rows = [_workload_text(one) for one in workloads[:PEOPLE_SHOWN]]
    if left := len(workloads) - len(rows):
        rows.append(
            render(
                ngettext(
                    "{n} more person with less work: type {command}.",
                    "{n} more people with less work: type {command}.",
                    left,
                    command=Code("/report who"),
                )
            )
        )
    return blocks.sections(rows)


def _workload_text(workload: PersonForecast) -> Markup:
    """`clears_at` is the same measure as in the team's sentence: when the work that is not on hold is done."""
    parts = [ngettext("{n} ticket", "{n} tickets", workload.tickets)]
    if workload.tickets:
        parts.append(_("{time} of work", time=WorkTime(workload.minutes * 60)))
    if workload.waiting_minutes:
        parts.append(_("{time} on hold", time=WorkTime(workload.waiting_minutes * 60)))
    if workload.tickets and workload.person:
        parts.append(_person_clears_text(workload.clears_at))
    who = _("{person}", person=Person(workload.person)) if workload.person else _("Unassigned")
    return join(": ", [who, join(" · ", parts)])


def _person_clears_text(clears_at: int | None) -> Text:
    if clears_at is None:
        return _("not expected to clear within four weeks")
    return _("expected to clear by {at}", at=_moment(clears_at))


def _action_rows(view: ForecastView) -> list[Block]:
    if not view.actions:
        return []
    content: list[Block] = [blocks.divider(), blocks.section(bold(_("What would help")))]
    for action in view.actions:
        text = _(
            "{action}: expected breaches {before} → {after}",
            action=action_text(action),
            before=f"{action.before:.1f}",
            after=f"{action.after:.1f}",
        )
        content.append(blocks.section(text, accessory=_action_button(view, action), block_id=f"lever.{action.kind}"))
    return content


def action_text(action: WhatIfAction) -> Text:
    tickets = join_tickets(action.tickets)
    if action.kind is WhatIfKind.MOVE:
        return _(
            "Reassign {tickets} from {giver} to {taker}",
            tickets=tickets,
            giver=Person(action.giver or ""),
            taker=Person(action.taker or ""),
        )
    if action.kind is WhatIfKind.HELP:
        if not action.tickets:
            return _("Add one person for two hours")
        return _("Add one person for two hours, first of all for {tickets}", tickets=tickets)
    if action.kind is WhatIfKind.PAUSE:
        priority = action.priority.label if action.priority else ""
        return _("Work on {priority} priority last for one working day", priority=priority)
    return _("Extend the SLA of {tickets} by one working day", tickets=tickets)


def _action_button(view: ForecastView, action: WhatIfAction) -> Element:
    value = f"{view.team}|{int(view.as_of.timestamp() * 1_000_000)}|{action.kind}"
    if action.kind is WhatIfKind.HELP:
        return blocks.button(_("Ask…"), Button.ASK_HELPER, value, spoken=_("Ask a person to help for two hours"))
    return blocks.button(_("Apply"), Button.APPLY_ACTION, value, spoken=_APPLY_TEXTS[action.kind])


_APPLY_TEXTS = {
    WhatIfKind.MOVE: _("Apply: reassign these tickets"),
    WhatIfKind.PAUSE: _("Apply: work on this priority last"),
    WhatIfKind.EXTEND: _("Apply: extend these SLAs"),
}


def _applied_rows(view: ForecastView) -> list[Block]:
    """Everything that was applied in the last day."""
    rows = [
        render(_("✓ {action} ({at}, {person})", action=applied_text(one), at=Moment(one.at), person=Person(one.by)))
        for one in view.applied
    ]
    return [blocks.section(bold(_("Applied in the last 24 hours"))), *blocks.sections(rows)] if rows else []


def _footnote(view: ForecastView) -> Text:
    return _(
        "As of {at}. Chances are based on how long similar tickets took and on people's hours, leave and workload; "
        "what would help, on {count} simulations. Work is the type's usual handling time minus the time already spent. "
        "Tickets still to come are not included.",
        at=Moment(view.as_of),
        count=f"{DEFAULT_RUNS:,}",
    )


def _clearing_sentence(forecast: Forecast) -> Text:
    if forecast.clears_at is None:
        return _("Backlog without tickets on hold not expected to clear within four weeks.")
    expected = _moment(forecast.clears_at)
    if forecast.clears_p90_at is None:
        return _(
            "Backlog without tickets on hold expected to clear by {at} (90 %: not within four weeks).", at=expected
        )
    late = _moment(forecast.clears_p90_at)
    return _("Backlog without tickets on hold expected to clear by {at} (90 % by {late}).", at=expected, late=late)


def _ticket_title(view: ForecastView, number: int) -> Markup:
    ticket = view.tickets.get(number)
    return escape_line(ticket.title, 80) if ticket else Markup("")


def _plain_title(view: ForecastView, number: int) -> str:
    ticket = view.tickets.get(number)
    return " ".join(ticket.title.split()) if ticket else ""


def _chance_bar(share: float) -> str:
    full = round(share * BAR_LENGTH)
    return "█" * full + "░" * (BAR_LENGTH - full)


def _from_timestamp(stamp: int | None) -> datetime:
    return datetime.fromtimestamp(stamp or 0, UTC)


def _moment(stamp: int) -> Moment:
    return Moment(_from_timestamp(stamp))


def _local_time_text(stamp: int | None, place: Any) -> str:  # noqa: ANN401 - a zone
    return "" if stamp is None else f"{_from_timestamp(stamp).astimezone(place):%a %-d %b %H:%M}"
