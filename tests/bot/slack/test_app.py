"""The app as a whole."""

import logging

from tests.desks import Office


async def test_bolt_is_quiet_and_everything_else_of_ours_is_not(office: Office) -> None:
    await office.person("U0AGENT1").command("C0GENERAL", "/ticket", "help")

    heard = {name: logging.getLogger(name).isEnabledFor(logging.WARNING) for name in ("baton.bolt", "baton.new")}

    assert heard == {"baton.bolt": False, "baton.new": True}
