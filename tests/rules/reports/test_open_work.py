"""Who has how many to do, counted by name and by day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from rules.calendars.calendars import day_bounds
from rules.model.tickets import Priority, Status
from rules.model.timers import TimerKind
from rules.reports.daily import DayFacts, ReportScope, TicketAction, TicketSnapshot, report_day
from rules.reports.open_work import AssigneeWork, OpenWork, TopPeople, newest_days, open_work_by_assignee
from rules.sla.targets import SlaCase
from rules.sla.timers import start_timer
from rules.workload.workload import WorkItem, Workload
from tests.rules.office import DESK, OFFICE, warsaw

MONDAY, TUESDAY, NOON = warsaw("16T09:00"), warsaw("17T09:00"), warsaw("17T12:00")
TODAY = report_day(OFFICE, None, NOON)
ANA, BEN = "U0AGENT1", "U0AGENT2"
VPN = TicketSnapshot(
    number=1,
    title="VPN is down",
    type="network",
    first_line="support",
    requester="U0CLIENT1",
    registered_by=ANA,
    created_at=TUESDAY,
    status=Status.IN_PROGRESS,
    team="support",
    assignee=ANA,
)


def told(
    *tickets: TicketSnapshot, resolved: tuple[TicketAction, ...] = (), loads: Mapping[str, Workload] | None = None
) -> OpenWork:
    facts = DayFacts({one.number: one for one in tickets}, (), resolved, ())
    return open_work_by_assignee(facts, ReportScope(teams=frozenset(["support"])), TODAY, DESK, workloads=loads)


def late(ticket: TicketSnapshot) -> TicketSnapshot:
    """The same ticket with a promise of Monday that is over."""
    clock = start_timer(DESK, TimerKind.RESOLUTION, SlaCase("other", Priority.NORMAL, "support"), MONDAY)
    assert clock
    return replace(ticket, created_at=MONDAY, timers=(clock,))


def test_what_somebody_has_is_told_by_the_day_on_which_it_was_filed() -> None:
    older = [replace(VPN, number=number, created_at=MONDAY - timedelta(days=3)) for number in (3, 4)]

    (ana,) = told(VPN, replace(VPN, number=2, created_at=MONDAY), *older).people

    assert ana.days == ((date(2026, 11, 17), 1), (date(2026, 11, 16), 1), (date(2026, 11, 13), 2))
    assert ana.open == 4


def test_a_day_begins_at_the_desks_own_midnight() -> None:
    midnight = day_bounds(OFFICE, date(2026, 11, 17))[0]
    before = replace(VPN, number=2, created_at=midnight - timedelta(minutes=1))

    (ana,) = told(replace(VPN, created_at=midnight), before).people

    assert ana.days == ((date(2026, 11, 17), 1), (date(2026, 11, 16), 1))


def test_the_fullest_comes_first_and_who_only_resolved_is_there_too() -> None:
    bens = [replace(VPN, number=number, assignee=BEN) for number in (2, 3)]

    found = told(VPN, *bens, resolved=(TicketAction(9, "U0LEAD1", "support"),))

    assert [(one.person, one.open, one.resolved) for one in found.people] == [
        (BEN, 2, 0),
        (ANA, 1, 0),
        ("U0LEAD1", 0, 1),
    ]


def test_who_has_the_most_and_who_the_most_overdue_are_named() -> None:
    found = told(replace(VPN, number=2), replace(VPN, number=3), late(replace(VPN, number=4, assignee=BEN)))

    assert (found.most_open, found.most_overdue) == (TopPeople((ANA,), 2), TopPeople((BEN,), 1))


def test_of_two_who_have_as_many_both_are_named() -> None:
    assert told(VPN, replace(VPN, number=2, assignee=BEN)).most_open == TopPeople((ANA, BEN), 1)


def test_where_nobody_has_anything_nobody_is_named() -> None:
    nobodys = late(replace(VPN, assignee=None, status=Status.NEW))

    found = told(nobodys)

    assert (found.people, found.most_open, found.most_overdue) == ((), TopPeople(), TopPeople())
    assert found.unassigned == AssigneeWork(None, ((date(2026, 11, 16), 1),), overdue=1)


def test_the_work_is_that_of_these_tickets_and_not_of_what_waits_or_is_another_teams() -> None:
    load = Workload(
        (
            WorkItem(1, "network", 1200, 600),
            WorkItem(2, "network", 1200, 900, is_waiting=True),
            WorkItem(3, "other", 60, 60),
        )
    )
    waiting, others = replace(VPN, number=2, status=Status.WAITING), replace(VPN, number=3, team="night")

    (ana,) = told(VPN, waiting, others, loads={ANA: load}).people

    assert (ana.open, ana.minutes) == (2, 10)


def test_of_an_earlier_day_the_work_is_not_known() -> None:
    (ana,) = told(VPN).people

    assert ana.minutes is None


def test_long_ago_is_told_together_and_one_day_alone_by_its_name() -> None:
    days = tuple((date(2026, 11, day), 1) for day in (17, 16, 13, 12, 11))

    assert newest_days(days, 3) == (days[:3], 2)
    assert newest_days(days[:4], 3) == (days[:4], 0)
