"""What Slack does not take: it goes another way, or a person who can help reads what was not delivered."""

from collections.abc import Callable, Iterable

from rules.model.policy import Team
from rules.model.undelivered import undelivered_reason
from rules.text import Channel, Code, Person, Text, TicketNumber, _
from services.notifications.recipients import leads_to_notify
from storage.outbox import outbox
from storage.outbox.deliveries import mark_failed
from storage.outbox.outbox import ALERT_GROUP, MessageKind
from storage.schema.tickets import OutboxMessage, Ticket
from storage.tickets.tickets import find_ticket
from storage.transaction import Transaction

_REMEDIES = {
    "not_in_channel": _("Invite me with {command}.", command=Code("/invite @Baton")),
    "channel_not_found": _(
        "Check {setting} in desk.yml. To a private channel, invite me first.", setting=Code("channel:")
    ),
    "is_archived": _("Unarchive it, or name another channel in desk.yml."),
}
_OTHER_REMEDY = _("Ask your administrator to look at {health}.", health=Code("/desk health"))
_OWN_DEDUPE_PREFIX = "unreachable:"  # no notice about a notice that was not delivered

RecordUndelivered = Callable[[Transaction, OutboxMessage, str], None]


def give_up_message(
    tx: Transaction,
    row: OutboxMessage,
    kind: MessageKind,
    *,
    error: str,
    is_unsendable: bool = False,
    record: RecordUndelivered | None = None,
) -> None:
    """Marks the message as failed. Its card goes to the leads of its channel, who read why once a day.

    `is_unsendable` when the message itself is at fault and would be refused anywhere. `record` is what its capability
    does when nobody gets it.
    """
    mark_failed(tx, row.id, error=error)
    goes_on = kind.to_requester and _send_to_requester(tx, row, kind)
    if record is not None and not goes_on:
        record(tx, row, error)
    team = next((team for team in tx.policy.teams.values() if team.channel == row.lane), None)
    if is_unsendable:
        _tell_of_message(tx, row, error, team)
    elif team is not None:
        for lead in leads_to_notify(tx, team):
            _send_to_lead(tx, row, kind, lead)
            _explain_to_lead(tx, team, lead, row.lane, error)
    elif record is None and not goes_on and outbox.is_person(row.lane):
        _tell_of_person(tx, row, kind, error)


def _send_to_requester(tx: Transaction, row: OutboxMessage, kind: MessageKind) -> bool:
    ticket = find_ticket(tx, row.number or 0)
    if ticket is None or row.lane == ticket.requester or not outbox.is_slack_id(ticket.requester):
        return False
    to, number = ticket.requester, ticket.number
    if row.data.get("by") == to:
        return True  # they wrote it themselves
    data = {name: value for name, value in row.data.items() if name != "thread"}
    outbox.queue_message(tx, kind, destination=to, number=number, subject=row.subject, data=data)
    return True


def _send_to_lead(tx: Transaction, row: OutboxMessage, kind: MessageKind, lead: str) -> None:
    if kind.refreshed:
        data = row.data | ({"lane": row.lane} if kind == ALERT_GROUP else {})
        outbox.queue_message(tx, kind, destination=lead, number=row.number, subject=row.subject, data=data)


def _explain_to_lead(tx: Transaction, team: Team, lead: str, channel: str, error: str) -> None:
    text = _(
        "I can't post in {channel} for {team} ({error}), so its cards come to you. {remedy}",
        channel=Channel(channel),
        team=team.name,
        error=Code(error),
        remedy=_REMEDIES.get(error, _OTHER_REMEDY),
    )
    dedupe_key = f"{_OWN_DEDUPE_PREFIX}{channel}:{error}:{lead}:{tx.now.date().isoformat()}"
    outbox.notify_person(tx, lead, text=text, dedupe_key=dedupe_key)


def _tell_of_message(tx: Transaction, row: OutboxMessage, error: str, team: Team | None) -> None:
    ticket = find_ticket(tx, row.number or 0)
    place = Person(row.lane) if outbox.is_person(row.lane) else Channel(row.lane)
    about = _(" about {ticket}", ticket=TicketNumber(ticket.number)) if ticket else ""
    text = _(
        "A message{about} for {place} could not be sent ({error}). Ask your administrator to look at {health}.",
        about=about,
        place=place,
        error=Code(error),
        health=Code("/desk health"),
    )
    once = f"{row.kind}:{row.lane}:{error}:{tx.now.date().isoformat()}"
    _tell_leads(tx, row, text, [team] if team else _teams_concerned(tx, ticket, row.lane), once=once)


def _tell_of_person(tx: Transaction, row: OutboxMessage, kind: MessageKind, error: str) -> None:
    """Once a day and person; who registered the request reads that its requester was not notified."""
    ticket = find_ticket(tx, row.number or 0)
    person, reason = Person(row.lane), undelivered_reason(error)
    if ticket is not None and kind.to_requester and ticket.registered_by != row.lane:
        number = TicketNumber(ticket.number)
        untold = _("{person} was not told of {number}: {reason}.", person=person, number=number, reason=reason)
        outbox.notify_person(tx, ticket.registered_by, number=ticket.number, text=untold)
    text = _("{person} does not get what Baton writes to them: {reason}.", person=person, reason=reason)
    once = f"{row.lane}:{error}:{tx.now.date().isoformat()}"
    _tell_leads(tx, row, text, _teams_concerned(tx, ticket, row.lane), once=once)


def _tell_leads(tx: Transaction, row: OutboxMessage, text: Text, teams: Iterable[Team], *, once: str) -> None:
    if (row.once or "").startswith(_OWN_DEDUPE_PREFIX):
        return
    for team in teams:
        for lead in leads_to_notify(tx, team, excluding=row.lane):
            dedupe_key = f"{_OWN_DEDUPE_PREFIX}{once}:{lead}"
            outbox.notify_person(tx, lead, number=row.number, text=text, dedupe_key=dedupe_key)


def _teams_concerned(tx: Transaction, ticket: Ticket | None, person: str) -> list[Team]:
    """The ticket's team, else the teams that the person works in, else the first."""
    teams = list(tx.policy.teams.values())
    if ticket is not None and ticket.team in tx.policy.teams:
        return [tx.policy.team(ticket.team)]
    return [team for team in teams if person in team.people] or teams[:1]
