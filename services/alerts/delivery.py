"""Delivery of alerts: the message in the team's channel, and direct messages in each person's working hours."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.alerts import AlertChannel, EscalationStep, reachable_at
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from services.notifications.recipients import absent_among, leads_to_notify, present_or_deputies
from storage.alerts import (
    ALERT_CARD,
    add_to_digest,
    group_alerts,
    latest_alert_group,
    posted_alerts,
    reserve_alert_cards,
)
from storage.escalations.approvals import asked_approvers
from storage.escalations.escalations import ESCALATION_CARD
from storage.outbox import outbox
from storage.outbox.outbox import ALERT_GROUP
from storage.preferences import alert_channels
from storage.presence.time_entries import leave_by_person, shifts_by_person
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction

ALERT_MENTION = outbox.MessageKind("nudge")
GROUP_WINDOW = timedelta(seconds=20)  # one sweep, with its several transactions, makes one group
GROUP_NAME_FORMAT = "storm:%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Alert:
    """A due alert, and the team that should act on it.

    `escalation` is the one whose answer is due. `repeated` is true when a snooze is over or nobody has acted.
    """

    ticket: Ticket
    timer: SlaTimer
    team: str
    escalation: Escalation | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """An alert's message in a channel. `pings` is true when it is posted now: an edited message notifies nobody."""

    destination: str
    kind: outbox.MessageKind
    subject: str
    pings: bool = False

    @property
    def is_own_card(self) -> bool:
        """True for a new card about this ticket alone, which already pings the assignee."""
        return self.pings and self.kind == ALERT_CARD


def deliver_alerts(tx: Transaction, alerts: Sequence[Alert]) -> None:
    if not alerts:
        return
    _refresh_escalation_cards(tx, alerts)
    places = _show_in_channels(tx, alerts)
    away = absent_among(tx, _possible_recipients(tx, alerts))
    alerts_of: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        for person in _recipients(tx, alert, places.get(alert.ticket.number), away):
            alerts_of[person].append(alert)
    channels = alert_channels(tx, list(alerts_of))
    for person, own_alerts in alerts_of.items():
        _notify_person(tx, person, own_alerts, places, channel=channels[person])


def _refresh_escalation_cards(tx: Transaction, alerts: Sequence[Alert]) -> None:
    for alert in alerts:
        if alert.timer.target is TimerKind.EXPERT_ANSWER:
            outbox.refresh(tx, alert.ticket)


def _show_in_channels(tx: Transaction, alerts: Sequence[Alert]) -> dict[int, AlertMessage]:
    """The message of each ticket: an existing one is edited, new ones are posted, many at once are grouped."""
    ticket_alerts = [alert for alert in alerts if alert.timer.target is not TimerKind.EXPERT_ANSWER]
    if not ticket_alerts:
        return {}
    posted = posted_alerts(tx, [alert.ticket.number for alert in ticket_alerts])
    messages: dict[int, AlertMessage] = {}
    new_numbers: dict[str, list[int]] = defaultdict(list)
    for alert in ticket_alerts:
        destination, number = _destination(tx, alert.ticket), alert.ticket.number
        if alert.timer.alert_level == BREACH_LEVEL:
            outbox.refresh(tx, alert.ticket)
        if (number, destination) in posted:
            messages[number] = _edit_message(tx, number, destination, group=posted[number, destination])
        elif destination and number not in new_numbers[destination]:
            new_numbers[destination].append(number)
    for destination, numbers in new_numbers.items():
        messages |= _post_messages(tx, destination, numbers)
    return messages


def _edit_message(tx: Transaction, number: int, destination: str, *, group: str) -> AlertMessage:
    if group:
        outbox.queue_message(tx, ALERT_GROUP, destination=destination, subject=group)
        return AlertMessage(destination, ALERT_GROUP, group)
    outbox.queue_message(tx, ALERT_CARD, destination=destination, number=number)
    return AlertMessage(destination, ALERT_CARD, str(number))


def _post_messages(tx: Transaction, destination: str, numbers: Sequence[int]) -> dict[int, AlertMessage]:
    """A card for each ticket; one message for all where they are many, or where the channel's hourly limit is
    reached."""
    settings = tx.policy.alert_settings
    team = next((team for team in tx.policy.teams.values() if team.channel == destination), None)
    limit = (team.alerts_per_hour if team else None) or settings.messages_per_hour
    is_few = len(numbers) <= settings.group_above
    group = latest_alert_group(tx, destination=destination, since=f"{tx.now - GROUP_WINDOW:{GROUP_NAME_FORMAT}}")
    if is_few and not group and reserve_alert_cards(tx, destination, count=len(numbers), limit=limit):
        for number in numbers:
            outbox.queue_message(tx, ALERT_CARD, destination=destination, number=number)
        return {number: AlertMessage(destination, ALERT_CARD, str(number), pings=True) for number in numbers}
    hour = tx.now.replace(minute=0, second=0)
    if is_few and not group:
        group = latest_alert_group(tx, destination=destination, since=f"{hour:{GROUP_NAME_FORMAT}}")
    subject = group or f"{tx.now:{GROUP_NAME_FORMAT}}"
    group_alerts(tx, numbers, destination=destination, subject=subject)
    outbox.queue_message(tx, ALERT_GROUP, destination=destination, subject=subject)
    return {number: AlertMessage(destination, ALERT_GROUP, subject, pings=not group) for number in numbers}


def _notify_person(
    tx: Transaction,
    person: str,
    alerts: Sequence[Alert],
    messages: Mapping[int, AlertMessage],
    *,
    channel: AlertChannel,
) -> None:
    """One direct message for all alerts, or for people who prefer it a line in the thread of each message."""
    thread_items: dict[AlertMessage, list[dict[str, object]]] = defaultdict(list)
    leaves = leave_by_person(tx, [person], at=tx.now)[person]
    own = shifts_by_person(tx, [person], at=tx.now)[person]
    for alert in alerts:
        message = _message_of(tx, alert, messages) if channel is AlertChannel.CHANNEL else None
        item = {"number": alert.ticket.number, "target": str(alert.timer.target)}
        if message is not None and person in tx.policy.team(alert.team).people:
            thread_items[message].append(item)
            continue
        at = reachable_at(tx.policy, person, alert.team, tx.now, leaves, own_shifts=own)
        add_to_digest(tx, person, item=item, at=at)
    for message, items in thread_items.items():
        if not message.pings or any(alert.repeated for alert in alerts):
            number = None if message.kind == ALERT_GROUP else alerts[0].ticket.number
            data = {"person": person, "items": items, "root": [str(message.kind), message.subject]}
            destination, subject = message.destination, message.subject
            outbox.queue_message(tx, ALERT_MENTION, destination=destination, number=number, subject=subject, data=data)


def _message_of(tx: Transaction, alert: Alert, messages: Mapping[int, AlertMessage]) -> AlertMessage | None:
    if alert.timer.target is not TimerKind.EXPERT_ANSWER:
        return messages.get(alert.ticket.number)
    channel = tx.policy.team(alert.team).channel
    if alert.escalation is None or not channel:
        return None
    return AlertMessage(channel, ESCALATION_CARD, f"{alert.escalation.number}.{alert.escalation.round}")


def _possible_recipients(tx: Transaction, alerts: Sequence[Alert]) -> list[str]:
    assignees = [alert.ticket.assignee for alert in alerts if alert.ticket.assignee]
    leads = [lead for key in {alert.team for alert in alerts} for lead in tx.policy.team(key).leads]
    experts = [person for alert in alerts for person in _experts_asked(tx, alert)]
    return [*assignees, *leads, *experts, *sorted(tx.policy.managers)]


def _experts_asked(tx: Transaction, alert: Alert) -> list[str]:
    is_asked = alert.timer.target is TimerKind.EXPERT_ANSWER and alert.escalation and alert.escalation.approving
    return asked_approvers(tx, alert.escalation) if alert.escalation and is_asked else []


def _recipients(tx: Transaction, alert: Alert, message: AlertMessage | None, away: Collection[str]) -> list[str]:
    """Who is notified besides the channel: the assignee, and at higher escalation steps the lead or the managers.

    A repeated alert reaches only the step above. For an expert answer these are the approvers who were asked by name;
    where any expert decides, the card in their channel is enough.
    """
    if alert.timer.escalation_step >= EscalationStep.MANAGER:
        managers = sorted(tx.policy.managers)
        return present_or_deputies(tx.policy, managers, away) or managers
    team = tx.policy.team(alert.team)
    leads = leads_to_notify(tx, team, away=away)
    also_notified = leads if alert.timer.escalation_step >= EscalationStep.LEAD and not alert.repeated else []
    if alert.timer.target is TimerKind.EXPERT_ANSWER:
        experts = [] if alert.repeated else present_or_deputies(tx.policy, _experts_asked(tx, alert), away)
        return list(dict.fromkeys([*experts, *also_notified])) or (leads if alert.repeated else [])
    assignee = alert.ticket.assignee
    assignee_or_deputy = present_or_deputies(tx.policy, [assignee] if assignee else [], away) or leads
    is_pinged = message is not None and message.is_own_card and not alert.repeated and assignee not in away
    return list(dict.fromkeys([*([] if is_pinged else assignee_or_deputy), *also_notified]))


def _destination(tx: Transaction, ticket: Ticket) -> str:
    return next(iter(outbox.ticket_channels(tx, ticket)[-1:]), "")
