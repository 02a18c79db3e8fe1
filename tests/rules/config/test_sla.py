"""What desk.yml may say of promises, pauses, alerts, companies and people; each slip is named with its remedy."""
# ruff: noqa: E501  (a table of faults reads best with one fault a line)

from datetime import date
from typing import Any

import pytest

from rules.calendars.durations import Duration
from rules.config.diff import configuration_changes
from rules.config.faults import ConfigurationError
from rules.config.policy import parse_policy
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import TimerKind
from tests.rules.descriptions import description, everything, put


@pytest.fixture
def plain() -> dict[str, Any]:
    return everything()


def test_everything_that_may_be_said_is_read(plain: dict[str, Any]) -> None:
    policy = parse_policy(plain)

    row, ben = policy.sla_rules[1], policy.people["U0AGENT2"]
    assert [
        str(row.duration_for(kind)) for kind in (TimerKind.NEXT_RESPONSE, TimerKind.STEP, TimerKind.EXPERT_ANSWER)
    ] == [
        "1h",
        "2h",
        "20m",
    ]
    assert (row.company, row.channel, row.customer, row.calendar) == ("acme", "C0VIP", "Lakeside", "always")
    assert [(step.key, str(step.time_limit)) for step in policy.type("other").steps] == [
        ("look", "30m"),
        ("grant-access", "None"),
    ]
    assert (ben.calendar, ben.time_share, ben.is_away_on(date(2026, 12, 31)), ben.is_away_on(date(2027, 1, 3))) == (
        "always",
        0.8,
        True,
        False,
    )
    assert policy.pausing_statuses[TimerKind.STEP] == {Status.ESCALATED}
    assert policy.pausing_statuses[TimerKind.NEXT_RESPONSE] == set()
    assert (
        policy.alert_settings.group_above,
        policy.alert_settings.messages_per_hour,
        str(policy.alert_settings.free_extension),
    ) == (3, 20, "1d")
    assert (
        policy.company_key_for("acme LTD", "U0X", "")
        == policy.company_key_for("", "U0ACME1", "")
        == policy.company_key_for("", "", "C0ACME")
        == "acme"
    )


def test_what_is_left_out_is_as_it_always_is() -> None:
    policy, usual = parse_policy(description()), Policy()

    assert (policy.pausing_statuses, policy.alert_settings, policy.people, policy.companies) == (
        usual.pausing_statuses,
        usual.alert_settings,
        {},
        {},
    )


def test_warnings_are_shares_then_spans_each_in_their_order(plain: dict[str, Any]) -> None:
    policy = parse_policy(put(plain, "warn_at", ["30 min", "80%", "1 hour", 0.5]))

    assert policy.warn_at == (0.5, 0.8, Duration(seconds=3600), Duration(seconds=1800))


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("sla.0.compny", "acme", "sla row 1: `compny` is not known here. Did you mean `company`?"),
        ("sla.0.company", "acne", "sla row 1: company `acne` is not one of the companies here. Did you mean `acme`?"),
        ("sla.0.channel", "#vip", "sla row 1: `#vip` is not a Slack channel id: it begins with C or G"),
        ("sla.0.calendar", "allways", "sla row 1: calendar `allways` is not one of the calendars here. Did you mean `always`?"),
        ("sla.0.next_response", "an hour", "sla row 1: `an hour` is not a duration"),
        ("warn_at", ["50%", "30m", "30m"], "warn_at: a warning is written twice: keep one."),
        ("warn_at.0", "3 days", "warn_at: `3 days` is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("warn_at.0", "1d", "warn_at: `1d` is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("pause_while.wating", ["resolution"], "pause_while: status `wating` is unknown. Did you mean `waiting`?"),
        ("pause_while.resolved", ["resolution"], "pause_while: status `resolved` is unknown. Known: new, assigned, in_progress, waiting, escalated."),
        ("pause_while.waiting", ["resolutoin"], "timer `resolutoin` is unknown. Did you mean `resolution`?"),
        ("pause_while.waiting", ["expert_answer"], "timer `expert_answer` is unknown. Known: first_response, next_response, step, resolution."),
        ("alerts.climb", "1h", "alerts: `climb` is not known here."),
        ("alerts.group_above", 0, "alerts: `group_above` is a whole number from 1 to 50, not `0`."),
        ("alerts.per_hour", "many", "alerts: `per_hour` is a whole number from 1 to 1000, not `many`."),
        ("alerts.escalate_after", "soon", "alerts: `soon` is not a duration"),
        ("teams.support.alerts_per_hour", 1001, "team support: `alerts_per_hour` is a whole number from 1 to 1000, not `1001`."),
        ("companies.acme.people", ["acme"], "company acme: `acme` is not a Slack member id"),
        ("companies.acme.logo", "x", "company acme: `logo` is not known here."),
        ("people.ben", {}, "people: `ben` is not a Slack member id"),
        ("people.U0AGENT2.calendar", "nite", "person U0AGENT2: calendar `nite` is not one of the calendars here."),
        ("people.U0AGENT2.share", "120%", "person U0AGENT2: share: `120%` is not a share of working time: write 80% or 0.8."),
        ("people.U0AGENT2.away", ["24.12.2026"], "person U0AGENT2: `24.12.2026` is not a date: write year-month-day"),
        ("people.U0AGENT2.away", ["2026-12-24..2026-12-01"], "person U0AGENT2: `2026-12-24..2026-12-01` ends before it begins: write the first day, two dots and the last day, as 2026-12-24..2027-01-02."),
        ("types.other.steps.0", {"within": "1h"}, "`name` is missing: write what is done in this step."),
        ("types.other.steps.1", {"name": "Look"}, "another step has the key `look` too: give this one a key of its own."),
        ("types.other.steps.0.within", "half an hour", "`half an hour` is not a duration"),
    ],
)  # fmt: skip
def test_a_fault_names_the_thing_and_the_remedy(plain: dict[str, Any], path: str, value: object, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse_policy(put(plain, path, value))

    assert [fault for fault in error.value.faults if sentence in str(fault.sentence)] != [], str(error.value)


def test_each_section_has_its_sentences(plain: dict[str, Any]) -> None:
    before = description()

    told = [str(text) for text in configuration_changes(before, plain)]

    assert any(line.startswith("Alerts: ") for line in told)
    assert any(line.startswith("Pauses: ") for line in told)
    assert "Company Acme is new" in told
    assert "Person U0AGENT2 is new" in told
    assert any("company acme" in line and "next_response 1h" in line for line in told)
