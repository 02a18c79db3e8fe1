"""`make bench`: the speed of Baton on this machine, in one run of a few minutes; `ARGS="filing alerts"` for some."""

import sys
from collections.abc import Callable

from bench import alerts, backtest, bigdesk, calendars, crowd, filing, forecasts, imports, reassignment, statements

BENCHMARKS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "filing": (
        "Tickets filed over signed HTTP, each committed (synchronous=FULL) before its answer,\n"
        "beside a bare Bolt app that only answers, and one that also stores the same rows and does nothing else:",
        filing.report_lines,
    ),
    "crowd": (
        "People around eight tickets on PostgreSQL, each waiting for their own operation, through one process and two:",
        crowd.report_lines,
    ),
    "statements": (
        "Statements compiled once, beside the same statements run by SQLAlchemy:",
        statements.report_lines,
    ),
    "calendars": (
        "Business time between moments hours to years apart, on one core, beside a walk from day to day:",
        calendars.report_lines,
    ),
    "alerts": ("Finding the alerts that are due, and sending them:", alerts.report_lines),
    "reassignment": ("Moving one person's tickets to others, in one transaction:", reassignment.report_lines),
    "bigdesk": ("What people ask of a desk with many open tickets:", bigdesk.report_lines),
    "import": ("A log of another help desk imported, beside a plain copy of the same rows:", imports.report_lines),
    "forecasts": ("One forecast of a large team:", forecasts.report_lines),
    "backtest": (
        "On mornings of two real logs, for each open ticket: will it be resolved by its due time?",
        backtest.report_lines,
    ),
}


def main(names: list[str]) -> None:
    """Runs these benchmarks, all when none is named."""
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. Benchmarks: {', '.join(BENCHMARKS)}.")
    for name in names or BENCHMARKS:
        heading, report_lines = BENCHMARKS[name]
        print(heading)
        print("\n".join(report_lines()), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
