"""The program's logs, kept where a test can read them."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bot import logs

Written = Callable[[], str]


@contextmanager
def written(level: str = "INFO", form: str = "console") -> Iterator[Written]:
    """What has been logged so far, as the program writes it; afterwards logs go where they went before."""
    loggers = [logging.getLogger(name) for name in (None, *logs.OWN_PACKAGES)]
    levels, handlers = [logger.level for logger in loggers], logging.getLogger().handlers[:]
    page = io.StringIO()
    logs.configure_logging(level, form, stream=page)
    try:
        yield page.getvalue
    finally:
        logging.getLogger().handlers[:] = handlers
        for logger, before in zip(loggers, levels, strict=True):
            logger.setLevel(before)
        structlog.reset_defaults()
