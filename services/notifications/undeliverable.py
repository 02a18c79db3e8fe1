"""What cannot reach its channel goes to the lead, who can do something about it."""

from rules.model.policy import Team
from services.notifications.recipients import leads_called
from storage.outbox import outbox
from storage.outbox.deliveries import failed
from storage.outbox.outbox import REDRAWN, Kind
from storage.schema.tickets import Outgoing
from storage.tickets.tickets import find
from storage.transaction import Transaction

_REMEDIES = {
    "not_in_channel": "Invite me with `/invite @Baton`.",
    "channel_not_found": "Check `channel:` in desk.yml; a private channel must invite me first.",
    "is_archived": "Unarchive it, or name another channel in desk.yml.",
}


def give_up(tx: Transaction, row: Outgoing, *, error: str) -> None:
    """The row is marked as failed; what it would have said goes to the leads, who are told why once a day."""
    failed(tx, row.id, error=error)
    if row.kind in (Kind.REPLY, Kind.FILED):
        _by_direct_message(tx, row)
    team = next((team for team in tx.policy.teams.values() if team.channel == row.lane), None)
    if team is None:
        return
    for lead in leads_called(tx, team):
        _instead(tx, row, lead)
        _why(tx, team, lead, row.lane, error)


def _by_direct_message(tx: Transaction, row: Outgoing) -> None:
    """The requester's thread cannot be written in: what was said to them still reaches them."""
    ticket = find(tx, row.number or 0)
    if ticket is not None and row.lane != ticket.requester and outbox.is_person_or_place(ticket.requester):
        outbox.queue(
            tx, Kind(row.kind), lane=ticket.requester, number=ticket.number, subject=row.subject, data=row.data
        )


def _instead(tx: Transaction, row: Outgoing, lead: str) -> None:
    if row.kind in REDRAWN:
        data = row.data | ({"lane": row.lane} if row.kind == Kind.STORM else {})
        outbox.queue(tx, Kind(row.kind), lane=lead, number=row.number, subject=row.subject, data=data)


def _why(tx: Transaction, team: Team, lead: str, channel: str, error: str) -> None:
    remedy = _REMEDIES.get(error, "Ask whoever runs Baton to look at `/desk health`.")
    words = f"I cannot post in <#{channel}> for {team.name} (`{error}`), so its cards come to you. {remedy}"
    once = f"unreachable:{channel}:{error}:{lead}:{tx.now.date().isoformat()}"
    outbox.notice(tx, lead, number=None, words=words, once=once)
