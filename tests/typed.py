"""What people type may reach no log: a test during which it did fails.

Logs are read by those who run Baton, sent to other systems and kept for long; what people wrote about their work has
no place there. Watched are the words that tests type most; what stands in stdout is an answer, not a log.
"""

import pytest

TYPED = ("VPN is down", "VPN is slow", "We are looking", "We are on it", "Floor 3.", "Third time this week")


def typed_words_in(log: str) -> list[str]:
    return [words for words in TYPED if words in log]


def fail_when_typed_words_are_logged(report: pytest.TestReport) -> None:
    """Captured are the log and stderr, of processes that the test started too."""
    words = typed_words_in(report.caplog + report.capstderr)
    if report.passed and words:
        report.outcome = "failed"
        report.longrepr = f"What people typed stands in the log: {words}"
