"""Reports within Slack's limits, whatever people wrote and however many they are."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.reports.cards.daily import allot_rows, daily_report_message
from handlers.reports.cards.help import report_help
from handlers.routes import build_registry
from handlers.slack.blocks import Message
from handlers.slack.ids import Command
from rules.model.policy import Policy, Team, TicketType
from rules.model.tickets import Status
from rules.reports.daily import (
    AssigneeCount,
    DailyReport,
    DueTicket,
    DueTickets,
    ExpertDecisionCounts,
    Ratio,
    ReportDay,
    ReportScope,
)
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.screens import SCREEN, lines_of

TODAY = ReportDay(date(2026, 10, 5), MONDAY - timedelta(hours=9), MONDAY, "Europe/Warsaw", is_today=True)
EARLIER = replace(TODAY, is_today=False)
QUIET = DailyReport(0, (), (), (), (), DueTickets(), DueTickets(), (), (), Ratio(0, 0), ())
HOSTILE = ["<!channel> & <b>", "x" * 3000, "\u202eשלום", "🔥" * 700, "*_~`>", "<@U0LEAD1>"]


def busy(text: str, many: int = 300) -> DailyReport:
    """A day with so many of everything, all of them called like this."""
    due = DueTickets(many, tuple(DueTicket(n, text, text, MONDAY) for n in range(8)))
    return DailyReport(
        n=many,
        created=tuple(range(many)),
        by_type=tuple((f"{text}{n}", many) for n in range(many)),
        by_status=tuple((status, many) for status in Status),
        by_assignee=tuple(AssigneeCount(f"{text}{n}", 1, 1, 1, 1) for n in range(many)),
        overdue=due,
        due_soon=due,
        resolved=tuple(range(1_000_000, 1_000_000 + many)),
        resolved_by=tuple((f"{text}{n}", 1) for n in range(many)),
        in_time=Ratio(many, many),
        escalations=tuple(ExpertDecisionCounts(f"{text}{n}", 1, 1) for n in range(many)),
    )


def told(
    report: DailyReport, *, whose: ReportScope | None = None, day: ReportDay = TODAY, policy: Policy = POLICY
) -> Message:
    return daily_report_message(report, whose or ReportScope(), day, policy)


def refused(message: Message) -> list[str]:
    return problems("message", {"text": message.text, "blocks": message.blocks})


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_people_wrote_stays_harmless_and_within_limits(text: str) -> None:
    types = {f"{text}{n}": TicketType(f"{text}{n}", text, "support") for n in range(9)}
    teams = {f"{text}{n}": Team(f"{text}{n}", text) for n in range(30)}

    message = told(
        busy(text), whose=ReportScope(teams=frozenset(teams)), policy=replace(POLICY, types=types, teams=teams)
    )

    assert refused(message) == []
    assert "<!channel>" not in f"{message.text}{message.blocks}"


@pytest.mark.parametrize("day", [TODAY, EARLIER])
def test_a_quiet_day_is_not_blank(day: ReportDay) -> None:
    message = told(QUIET, day=day)

    assert refused(message) == []
    assert "No open tickets." in str(message.blocks)


def test_help_is_within_limits() -> None:
    assert refused(report_help(build_registry().words_of(Command.REPORT))) == []


def test_long_lists_say_how_many_more_there_are() -> None:
    said = str(told(busy("a")).blocks)

    assert "by assignee · first 3, 297 more · all: `/report who`" in said
    assert "*Breached* 300 · first 3, 297 more" in said
    assert "*Due soon* 300 · first 2, 298 more" in said
    assert "#11 and 288 more" in said
    assert said.count("and 294 more") == 2


def test_what_one_list_does_not_need_the_others_have() -> None:
    assert allot_rows([300, 300, 300], 8) == [3, 3, 2]
    assert allot_rows([1, 300, 0], 8) == [1, 7, 0]
    assert allot_rows([2, 1, 0], 8) == [2, 1, 0]


def test_the_busiest_day_is_within_a_screen() -> None:
    assert len(lines_of({"blocks": told(busy("a")).blocks})) <= SCREEN


def test_the_text_alone_says_the_sums() -> None:
    report = replace(QUIET, by_assignee=(AssigneeCount("U0AGENT1", 2, 1),), created=(1, 2))

    assert told(report).text == "Report of the whole desk, Mon 5 Oct 2026, so far: Created 2 · Resolved 0 · Backlog 3."


def test_the_lists_of_now_stand_only_beside_the_figures_of_today() -> None:
    assert "Open breached" in str(told(busy("a")).blocks)
    assert "Open breached" not in str(told(busy("a"), day=EARLIER).blocks)


def test_a_percentage_of_few_is_left_out() -> None:
    few = replace(QUIET, resolved=(1, 2), resolved_by=(("U0AGENT1", 2),), in_time=Ratio(1, 2))
    more = replace(few, in_time=Ratio(4, 5))

    assert "Resolution SLA met: 1 of 2" in str(told(few).blocks)
    assert "Resolution SLA met: 80 % (4 of 5)" in str(told(more).blocks)


def test_people_of_imported_history_are_named_in_plain_text() -> None:
    report = replace(
        QUIET,
        by_assignee=(AssigneeCount("Resolver 31", 1, 0), AssigneeCount("U0AGENT1", 1, 0), AssigneeCount(None, 1, 0)),
    )

    said = str(told(report).blocks)

    for who in ("Resolver 31  1 (all", "<@U0AGENT1>  1 (all", "Unassigned  1 (all from today)"):
        assert who in said


def test_one_persons_report_leads_to_their_own_list() -> None:
    report = busy("a")

    assert "mine:1:" in str(told(report, whose=ReportScope(person="U0AGENT1")).blocks)
