"""Which tickets will be late: in text and as a chart, with the what-if actions that help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from handlers.charts import charts
from handlers.charts.charts import Chart, percent_text
from handlers.slack import blocks
from handlers.slack.blocks import Block, Element, Message, Modal, actions
from handlers.slack.blocks import input_field as input_
from handlers.slack.ids import Button, Form
from handlers.text.slack import escape_keeping_mentions, escape_line, local_time, mention, render
from handlers.tickets.cards.ticket import open_button
from rules.calendars.timezones import time_zone
from rules.forecasts.chances import SettledChance
from rules.forecasts.forecasts import DEFAULT_RUNS, Forecast, TicketForecast, chance_band
from rules.forecasts.what_if import WhatIfAction, WhatIfKind
from rules.model.policy import Policy
from rules.statistics import BandScore, ForecastResult, brier_score, reliability_bands
from rules.text import Text, _, ngettext
from storage.schema.forecasts import AppliedAction
from storage.schema.tickets import Ticket

TICKETS_SHOWN, PEOPLE_SHOWN, FEW_FORECASTS = 8, 10, 30
MANY_BREACHES = 10  # from here on tenths are not shown
FORECAST_RUNNING_TEXT = "I am looking at it: the answer comes in a moment."
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
        return blocks.name_of(self.policy.team(self.team))


def least_likely_tickets(forecast: Forecast, many: int = TICKETS_SHOWN) -> list[TicketForecast]:
    """Only tickets with a due time and a chance below LISTED_BELOW_CHANCE."""
    unlikely = [one for one in forecast.chances if one.made is not None and one.made < LISTED_BELOW_CHANCE]
    return sorted(unlikely, key=lambda one: (one.made or 0.0, one.number))[:many]


def risk_card(view: ForecastView) -> Message:
    again = blocks.button("Look again", Button.RERUN_FORECAST, view.team, spoken=f"Look at {view.team_name} again")
    if view.forecast is None:
        words = f"{view.team_name} has not been looked at yet."
        return Message(words, [blocks.section(words), actions(again)])
    words = forecast_summary(view.forecast)
    rows = [*_ticket_rows(view), *_workload_rows(view), *_action_rows(view)]
    content = [blocks.section(f"*{view.team_name}*: {words}"), *rows]
    content += [blocks.context(_footnote(view)), actions(again)]
    return Message(f"{view.team_name}: {words}", content)


def risk_overview(views: Sequence[ForecastView]) -> Message:
    ordered = sorted(views, key=lambda view: -(view.forecast.breaches if view.forecast else 0.0))
    rows = []
    for view in ordered[:20]:
        words = forecast_summary(view.forecast) if view.forecast else "not looked at yet."
        way = blocks.button("Look", Button.RERUN_FORECAST, view.team, spoken=f"Look at {view.team_name}")
        rows.append(blocks.section(f"*{view.team_name}*: {words}", accessory=way))
    spoken = " ".join(f"{view.team_name}: {forecast_summary(view.forecast)}" for view in ordered if view.forecast)
    return Message(spoken or "No team was looked at yet.", rows)


def forecast_summary(forecast: Forecast) -> str:
    if not forecast.chances:
        return "nothing is open."
    open_ = sum(one.due_at is not None for one in forecast.chances)
    are = "is" if forecast.late == 1 else "are"
    late = f"{forecast.late} {are} late already; of the others " if forecast.late else ""
    parts = [f"{open_} open with a promise, {late}{_breaches_text(forecast)}. {_clearing_sentence(forecast)}"]
    return " ".join([*parts, *([render(_without_worker_text(forecast))] if forecast.without_worker else [])])


def _breaches_text(forecast: Forecast) -> str:
    if forecast.breaches < 0.05:  # noqa: PLR2004 - what reads as 0.0
        return "none will break" if forecast.high == 0 else "hardly any will break"
    if forecast.low == forecast.high:
        return render(_("about {count} will break", count=forecast.low))
    about = f"{forecast.breaches:.1f}" if forecast.breaches < MANY_BREACHES else f"{forecast.breaches:.0f}"
    return render(_("about {about} will break ({low} to {high})", about=about, low=forecast.low, high=forecast.high))


def _without_worker_text(forecast: Forecast) -> Text:
    return ngettext(
        "{n} has no chance of its own: its assignee is not of this desk, so somebody else must take it ({numbers}).",
        "{n} have no chance of their own: their assignees are not of this desk, so others must take them ({numbers}).",
        forecast.without_worker,
        numbers=blocks.join_limited([f"#{one.number}" for one in forecast.chances if one.lacks_worker], TICKETS_SHOWN),
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
            one.number, _ticket_title(view, one.number), one.made or 0.0, _local_time_text(one.due_at, place)
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


def action_applied(team: str, words: str, policy: Policy) -> Message:
    done = f"✓ Done for {blocks.name_of(policy.team(team))}: {escape_keeping_mentions(words)}."
    text = f"{done} You hear whether it helped when the time has passed."
    again = blocks.button("Look again", Button.RERUN_FORECAST, team, spoken="Look again")
    return Message(text, [blocks.section(text), actions(again)])


def helper_form(team: str, about: str, policy: Policy) -> Modal:
    hint = "They get a message with what would help most; it is for them to say yes."
    who = input_("Whom to ask for two hours", blocks.user_select("helper"), hint=hint)
    head = blocks.context(f"For {blocks.name_of(policy.team(team))}")
    return blocks.form_modal(Form.ASK_HELPER, "One more person", [head, who], submit="Ask", metadata=about)


def forecast_quality(
    settled: Sequence[SettledChance], void: int, teams: Sequence[str] | None, policy: Policy
) -> tuple[Message, Chart | None]:
    """Forecasts against outcomes, by team and by bands; the chart is None while no forecast is decided."""
    whose = "The desk" if teams is None else ", ".join(policy.team(key).name for key in teams)
    forecasts = [one.result for one in settled]
    score = brier_score(forecasts)
    if score is None:
        words = (
            f"{escape_line(whose)}: no forecast has been decided yet. They are told each morning and decided when due."
        )
        return Message(words, [blocks.section(words), blocks.context(_QUALITY_DEFINITION)]), None
    share = sum(one.came_true for one in forecasts) / len(forecasts)
    always = share * (1 - share)
    bands = reliability_bands(forecasts)
    words = (
        f"{escape_line(whose)}: of {len(forecasts)} forecasts Brier's score is {score:.3f}; always "
        "telling the average "
        f"({percent_text(share)}) would score {always:.3f}. Less is better."
    )
    few = ["These are few: read them with care."] if len(forecasts) < FEW_FORECASTS else []
    void_words = [f"{void} more are void: their promise moved after they were told."] if void else []
    small = blocks.context(" ".join([*few, *void_words, _QUALITY_DEFINITION]))
    record = charts.ForecastRecord(
        subject=whose,
        period="the last 90 days",
        bands=tuple(charts.ForecastBand(one.mean_chance, one.n, round(one.true_share * one.n)) for one in bands),
        score=score,
        baseline_score=always,
    )
    rows = "\n".join(_band_text(one) for one in bands)
    by_team = blocks.sections(_team_quality_rows(settled, policy))
    content = [blocks.section(f"*Forecast quality*\n{words}"), *by_team, blocks.section(rows), small]
    return Message(words, content), charts.reliability_chart(record)


def _band_text(band: BandScore) -> str:
    return (
        f"{percent_text(band.start)} to {percent_text(band.end)}: told {percent_text(band.mean_chance)}, came true "
        f"{percent_text(band.true_share)} (n = {band.n}, {percent_text(band.low)} to {percent_text(band.high)})"
        + ("" if band.is_calibrated else " ⚠️")
    )


def _team_quality_rows(settled: Sequence[SettledChance], policy: Policy) -> list[str]:
    teams = sorted({one.team for one in settled}, key=lambda key: policy.team(key).name.casefold())
    return [
        render(_("*{team}* {scores}", team=policy.team(key).name, scores=_scores_text(own)))
        for key in teams
        if (own := [one for one in settled if one.team == key])
    ]


def _scores_text(settled: Sequence[SettledChance]) -> Text:
    waiting = [one for one in settled if one.is_waiting]
    in_work = [one for one in settled if not one.is_waiting]
    if not waiting or not in_work:
        return _score_text(settled)
    every, first, second = (_score_text(some) for some in (settled, in_work, waiting))
    return _("{every}. In work {in_work}. Waiting {waiting}.", every=every, in_work=first, waiting=second)


def _score_text(settled: Sequence[SettledChance]) -> Text:
    """Elapsed time is compared on the forecasts for which it is known."""
    results = [one.result for one in settled]
    share = sum(one.came_true for one in results) / len(results)
    known = [ForecastResult(one.elapsed, one.came_true) for one in settled if one.elapsed is not None]
    return _(
        "n = {n}: told {told}, always the average {average}, elapsed time alone {elapsed}",
        n=len(results),
        told=f"{brier_score(results):.3f}",
        average=f"{share * (1 - share):.3f}",
        elapsed=f"{brier_score(known):.3f}" if known else _("not known"),
    )


_QUALITY_DEFINITION = (
    "One forecast a ticket and day, the first of the team's day; it came true when the ticket was resolved by its due "
    "time. Tickets whose assignee is not of this desk have none. Scores are Brier's, the less the better: beside what "
    "was told stand always the average, and the time that such tickets took. The range is Wilson's, at 95 %; ⚠️ marks "
    "a band whose forecast lies outside of it."
)


def _ticket_rows(view: ForecastView) -> list[Block]:
    assert view.forecast is not None
    rows = [_ticket_row(view, one) for one in least_likely_tickets(view.forecast)]
    left = len(least_likely_tickets(view.forecast, len(view.forecast.chances))) - len(rows)
    more = [blocks.context(f"and {left} more below {percent_text(LISTED_BELOW_CHANCE)}")] if left else []
    return [*rows, *more]


def _ticket_row(view: ForecastView, one: TicketForecast) -> Block:
    ticket = view.tickets.get(one.number)
    assignee = mention(ticket.assignee) if ticket and ticket.assignee else "nobody has it"
    chance = one.made or 0.0
    due = f" · due {local_time(_from_timestamp(one.due_at))}" if one.due_at is not None else ""
    which = f"*#{one.number}* {_ticket_title(view, one.number)}{due} · {assignee}"
    words = f"`{_chance_bar(chance)}` *{chance_band(chance)}*, {percent_text(chance)} · {which}"
    return blocks.section(words, accessory=open_button(one.number))


def _workload_rows(view: ForecastView) -> list[Block]:
    assert view.forecast is not None
    rows = []
    for workload in view.forecast.loads[:PEOPLE_SHOWN]:
        if not workload.tickets and workload.person is None:
            continue
        ends = "not done as it stands"
        if workload.clears_at is not None:
            ends = f"done {local_time(_from_timestamp(workload.clears_at))}"
        work_text = f"{workload.tickets} tickets, {workload.minutes:.0f} min of work"
        if workload.waiting_minutes:
            work_text += render(_(" and {minutes} min that wait", minutes=f"{workload.waiting_minutes:.0f}"))
        who = mention(workload.person) if workload.person else "nobody's"
        rows.append(f"{who}: {work_text}" + (f", {ends}" if workload.tickets and workload.person else ""))
    return [blocks.section("\n".join(rows))] if rows else []


def _action_rows(view: ForecastView) -> list[Block]:
    if not view.actions:
        return []
    content: list[Block] = [blocks.divider(), blocks.section("*What would help*")]
    for action in view.actions:
        words = f"{action_text(action)}: {_effect_text(action)}"
        content.append(blocks.section(words, accessory=_action_button(view, action), block_id=f"lever.{action.kind}"))
    return content


def action_text(action: WhatIfAction) -> str:
    numbers = ", ".join(f"#{number}" for number in action.tickets)
    if action.kind is WhatIfKind.MOVE:
        giver, taker = mention(action.giver), mention(action.taker)
        return f"Move {len(action.tickets)} ({numbers}) from {giver} to {taker}"
    if action.kind is WhatIfKind.HELP:
        return f"One more person for two hours{f', first of all for {numbers}' if numbers else ''}"
    if action.kind is WhatIfKind.PAUSE:
        return f"Let {action.priority} priority wait for all others, for a working day"
    return f"Promise {numbers} one working day later"


def _effect_text(action: WhatIfAction) -> str:
    return f"{action.before:.1f} → {action.after:.1f} broken promises"


def _action_button(view: ForecastView, action: WhatIfAction) -> Element:
    value = f"{view.team}|{int(view.as_of.timestamp() * 1_000_000)}|{action.kind}"
    if action.kind is WhatIfKind.HELP:
        return blocks.button("Ask…", Button.ASK_HELPER, value, spoken="Ask somebody to help for two hours")
    return blocks.button("Do it", Button.APPLY_ACTION, value, spoken=action_text(action)[:70])


def _footnote(view: ForecastView) -> str:
    done = [
        f"{escape_keeping_mentions(one.lever['words'])} ({local_time(one.at)}, {mention(one.by)})"
        for one in view.applied[:3]
    ]
    done_text = f"Done already: {'; '.join(done)}. " if done else ""
    return (
        f"{done_text}As of {local_time(view.as_of)}. Chances come from what was right before: how long such "
        f"tickets took, and people's hours, leave and load; what would help, from {DEFAULT_RUNS:,} runs. Minutes of "
        "work are the usual ones of the type less those spent. Tickets still to come are not in it."
    )


def _clearing_sentence(forecast: Forecast) -> str:
    if forecast.clears_at is None:
        return "As it stands the work on it is not done within four weeks."
    late = ""
    if forecast.clears_p90_at is not None:
        late = f" (9 times in 10 by {local_time(_from_timestamp(forecast.clears_p90_at))})"
    return f"The work on what does not wait is done {local_time(_from_timestamp(forecast.clears_at))}{late}."


def _ticket_title(view: ForecastView, number: int) -> str:
    ticket = view.tickets.get(number)
    return escape_line(ticket.title, 80) if ticket else ""


def _chance_bar(share: float) -> str:
    full = round(share * BAR_LENGTH)
    return "█" * full + "░" * (BAR_LENGTH - full)


def _from_timestamp(stamp: int | None) -> datetime:
    return datetime.fromtimestamp(stamp or 0, UTC)


def _local_time_text(stamp: int | None, place: Any) -> str:  # noqa: ANN401 - a zone
    return "" if stamp is None else f"{_from_timestamp(stamp).astimezone(place):%a %-d %b %H:%M}"
