"""A process that is told to stop has ended within STOP_SECONDS, whatever hangs."""

import logging
import os
import threading
from typing import Final

STOP_SECONDS: Final = 10.0

log = logging.getLogger("baton.stopping")


def limit_stopping(seconds: float = STOP_SECONDS, *, exit_code: int = 0) -> None:
    """What is under way then is given up: whatever was acknowledged is saved, and the next start carries on."""
    timer = threading.Timer(seconds, _end_process, [exit_code])
    timer.daemon = True
    timer.start()


def _end_process(exit_code: int) -> None:
    log.warning("Something did not end in time and is given up.")
    logging.shutdown()
    os._exit(exit_code)
