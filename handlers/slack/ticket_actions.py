"""The ticket that a form is about."""

from collections.abc import Callable

from rules.people.permissions import Permission
from services import permissions
from services.desk import Desk
from storage.schema.tickets import Ticket


async def ticket_for_form(
    desk: Desk, number: int, permission: Permission, *checks: Callable[[Ticket], None], by: str
) -> Ticket:
    """The ticket for a form that needs this permission; what would be refused later is refused before anyone types."""
    ticket = await desk.read(permissions.permitted_ticket, desk.policy, permission, number, by=by)
    for check in checks:
        check(ticket)
    return ticket
