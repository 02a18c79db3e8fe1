"""A ticket as it was known at an earlier moment, and what became of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rules.calendars.calendars import Calendar
from rules.calendars.durations import Duration
from rules.forecasts.history import Outcome, TicketHistory, TimelineEntry, history_at, outcome_of, timer_at
from rules.forecasts.learning import elapsed_samples, learn_team_estimates
from rules.forecasts.replay import replay
from rules.forecasts.survival import TicketState
from rules.model.policy import Policy, SlaRule, Team
from rules.model.tickets import Priority, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla import timers
from rules.sla.targets import SlaCase

MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Calendar("UTC", (*[((8 * 3600, 16 * 3600),)] * 5, (), ()))
POLICY = Policy(
    calendars={"office": OFFICE},
    teams={"support": Team("support", "Support", calendar="office", agents=("ana",))},
    sla_rules=(SlaRule(resolution=Duration(seconds=8 * 3600)),),
)
CASE = SlaCase(type="network", priority=Priority.NORMAL, team="support")


def after(hours: float) -> datetime:
    return MONDAY + hours * HOUR


def started() -> SlaTimer:
    timer = timers.start_timer(POLICY, TimerKind.RESOLUTION, CASE, MONDAY)
    assert timer is not None
    return timer


def waited() -> SlaTimer:
    """Filed at eight, waits from ten until noon, resolved at one."""
    timer = timers.pause_timer(POLICY, started(), after(2))
    return timers.close_timer(POLICY, timers.resume_timer(POLICY, timer, after(4)), after(5))


def ticket(timer: SlaTimer, *steps: tuple[float, Status], number: int = 1) -> TicketHistory:
    timeline = tuple(TimelineEntry(after(hours), status, "ana") for hours, status in ((0, Status.IN_PROGRESS), *steps))
    done_at = timeline[-1].at if timeline[-1].status is Status.RESOLVED else None
    return TicketHistory(number, "network", Priority.NORMAL, "ana", "", MONDAY, done_at, timer, timeline)


def test_a_timer_is_known_as_it_was() -> None:
    now = waited()
    moments = [timer_at(POLICY, now, after(hours)) for hours in (1, 3, 4.5, 6)]

    assert [one.state for one in moments] == [
        TimerState.RUNNING,
        TimerState.PAUSED,
        TimerState.RUNNING,
        TimerState.MET,
    ]
    assert [one.due_at for one in moments[:1]] == [started().due_at]
    assert moments[1].remaining_s == 6 * 3600
    assert moments[3] == replace(now, next_alert_at=moments[3].next_alert_at)


def test_a_target_that_was_extended_later_was_shorter_before() -> None:
    longer = timers.extend_timer(POLICY, started(), Duration(seconds=3600), after(2), reason="more to do")

    assert [timer_at(POLICY, longer, after(hours)).total_s // 3600 for hours in (1, 3)] == [8, 9]


def test_a_ticket_is_known_as_it_was() -> None:
    now = ticket(waited(), (2, Status.WAITING), (4, Status.IN_PROGRESS), (5, Status.RESOLVED))
    known = [history_at(POLICY, now, after(hours)) for hours in (-1, 1, 3, 6)]

    assert known[0] is None
    assert [one and (one.state, one.is_done) for one in known[1:3]] == [
        (TicketState.IN_PROGRESS, False),
        (TicketState.WAITING, False),
    ]
    assert known[3] is not None
    assert known[3].resolved_at == after(5)


def test_a_ticket_that_was_reopened_was_resolved_before() -> None:
    closed = timers.close_timer(POLICY, started(), after(1))
    now = ticket(timers.reopen_timer(POLICY, closed, after(2)), (1, Status.RESOLVED), (2, Status.IN_PROGRESS))

    then = history_at(POLICY, now, after(1.5))

    assert then is not None
    assert then.is_done
    assert not now.is_done


def test_what_became_of_a_target_is_read_from_its_timer() -> None:
    met, late = waited(), timers.close_timer(POLICY, started(), after(30))
    moved = timers.extend_timer(POLICY, started(), Duration(seconds=3600), after(2), reason="more to do")
    ends = [outcome_of(timer_at(POLICY, timer, after(1)), timer, after(99)) for timer in (met, late, moved, started())]

    assert ends == [Outcome(True, after(5)), Outcome(False, started().due_at), None, Outcome(False, started().due_at)]
    assert outcome_of(timer_at(POLICY, met, after(1)), met, after(4.5)) is None


def test_what_a_waiting_ticket_still_took_is_counted_by_its_timer() -> None:
    done = ticket(waited(), (2, Status.WAITING), (4, Status.IN_PROGRESS), (5, Status.RESOLVED))
    waits = ticket(timers.pause_timer(POLICY, started(), after(2)), (2, Status.WAITING), number=2)

    (filed, *_), (_, morning, *_) = (
        list(elapsed_samples(POLICY, "support", [one], after(30))) for one in (done, waits)
    )

    assert (filed.state, filed.used_s, filed.more_s, filed.has_ended) == (TicketState.IN_PROGRESS, 0, 3 * 3600, True)
    assert (morning.used_s, morning.has_ended) == (0, False)
    assert [one.more_s for one in elapsed_samples(POLICY, "support", [waits], after(99))][-1] == 0


def test_a_morning_is_replayed_from_what_was_known_then() -> None:
    quick = [ticket(timers.close_timer(POLICY, started(), after(2)), (2, Status.RESOLVED), number=n) for n in range(40)]
    slow = ticket(timers.close_timer(POLICY, started(), after(25)), (25, Status.RESOLVED), number=99)
    morning, wednesday = after(3), after(49)

    (told,) = replay(POLICY, "support", [*quick, slow], [morning], wednesday)

    assert (told.number, told.is_waiting, told.met, told.decided_at) == (99, False, False, started().due_at)
    assert told.chances.pace is not None
    known = learn_team_estimates(POLICY, "support", quick, morning)
    assert known.resolved_count == 40
    assert replay(POLICY, "support", [*quick[:20], slow], [morning], wednesday) == []
