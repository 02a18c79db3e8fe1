"""Where an alert stands in its channel, and who else hears of it: each in their own hours, and where they want to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.alerts import AlertChannel, EscalationStep, reachable_at
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind
from services.notifications.recipients import absent_among, leads_to_notify, present_or_deputies
from storage.alerts import group_alerts, latest_alert_group, posted_alerts, reserve_alert_cards
from storage.escalations.approvals import asked_approvers
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.preferences import alert_channels
from storage.presence.presence import leave_by_person
from storage.presence.shifts import shifts_by_person
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction

GROUP_WINDOW = timedelta(seconds=20)  # what one sweep finds in several transactions is one storm
GROUP_NAME_FORMAT = "storm:%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that is given now, and the team that should act. `asked` is the question its experts have not answered;
    `again` that it was given before: a snooze is over, or nobody has acted."""

    ticket: Ticket
    timer: SlaTimer
    team: str
    escalation: Escalation | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """Where it is told in a channel. `calls` when that was posted now: only a new post pings whom it names."""

    destination: str
    kind: MessageKind
    subject: str
    pings: bool = False

    @property
    def is_own_card(self) -> bool:
        """Whether a new card speaks of this ticket alone: then whoever has it is called already."""
        return self.pings and self.kind is MessageKind.ALERT


def deliver_alerts(tx: Transaction, alerts: Sequence[Alert]) -> None:
    """Shows each alert in its channel, then tells those whom that does not call."""
    if not alerts:
        return
    _refresh_escalation_cards(tx, alerts)
    places = _show_in_channels(tx, alerts)
    away = absent_among(tx, _possible_recipients(tx, alerts))
    theirs: dict[str, list[Alert]] = defaultdict(list)
    for one in alerts:
        for person in _recipients(tx, one, places.get(one.ticket.number), away):
            theirs[person].append(one)
    wanted = alert_channels(tx, list(theirs))
    for person, alarms in theirs.items():
        _notify_person(tx, person, alarms, places, how=wanted[person])


def _refresh_escalation_cards(tx: Transaction, given: Sequence[Alert]) -> None:
    """The experts' question stands on a card of its own, which says how near its time is."""
    for one in given:
        if one.timer.target is TimerKind.EXPERT_ANSWER:
            outbox.refresh(tx, one.ticket)


def _show_in_channels(tx: Transaction, given: Sequence[Alert]) -> dict[int, AlertMessage]:
    """Where each ticket is told of: a card that stands is edited, new ones are posted, many at once are gathered."""
    ours = [one for one in given if one.timer.target is not TimerKind.EXPERT_ANSWER]
    if not ours:
        return {}
    standing = posted_alerts(tx, [one.ticket.number for one in ours])
    places: dict[int, AlertMessage] = {}
    fresh: dict[str, list[int]] = defaultdict(list)
    for one in ours:
        lane, number = _destination(tx, one.ticket), one.ticket.number
        if one.timer.alert_level == BREACH_LEVEL:
            outbox.refresh(tx, one.ticket)
        if (number, lane) in standing:
            places[number] = _edit_message(tx, number, lane, gathered_on=standing[number, lane])
        elif lane and number not in fresh[lane]:
            fresh[lane].append(number)
    for lane, numbers in fresh.items():
        places |= _post_messages(tx, lane, numbers)
    return places


def _edit_message(tx: Transaction, number: int, lane: str, *, gathered_on: str) -> AlertMessage:
    if gathered_on:
        outbox.queue_message(tx, MessageKind.ALERT_GROUP, destination=lane, subject=gathered_on)
        return AlertMessage(lane, MessageKind.ALERT_GROUP, gathered_on)
    outbox.queue_message(tx, MessageKind.ALERT, destination=lane, number=number, subject=str(number))
    return AlertMessage(lane, MessageKind.ALERT, str(number))


def _post_messages(tx: Transaction, lane: str, numbers: Sequence[int]) -> dict[int, AlertMessage]:
    """A card each; one message for all of them where they are many, or where the channel had enough this hour."""
    alerting = tx.policy.alert_settings
    team = next((team for team in tx.policy.teams.values() if team.channel == lane), None)
    most, few = (
        (team.alerts_per_hour if team else None) or alerting.messages_per_hour,
        len(numbers) <= alerting.group_above,
    )
    storm = latest_alert_group(tx, destination=lane, since=f"{tx.now - GROUP_WINDOW:{GROUP_NAME_FORMAT}}")
    if few and not storm and reserve_alert_cards(tx, lane, count=len(numbers), limit=most):
        for number in numbers:
            outbox.queue_message(tx, MessageKind.ALERT, destination=lane, number=number, subject=str(number))
        return {number: AlertMessage(lane, MessageKind.ALERT, str(number), pings=True) for number in numbers}
    hour = tx.now.replace(minute=0, second=0)
    if few and not storm:
        storm = latest_alert_group(tx, destination=lane, since=f"{hour:{GROUP_NAME_FORMAT}}")
    subject = storm or f"{tx.now:{GROUP_NAME_FORMAT}}"
    group_alerts(tx, numbers, destination=lane, subject=subject)
    outbox.queue_message(tx, MessageKind.ALERT_GROUP, destination=lane, subject=subject)
    return {number: AlertMessage(lane, MessageKind.ALERT_GROUP, subject, pings=not storm) for number in numbers}


def _notify_person(
    tx: Transaction, person: str, alarms: Sequence[Alert], places: Mapping[int, AlertMessage], *, how: AlertChannel
) -> None:
    """One direct message for all of it; or a line below each post that stands already, for who wants that."""
    below: dict[AlertMessage, list[dict[str, object]]] = defaultdict(list)
    leaves = leave_by_person(tx, [person], at=tx.now)[person]
    own = shifts_by_person(tx, [person], at=tx.now)[person]
    for one in alarms:
        place = _message_of(tx, one, places) if how is AlertChannel.CHANNEL else None
        item = {"number": one.ticket.number, "target": str(one.timer.target)}
        if place is not None and person in tx.policy.team(one.team).people:
            below[place].append(item)
            continue
        at = reachable_at(tx.policy, person, one.team, tx.now, leaves, own_shifts=own)
        outbox.add_to_digest(tx, person, item=item, at=at)
    for place, items in below.items():
        if not place.pings or any(one.repeated for one in alarms):
            data = {"person": person, "items": items, "root": [str(place.kind), place.subject]}
            number = alarms[0].ticket.number if place.kind is not MessageKind.ALERT_GROUP else None
            outbox.queue_message(
                tx,
                MessageKind.ALERT_MENTION,
                destination=place.destination,
                number=number,
                subject=place.subject,
                data=data,
            )


def _message_of(tx: Transaction, one: Alert, places: Mapping[int, AlertMessage]) -> AlertMessage | None:
    """Where it stands; the experts' question has a card of its own."""
    if one.timer.target is not TimerKind.EXPERT_ANSWER:
        return places.get(one.ticket.number)
    channel = tx.policy.team(one.team).channel
    if one.escalation is None or not channel:
        return None
    return AlertMessage(channel, MessageKind.ESCALATION_CARD, f"{one.escalation.number}.{one.escalation.round}")


def _possible_recipients(tx: Transaction, given: Sequence[Alert]) -> list[str]:
    """Whoever might have to hear of any of it."""
    holders = [one.ticket.assignee for one in given if one.ticket.assignee]
    leads = [lead for key in {one.team for one in given} for lead in tx.policy.team(key).leads]
    asked = [who for one in given for who in _experts_asked(tx, one)]
    return [*holders, *leads, *asked, *sorted(tx.policy.managers)]


def _experts_asked(tx: Transaction, given: Alert) -> list[str]:
    """Those whose answer to the experts' question is waited for by name."""
    if (
        given.timer.target is not TimerKind.EXPERT_ANSWER
        or given.escalation is None
        or given.escalation.approving is None
    ):
        return []
    return asked_approvers(tx, given.escalation)


def _recipients(tx: Transaction, given: Alert, place: AlertMessage | None, away: Collection[str]) -> list[str]:
    """Who hears of it besides the channel. Those below hear what is new; when nobody acted, only the step above.

    Of the experts' question those hear who are asked by name; where the first of them decides, their channel's card
    tells them all.
    """
    if given.timer.escalation_step >= EscalationStep.MANAGER:
        managers = sorted(tx.policy.managers)
        return present_or_deputies(tx.policy, managers, away) or managers
    team = tx.policy.team(given.team)
    leads = leads_to_notify(tx, team, away=away)
    also = leads if given.timer.escalation_step >= EscalationStep.LEAD and not given.repeated else []
    if given.timer.target is TimerKind.EXPERT_ANSWER:
        asked = [] if given.repeated else present_or_deputies(tx.policy, _experts_asked(tx, given), away)
        return list(dict.fromkeys([*asked, *also])) or (leads if given.repeated else [])
    holder = given.ticket.assignee
    holders = present_or_deputies(tx.policy, [holder] if holder else [], away) or leads
    hears = place is not None and place.is_own_card and not given.repeated and holder not in away
    return list(dict.fromkeys([*([] if hears else holders), *also]))


def _destination(tx: Transaction, ticket: Ticket) -> str:
    """The channel of those who hold it; empty where they have none."""
    return next(iter(outbox.ticket_channels(tx, ticket)[-1:]), "")
