"""The steps of a ticket's process."""

from handlers.slack.ids import Button
from handlers.slack.payloads import Press
from handlers.slack.router import Router
from rules.people.permissions import Permission
from services.desk import Desk
from services.tickets import steps


def register(on: Router) -> None:
    on.action(Button.FINISH_STEP, Permission.COMPLETE_STEP)(finish_step)


async def finish_step(press: Press, number: int, desk: Desk) -> None:
    await desk.execute_once(press.key, steps.finish_step, number, press.index, by=press.user)
