"""Which row of `sla` counts for a ticket, and what a lead reads of rows that overlap or leave a gap."""

from dataclasses import replace
from typing import Any

import pytest

from rules.calendars.durations import parse_duration
from rules.model.policy import Policy, ProcessStep, SlaRule, Team, TicketType
from rules.model.tickets import Priority
from rules.model.timers import TimerKind
from rules.sla.targets import SlaCase, describe_conditions, find_target, missing_target_warnings, overlap_warnings

FIRST, RESOLUTION = TimerKind.FIRST_RESPONSE, TimerKind.RESOLUTION
DESK = Policy(
    teams={
        "support": Team("support", "Support", calendar="office"),
        "network": Team("network", "Network experts", calendar="night", answer_within=parse_duration("20m")),
    },
    types={
        "network": TicketType("network", "Network", "support"),
        "other": TicketType("other", "Other", "support"),
        "access": TicketType(
            "access", "Access", "support", steps=(ProcessStep("check", "Check", parse_duration("45m")),)
        ),
    },
)
CASE = SlaCase("network", Priority.HIGH, "support", customer="Lakeside", company="acme", channel="C0VIP")


def row(*, first: str | None = None, done: str | None = None, **conditions_: object) -> SlaRule:
    times = {
        "first_response": parse_duration(first) if first else None,
        "resolution": parse_duration(done) if done else None,
    }
    return SlaRule(**times, **conditions_)  # type: ignore[arg-type]


def desk(*rows: SlaRule) -> Policy:
    return replace(DESK, sla_rules=rows)


def first_reply(*rows: SlaRule, case: SlaCase = CASE) -> str:
    promise = find_target(desk(*rows), FIRST, case)
    return str(promise.duration) if promise else "none"


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        ({"customer": "lakeside"}, {"company": "acme"}),
        ({"company": "acme"}, {"priority": Priority.HIGH}),
        ({"priority": Priority.HIGH}, {"type": "network"}),
        ({"type": "network"}, {"channel": "C0VIP"}),
        ({"channel": "C0VIP"}, {"team": "support"}),
        ({"team": "support"}, {}),
        ({"type": "network", "team": "support"}, {"customer": "Lakeside"}),
    ],
)
def test_the_more_specific_row_counts_wherever_it_stands(heavier: dict[str, Any], lighter: dict[str, Any]) -> None:
    one, other = row(first="1h", **heavier), row(first="2h", **lighter)

    assert (first_reply(one, other), first_reply(other, one)) == ("1h", "1h")


def test_a_row_counts_for_each_of_its_times_alone() -> None:
    rows = (row(first="1h", type="network"), row(first="2h", done="3d"))

    assert [str(found.duration) for kind in (FIRST, RESOLUTION) if (found := find_target(desk(*rows), kind, CASE))] == [
        "1h",
        "3d",
    ]


def test_where_no_row_fits_nothing_is_promised() -> None:
    assert first_reply(row(first="1h", type="other")) == "none"


def test_a_row_may_count_by_a_calendar_of_its_own() -> None:
    rows = (row(first="1h", company="acme", calendar="always"), row(first="2h"))

    own, teams = find_target(desk(*rows), FIRST, CASE), find_target(desk(*rows), FIRST, replace(CASE, company=""))

    assert own
    assert teams
    assert (own.calendar, own.conditions_text) == ("always", "company acme")
    assert (teams.calendar, teams.conditions_text) == ("office", "everything")


def test_a_step_has_its_own_time_else_that_of_a_row() -> None:
    rows = desk(SlaRule(step=parse_duration("3h")))
    own = find_target(rows, TimerKind.STEP, SlaCase("access", Priority.NORMAL, "support", step="check"))
    other = find_target(rows, TimerKind.STEP, SlaCase("network", Priority.NORMAL, "support", step="look"))

    assert own
    assert other
    assert (str(own.duration), own.conditions_text) == ("45m", "step Check of Access")
    assert (str(other.duration), other.conditions_text) == ("3h", "everything")


@pytest.mark.parametrize(
    ("rows", "answer", "because"),
    [
        ((), "20m", "the answer time of Network experts"),
        ((SlaRule(team="network", expert_answer=parse_duration("1h")),), "1h", "team network"),
        ((SlaRule(team="support", expert_answer=parse_duration("1h")),), "20m", "the answer time of Network experts"),
        ((SlaRule(expert_answer=parse_duration("2h")),), "2h", "everything"),
    ],
)
def test_the_experts_answer_by_a_row_for_them_else_in_their_own_time(
    rows: tuple[SlaRule, ...], answer: str, because: str
) -> None:
    promise = find_target(desk(*rows), TimerKind.EXPERT_ANSWER, replace(CASE, expert_team="network"))

    assert promise
    assert (str(promise.duration), promise.conditions_text, promise.calendar) == (answer, because, "night")


def test_the_conditions_of_a_row_are_told_in_words() -> None:
    told = describe_conditions(row(first="1h", type="network", priority=Priority.HIGH))

    assert told == "priority high and type network"
    assert describe_conditions(row(first="1h")) == "everything"


def test_of_two_rows_that_overlap_the_one_that_gives_more_time_is_told_with_its_remedy() -> None:
    told = overlap_warnings(desk(row(first="30m", type="network"), row(first="4h", priority=Priority.HIGH)))

    assert [str(one) for one in told] == [
        "SLA rows 2 and 1 both match a ticket of priority: high, type: network, and row 2 applies (`priority` weighs "
        "more than `type`): its `first_response` is 4 h, not 30 min. If that is not intended, add "
        "`{priority: high, type: network, first_response: 30m}`."
    ]


def test_an_overlap_in_which_the_stricter_row_counts_surprises_nobody() -> None:
    assert overlap_warnings(desk(row(first="15m", priority=Priority.CRITICAL), row(first="30m", type="network"))) == []


def test_days_and_hours_are_compared() -> None:
    rows = (row(done="1d", priority=Priority.HIGH), row(done="4h", type="network"))

    assert len(overlap_warnings(desk(*rows))) == 1
    assert overlap_warnings(desk(row(done="4h", priority=Priority.HIGH), row(done="1d", type="network"))) == []


def test_a_row_that_never_counts_is_told_with_the_row_that_does() -> None:
    told = overlap_warnings(desk(row(first="1h", type="network"), row(first="2h", type="network")))

    assert [str(one) for one in told] == [
        "SLA row 2: its `first_response` never applies, as row 1 has the same conditions and comes first. "
        "Keep one of the two."
    ]


@pytest.mark.parametrize(
    "rows",
    [
        (row(first="1h", type="network"), row(first="2h", type="other")),
        (row(first="1h", type="network"), row(done="2h", priority=Priority.HIGH)),
        (row(first="1h", type="network"), row(first="2h")),
        (row(first="1h", customer="Lakeside"), row(first="2h", customer="LAKESIDE Ltd")),
    ],
)
def test_rows_that_never_meet_are_no_overlap(rows: tuple[SlaRule, ...]) -> None:
    assert overlap_warnings(desk(*rows)) == []


def test_where_nothing_is_promised_the_gap_is_told_with_its_remedy() -> None:
    told = missing_target_warnings(
        desk(row(first="1h", type="network"), row(first="1h", priority=Priority.HIGH), row(done="3d"))
    )

    assert [str(one) for one in told] == [
        "No SLA row sets `first_response` for type `other` with priority critical, normal, low. "
        "Add it to a last row without conditions: `{first_response: 2h}`.",
        "No SLA row sets `first_response` for type `access` with priority critical, normal, low. "
        "Add it to a last row without conditions: `{first_response: 2h}`.",
    ]


def test_a_desk_that_promises_nothing_of_a_kind_reads_so_once() -> None:
    assert [str(one) for one in missing_target_warnings(desk(row(first="1h")))] == [
        "No SLA row sets `resolution`. Add it to a last row without conditions: `{resolution: 3d}`."
    ]


def test_where_everything_is_promised_there_is_no_gap() -> None:
    assert missing_target_warnings(desk(row(first="1h", done="3d"))) == []
