"""A limit of time for reading what comes from outside."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(Exception):
    """The time that `time_limit` gave is over."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """TookTooLong after so many seconds. In the main thread of a Unix system alone: there is no such timer elsewhere.

    What was begun inside is in an unknown state and must be thrown away.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(number: int, frame: object) -> None:
        raise TookTooLong

    handler_before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
