"""Who has how many to do, counted by name and by day."""

from datetime import date

from rules.reports.daily import DayFacts, OpenTickets, ReportScope, TicketAction, build_daily_report
from rules.reports.open_work import (
    AssigneeWork,
    CreatedOnDay,
    OpenWork,
    TopPeople,
    newest_days,
    open_work_by_assignee,
)

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
ANA, BEN = "U0AGENT1", "U0AGENT2"


def has(
    person: str | None, day: date = TUESDAY, count: int = 1, *, overdue: int = 0
) -> tuple[OpenTickets, CreatedOnDay]:
    """So many open tickets from that day."""
    today = count if day == TUESDAY else 0
    group = OpenTickets("support", person, count, today, overdue, 0)
    return group, CreatedOnDay("support", person, day, count)


def told(
    *work: tuple[OpenTickets, CreatedOnDay],
    resolved: tuple[TicketAction, ...] = (),
) -> OpenWork:
    facts = DayFacts({}, (), resolved, (), {}, [group for group, _ in work])
    report = build_daily_report(facts, ReportScope(teams=frozenset(["support"])))
    return open_work_by_assignee(report, [day for _, day in work])


def test_what_somebody_has_is_told_by_the_day_on_which_it_was_filed() -> None:
    (ana,) = told(has(ANA), has(ANA, MONDAY), has(ANA, date(2026, 11, 13), 2)).people

    assert ana.days == ((TUESDAY, 1), (MONDAY, 1), (date(2026, 11, 13), 2))
    assert ana.open == 4


def test_the_fullest_comes_first_and_who_only_resolved_is_there_too() -> None:
    found = told(has(ANA), has(BEN, count=2), resolved=(TicketAction(9, "U0LEAD1", "support"),))

    assert [(one.person, one.open, one.resolved) for one in found.people] == [
        (BEN, 2, 0),
        (ANA, 1, 0),
        ("U0LEAD1", 0, 1),
    ]


def test_who_has_the_most_and_who_the_most_overdue_are_named() -> None:
    found = told(has(ANA, count=2), has(BEN, MONDAY, overdue=1))

    assert (found.most_open, found.most_overdue) == (TopPeople((ANA,), 2), TopPeople((BEN,), 1))


def test_of_two_who_have_as_many_both_are_named() -> None:
    assert told(has(ANA), has(BEN)).most_open == TopPeople((ANA, BEN), 1)


def test_where_nobody_has_anything_nobody_is_named() -> None:
    found = told(has(None, MONDAY, overdue=1))

    assert (found.people, found.most_open, found.most_overdue) == ((), TopPeople(), TopPeople())
    assert found.unassigned == AssigneeWork(None, ((MONDAY, 1),), overdue=1)


def test_long_ago_is_told_together_and_one_day_alone_by_its_name() -> None:
    days = tuple((date(2026, 11, day), 1) for day in (17, 16, 13, 12, 11))

    assert newest_days(days, 3) == (days[:3], 2)
    assert newest_days(days[:4], 3) == (days[:4], 0)
