"""Health: each part reports about itself, the desk shows the whole."""

from datetime import timedelta

from rules.model.health import HealthState
from services.health import Health
from tests.desks import MONDAY, HeldClock


def test_a_desk_of_which_nothing_is_reported_is_well(clock: HeldClock) -> None:
    health = Health(clock)

    assert (health.state, health.reasons) == (HealthState.OK, [])


def test_a_reason_lasts_from_its_first_report_until_it_is_cleared(clock: HeldClock) -> None:
    health = Health(clock)
    health.report("slack", "Slack refuses us: token_revoked.")
    clock.forward(minutes=5)
    health.report("slack", "Slack refuses us: account_inactive.")
    health.report("jobs", "sla.warn is late.")

    state, reasons = health.state, health.reasons
    health.clear("slack")
    health.clear("jobs")

    assert state is HealthState.DEGRADED
    assert [(reason.sentence, reason.since - MONDAY) for reason in reasons] == [
        ("Slack refuses us: account_inactive.", timedelta(0)),
        ("sla.warn is late.", timedelta(minutes=5)),
    ]
    assert health.state is HealthState.OK


def test_one_reason_that_stops_the_work_makes_the_process_unready(clock: HeldClock) -> None:
    health = Health(clock)
    health.report("slack", "Slack refuses us: token_revoked.")
    health.report("database", "Nothing can be saved.", is_unready=True)

    assert health.state is HealthState.UNREADY
