"""Time limits that are meant for people who wait, raised for tests: a busy machine alone fails no test.

A wait ends as soon as what it waits for is there. A test that is about a limit sets its own.
"""

from typing import Final

from playwright.async_api import expect

from handlers.slack import answers
from services import desk

PATIENCE_SECONDS: Final = 60.0


def raise_time_limits() -> None:
    """For all desks and pages of this process."""
    desk.WRITE_TIMEOUT_SECONDS = PATIENCE_SECONDS
    answers.ACKNOWLEDGE_AFTER_SECONDS = PATIENCE_SECONDS
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
