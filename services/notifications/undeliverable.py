"""What cannot be posted in its channel goes to the lead, who can repair it."""

from rules.model.policy import Team
from services.notifications.recipients import leads_to_notify
from storage.outbox import outbox
from storage.outbox.deliveries import mark_failed
from storage.outbox.outbox import ALERT_GROUP, MessageKind
from storage.schema.tickets import OutboxMessage
from storage.tickets.tickets import find_ticket
from storage.transaction import Transaction

_REMEDIES = {
    "not_in_channel": "Invite me with `/invite @Baton`.",
    "channel_not_found": "Check `channel:` in desk.yml; a private channel must invite me first.",
    "is_archived": "Unarchive it, or name another channel in desk.yml.",
}


def give_up_message(tx: Transaction, row: OutboxMessage, kind: MessageKind, *, error: str) -> None:
    """Marks the message as failed and sends its card to the leads, who read why once a day."""
    mark_failed(tx, row.id, error=error)
    if kind.to_requester:
        _send_to_requester(tx, row, kind)
    team = next((team for team in tx.policy.teams.values() if team.channel == row.lane), None)
    if team is None:
        return
    for lead in leads_to_notify(tx, team):
        _send_to_lead(tx, row, kind, lead)
        _explain_to_lead(tx, team, lead, row.lane, error)


def _send_to_requester(tx: Transaction, row: OutboxMessage, kind: MessageKind) -> None:
    ticket = find_ticket(tx, row.number or 0)
    if ticket is not None and row.lane != ticket.requester and outbox.is_slack_id(ticket.requester):
        to, number = ticket.requester, ticket.number
        outbox.queue_message(tx, kind, destination=to, number=number, subject=row.subject, data=row.data)


def _send_to_lead(tx: Transaction, row: OutboxMessage, kind: MessageKind, lead: str) -> None:
    if kind.refreshed:
        data = row.data | ({"lane": row.lane} if kind == ALERT_GROUP else {})
        outbox.queue_message(tx, kind, destination=lead, number=row.number, subject=row.subject, data=data)


def _explain_to_lead(tx: Transaction, team: Team, lead: str, channel: str, error: str) -> None:
    remedy = _REMEDIES.get(error, "Ask whoever runs Baton to look at `/desk health`.")
    text = f"I cannot post in <#{channel}> for {team.name} (`{error}`), so its cards come to you. {remedy}"
    dedupe_key = f"unreachable:{channel}:{error}:{lead}:{tx.now.date().isoformat()}"
    outbox.notify_person(tx, lead, text=text, dedupe_key=dedupe_key)
