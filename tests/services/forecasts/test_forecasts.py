"""Looking ahead: what is kept of it, whom it alarms, and how it is held against what came."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

from rules.forecasts.chances import Candidate, ChanceMethod, ChosenChance
from rules.forecasts.forecasts import Forecast
from rules.model.tickets import Priority, ReplyBy
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.forecasts import forecasts, runs
from services.forecasts.forecasts import RISK_CARD
from services.tickets import corrections, tickets
from services.tickets.corrections import Correction
from storage.forecasts import forecast_of, latest_forecast, recent_ticket_histories, settled_chances, team_estimates
from storage.schema.forecasts import LatestForecast, Prediction
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction, all_where
from tests.desks import HeldClock
from tests.services.alarms import VPN
from tests.services.vpn import ANA, BEN, EVA, LENA, escalated, queued

QUARTER = timedelta(days=90)


async def held_by(desk: Desk, person: str, many: int, *, priority: Priority = Priority.NORMAL) -> list[int]:
    """So many tickets of this person, all filed now."""
    numbers = [await desk.execute(tickets.create_ticket, replace(VPN, priority=priority)) for _ in range(many)]
    for number in numbers:
        await desk.execute(assignments.assign_ticket, number, to=person, by=LENA)
        await desk.execute(assignments.start_work, number, by=person)
    return numbers


async def outlook(desk: Desk) -> Forecast:
    look = await desk.read(latest_forecast, "support")
    assert look is not None
    return forecast_of(look)


async def told_since(desk: Desk) -> list[tuple[bool, bool]]:
    told, _ = await desk.read(settled_chances, since=desk.clock() - QUARTER, teams=None)
    return [(one.chance >= 0.5, one.came_true) for one in told]


async def test_what_is_open_has_a_chance_and_whoever_holds_it_a_load(desk: Desk) -> None:
    numbers = await held_by(desk, ANA, 2)

    await runs.run_forecast(desk, "support")

    seen = await outlook(desk)
    assert sorted(one.number for one in seen.chances) == numbers
    assert {load.person: load.tickets for load in seen.loads}[ANA] == 2


async def test_a_ticket_that_changes_teams_is_forecast_in_both_and_counts_once(desk: Desk, clock: HeldClock) -> None:
    number = await escalated(desk)
    await runs.run_forecast(desk, "support")
    await desk.execute(escalations.accept, number, 1, by=EVA)

    await runs.run_forecast(desk, "network")

    forecast = await desk.read(latest_forecast, "network")
    assert forecast is not None
    assert [one.number for one in forecast_of(forecast).chances] == [number]
    clock.forward(days=30)
    await runs.settle_all_predictions(desk)
    assert len(await told_since(desk)) == 1


async def test_an_empty_desk_has_nothing_to_fear(desk: Desk) -> None:
    await runs.run_forecast(desk, "support")

    seen = await outlook(desk)
    assert (seen.chances, seen.breaches, seen.late) == ((), 0.0, 0)


async def test_history_teaches_how_long_a_type_takes(desk: Desk, clock: HeldClock) -> None:
    for number in await held_by(desk, ANA, 5):
        clock.forward(minutes=30)
        await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")

    await runs.learn_from_history(desk)

    learned = await desk.read(team_estimates, "support")
    known = await desk.read(recent_ticket_histories, "support", since=clock.now - QUARTER)
    assert learned.resolved_count == len([one for one in known if one.is_done]) == 5
    assert 30 * 60 < learned.resolution_time.estimate_for("network").median_s < 8 * 3600


async def test_the_days_first_chance_is_held_against_what_came(desk: Desk, clock: HeldClock) -> None:
    kept, _ = await held_by(desk, ANA, 2)
    await runs.run_forecast(desk, "support")
    await desk.execute(tickets.resolve, kept, by=ANA, solution="Restarted.")
    clock.forward(days=4)

    judged = await desk.execute(forecasts.settle_predictions)

    assert judged == 2
    assert sorted(came for _, came in await told_since(desk)) == [False, True]


async def test_a_second_look_on_the_same_day_tells_no_second_chance(desk: Desk, clock: HeldClock) -> None:
    await held_by(desk, ANA, 1)
    await runs.run_forecast(desk, "support")
    clock.forward(hours=1)
    await runs.run_forecast(desk, "support")
    clock.forward(days=4)

    await desk.execute(forecasts.settle_predictions)

    assert len(await told_since(desk)) == 1


async def test_a_promise_that_moved_says_nothing_of_the_forecast(desk: Desk, clock: HeldClock) -> None:
    (number,) = await held_by(desk, ANA, 1)
    await runs.run_forecast(desk, "support")
    critical = Correction("VPN is down", "network", Priority.CRITICAL, None, ReplyBy.SLACK)
    await desk.execute(corrections.correct_ticket, number, by=ANA, to=critical)

    await desk.execute(forecasts.settle_predictions)

    told, void = await desk.read(settled_chances, since=clock.now - QUARTER, teams=["support"])
    assert (told, void) == ([], 1)


async def test_when_much_will_break_the_lead_gets_one_card_a_day(desk: Desk, clock: HeldClock) -> None:
    await held_by(desk, ANA, 40)

    await runs.run_forecast(desk, "support")
    clock.forward(minutes=5)
    await runs.run_forecast(desk, "support")

    cards = await queued(desk, RISK_CARD)
    assert [(row.lane, row.subject) for row in cards] == [(LENA, "support:2026-10-05")]


async def test_a_quiet_team_alarms_nobody(desk: Desk) -> None:
    await held_by(desk, BEN, 1)

    await runs.run_forecast(desk, "support")

    assert await queued(desk, RISK_CARD) == []


async def test_teams_that_are_closed_are_not_looked_at(desk: Desk, clock: HeldClock) -> None:
    clock.forward(hours=12)

    assert await runs.run_forecasts(desk) == 0


async def test_what_is_told_is_what_was_chosen(desk: Desk) -> None:
    number, waits = await held_by(desk, ANA, 2)
    await desk.execute(tickets.wait_for_customer, waits, by=ANA)
    await runs.learn_from_history(desk)
    usual = ChanceMethod(*(ChosenChance(Candidate.USUAL, usual=share) for share in (0.25, 0.75)))
    await desk.execute(forecasts.save_chance_methods, {"support": usual})
    await runs.learn_from_history(desk)

    await runs.run_forecast(desk, "support")

    assert {one.number: one.made for one in (await outlook(desk)).chances} == {number: 0.25, waits: 0.75}


async def test_a_ticket_of_somebody_outside_of_the_desk_is_told_no_chance_and_kept_out_of_the_score(desk: Desk) -> None:
    ours, theirs = await held_by(desk, ANA, 2)
    await desk.execute(assign_to_name, theirs, "Resolver 31")

    await runs.run_forecast(desk, "support")

    seen = await outlook(desk)
    assert {one.number: one.made is None for one in seen.chances} == {ours: False, theirs: True}
    assert seen.without_worker == 1
    assert [row.number for row in await desk.read(all_where, Prediction)] == [ours]


async def test_a_person_of_another_team_works_on_what_they_have(desk: Desk) -> None:
    (number,) = await held_by(desk, ANA, 1)
    await desk.execute(assign_to_name, number, EVA)

    await runs.run_forecast(desk, "support")

    assert [(one.number, one.made is None) for one in (await outlook(desk)).chances] == [(number, False)]


async def test_a_settled_chance_says_what_elapsed_time_alone_would_have_told(desk: Desk, clock: HeldClock) -> None:
    for number in await held_by(desk, ANA, 3):
        clock.forward(minutes=30)
        await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    await runs.learn_from_history(desk)
    _, waits = await held_by(desk, ANA, 2)
    await desk.execute(tickets.wait_for_customer, waits, by=ANA)
    await runs.run_forecast(desk, "support")
    for number in (waits - 1, waits):
        await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")

    await desk.execute(forecasts.settle_predictions)

    settled, _ = await desk.read(settled_chances, since=clock.now - QUARTER, teams=None)
    assert {one.is_waiting for one in settled} == {True, False}
    assert [one.elapsed is not None for one in settled if not one.is_waiting] == [True]


async def test_once_a_month_the_desk_chooses_what_to_tell_from_its_own_past(desk: Desk, clock: HeldClock) -> None:
    assert await runs.choose_methods(desk) == 0
    numbers = await held_by(desk, ANA, 32)
    for number in numbers[:-1]:
        await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    await runs.learn_from_history(desk)
    clock.forward(days=2)

    counts = [await runs.choose_methods(desk)]
    clock.forward(days=29)
    counts.append(await runs.choose_methods(desk))
    clock.forward(days=2)
    counts.append(await runs.choose_methods(desk))

    assert [many > 0 for many in counts] == [True, False, True]
    assert (await desk.read(team_estimates, "support")).method == ChanceMethod()


def assign_to_name(tx: Transaction, number: int, name: str) -> None:
    """As an imported log leaves it."""
    lock_ticket(tx, number).assignee = name


async def test_what_was_stored_before_chances_were_chosen_still_reads(desk: Desk, clock: HeldClock) -> None:
    (number,) = await held_by(desk, ANA, 1)
    await runs.run_forecast(desk, "support")
    await desk.execute(forget_what_is_new)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    await desk.execute(forecasts.settle_predictions)

    settled, _ = await desk.read(settled_chances, since=clock.now - QUARTER, teams=None)

    assert [(one.elapsed, one.is_waiting) for one in settled] == [(None, False)]
    assert [(one.elapsed, one.is_waiting) for one in (await outlook(desk)).chances] == [(None, False)]
    assert (await desk.read(team_estimates, "support")).method == ChanceMethod()


def forget_what_is_new(tx: Transaction) -> None:
    for prediction in all_where(tx, Prediction):
        prediction.elapsed = prediction.is_waiting = None
    for look in all_where(tx, LatestForecast):
        outlook = deepcopy(look.outlook)
        for one in outlook["chances"]:
            del one["elapsed"], one["is_waiting"]
        for load in outlook["loads"]:
            del load["waiting_minutes"]
        look.outlook = outlook
