"""What Prometheus can ask."""

import pytest

from bot import metrics


def figures() -> dict[str, float]:
    """Every figure of Baton's own by its name and labels."""
    lines = metrics.render_metrics().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if line.startswith("baton_"))
    return {name: float(value) for name, _, value in pairs}


def test_a_team_that_is_gone_is_no_longer_told_of() -> None:
    metrics.set_ticket_counts(open_by_team={"support": 23, "network": 4}, overdue_by_team={"support": 3})
    metrics.set_ticket_counts(open_by_team={"support": 22}, overdue_by_team={})

    told = {name: value for name, value in figures().items() if "_tickets" in name}
    assert told == {'baton_open_tickets{team="support"}': 22}


def test_a_request_is_counted_even_if_it_fails() -> None:
    counted, timed = 'baton_requests_total{kind="view"}', 'baton_request_seconds_count{kind="view"}'
    before = figures().get(counted, 0)

    with pytest.raises(ZeroDivisionError), metrics.time_request("view"):
        assert 1 / 0

    assert (figures()[counted], figures()[timed]) == (before + 1, before + 1)


def test_everything_that_is_told_can_be_asked_for() -> None:
    metrics.set_outbox_counts(pending=5, failed=1)
    metrics.count_delivery("card", "sent")
    metrics.record_job_success("sla.warn", at=1_800_000_000)
    metrics.record_group_commit(16)
    metrics.count_refused_request(401)

    told = figures()
    assert (told["baton_outbox_pending"], told["baton_outbox_failed"]) == (5, 1)
    assert told['baton_deliveries_total{kind="card",result="sent"}'] >= 1
    assert told['baton_job_last_success_timestamp{job="sla.warn"}'] == 1_800_000_000
    assert told['baton_writer_group_size_bucket{le="16.0"}'] >= 1
    assert told['baton_requests_refused_total{status="401"}'] >= 1


def test_the_process_tells_of_itself() -> None:
    page = metrics.render_metrics().decode()

    assert "process_resident_memory_bytes" in page
    assert "process_open_fds" in page
