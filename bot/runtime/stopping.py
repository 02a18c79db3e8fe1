"""A process that is asked to stop has ended within STOP_SECONDS, whatever hangs."""

import faulthandler
from typing import Final

STOP_SECONDS: Final = 10.0


def limit_stopping(seconds: float = STOP_SECONDS) -> None:
    """What is under way then is given up, with exit code 1, and stderr says where each thread hung.

    Whatever was acknowledged is saved, and the next start carries on. This clock ticks outside of Python: no code that
    hangs, and no interpreter that is being torn down, holds it up.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
