"""Every listener in one table of contents."""

from handlers import escalations
from handlers.router import Router


def routes() -> Router:
    """The router with every capability's listeners on it."""
    on = Router()
    for capability in (escalations,):
        capability.register(on)
    return on
