"""Metrics for Prometheus: requests, the outbox, tickets, jobs and the process itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from rules.model.health import HealthReason, HealthState

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# Slack waits 3 s for an answer, and an operation is given up after 2.5 s.
_LATENCY_BUCKETS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3)

_registry: Final = CollectorRegistry()
ProcessCollector(registry=_registry)

_requests = Counter("baton_requests", "Requests from Slack by kind.", ["kind"], registry=_registry)
_request_seconds = Histogram(
    "baton_request_seconds",
    "Time until Slack was answered.",
    ["kind"],
    registry=_registry,
    buckets=_LATENCY_BUCKETS_SECONDS,
)
_refused = Counter("baton_requests_refused", "Requests that were not Slack's.", ["status"], registry=_registry)
_rate_limited = Counter(
    "baton_rate_limited_minutes",
    "Minutes in which Slack held back events.",
    registry=_registry,
)
_socket_mode = Counter(
    "baton_socket_mode_changes", "What happened to the Socket Mode connection.", ["change"], registry=_registry
)
_outbox_pending = Gauge("baton_outbox_pending", "Messages that Slack is still to hear.", registry=_registry)
_outbox_failed = Gauge("baton_outbox_failed", "Messages that Slack refused for good.", registry=_registry)
_deliveries = Counter(
    "baton_deliveries", "Attempts to tell Slack something, by kind and result.", ["kind", "result"], registry=_registry
)
_open = Gauge("baton_open_tickets", "Open tickets by team.", ["team"], registry=_registry)
_overdue = Gauge("baton_overdue_tickets", "Open tickets past a due time, by team.", ["team"], registry=_registry)
_database_bytes = Gauge(
    "baton_database_bytes", "Size of the database, and of SQLite's write-ahead log.", ["part"], registry=_registry
)
_job_success = Gauge(
    "baton_job_last_success_timestamp", "When each job last ended well, in Unix seconds.", ["job"], registry=_registry
)
_task_alive = Gauge("baton_task_alive", "1 while the long-lived task runs.", ["task"], registry=_registry)
_task_restarts = Counter(
    "baton_task_restarts", "How often a long-lived task ended and was started again.", ["task"], registry=_registry
)
_health = Gauge(
    "baton_health_reason", "1 for each source that has something wrong.", ["source", "state"], registry=_registry
)
_ready = Gauge("baton_ready", "0 when this process cannot save or cannot do its work.", registry=_registry)
_group_size = Histogram(
    "baton_writer_group_size",
    "Deeds that shared one commit.",
    registry=_registry,
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)


@contextmanager
def time_request(kind: str) -> Iterator[None]:
    began = perf_counter()
    try:
        yield
    finally:
        _requests.labels(kind).inc()
        _request_seconds.labels(kind).observe(perf_counter() - began)


def count_refused_request(status: int) -> None:
    _refused.labels(str(status)).inc()


def count_rate_limited_minute() -> None:
    _rate_limited.inc()


def count_socket_mode_change(change: str) -> None:
    _socket_mode.labels(change).inc()


def set_outbox_counts(*, pending: int, failed: int) -> None:
    _outbox_pending.set(pending)
    _outbox_failed.set(failed)


def count_delivery(kind: str, result: str) -> None:
    _deliveries.labels(kind, result).inc()


def set_ticket_counts(*, open_by_team: Mapping[str, int], overdue_by_team: Mapping[str, int]) -> None:
    """A team that is in neither mapping disappears from the page."""
    for gauge, counts in ((_open, open_by_team), (_overdue, overdue_by_team)):
        gauge.clear()
        for team, count in counts.items():
            gauge.labels(team).set(count)


def set_database_sizes(bytes_by_part: Mapping[str, int]) -> None:
    for part, size in bytes_by_part.items():
        _database_bytes.labels(part).set(size)


def record_job_success(name: str, *, at: float) -> None:
    """`at` is in Unix seconds."""
    _job_success.labels(name).set(at)


def set_task_alive(name: str, *, alive: bool) -> None:
    _task_alive.labels(name).set(alive)


def count_task_restart(name: str) -> None:
    _task_restarts.labels(name).inc()


def set_health(state: HealthState, reasons: Sequence[HealthReason]) -> None:
    """A source that is well again disappears from the page."""
    _ready.set(state is not HealthState.UNREADY)
    _health.clear()
    for reason in reasons:
        _health.labels(reason.source, "unready" if reason.is_unready else "degraded").set(1)


def record_group_commit(operations: int) -> None:
    _group_size.observe(operations)


def render_metrics() -> bytes:
    return generate_latest(_registry)
