"""Where an alert stands in its channel, and who else hears of it: each in their own hours, and where they want to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.alerts import HearBy, Rung, reachable_at
from rules.model.timers import BREACH, Clock, ClockKind
from services.notifications.recipients import away_among, called, leads_called
from storage.alerts import cards_this_hour, gather, newest_storm, standing_alerts
from storage.escalations.approvals import asked_by_name
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.preferences import hear_by
from storage.presence.presence import leaves_of
from storage.presence.shifts import own_shifts
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction

SAME_STORM = timedelta(seconds=20)  # what one sweep finds in several transactions is one storm
STORM = "storm:%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Given:
    """An alert that is given now, and the team that should act. `asked` is the question its experts have not answered;
    `again` that it was given before: a snooze is over, or nobody has acted."""

    ticket: Ticket
    clock: Clock
    team: str
    asked: Escalation | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is told in a channel. `calls` when that was posted now: only a new post pings whom it names."""

    lane: str
    kind: Kind
    subject: str
    calls: bool = False

    @property
    def is_own_card(self) -> bool:
        """Whether a new card speaks of this ticket alone: then whoever has it is called already."""
        return self.calls and self.kind is Kind.ALERT


def tell(tx: Transaction, given: Sequence[Given]) -> None:
    """Shows each alert in its channel, then tells those whom that does not call."""
    if not given:
        return
    _question_redrawn(tx, given)
    places = _shown(tx, given)
    away = away_among(tx, _everybody(tx, given))
    theirs: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        for person in _concerned(tx, one, places.get(one.ticket.number), away):
            theirs[person].append(one)
    wanted = hear_by(tx, list(theirs))
    for person, alarms in theirs.items():
        _call(tx, person, alarms, places, how=wanted[person])


def _question_redrawn(tx: Transaction, given: Sequence[Given]) -> None:
    """The experts' question stands on a card of its own, which says how near its time is."""
    for one in given:
        if one.clock.target is ClockKind.EXPERT_ANSWER:
            outbox.refresh(tx, one.ticket)


def _shown(tx: Transaction, given: Sequence[Given]) -> dict[int, Place]:
    """Where each ticket is told of: a card that stands is edited, new ones are posted, many at once are gathered."""
    ours = [one for one in given if one.clock.target is not ClockKind.EXPERT_ANSWER]
    if not ours:
        return {}
    standing = standing_alerts(tx, [one.ticket.number for one in ours])
    places: dict[int, Place] = {}
    fresh: dict[str, list[int]] = defaultdict(list)
    for one in ours:
        lane, number = _lane(tx, one.ticket), one.ticket.number
        if one.clock.level == BREACH:
            outbox.refresh(tx, one.ticket)
        if (number, lane) in standing:
            places[number] = _edited(tx, number, lane, gathered_on=standing[number, lane])
        elif lane and number not in fresh[lane]:
            fresh[lane].append(number)
    for lane, numbers in fresh.items():
        places |= _posted(tx, lane, numbers)
    return places


def _edited(tx: Transaction, number: int, lane: str, *, gathered_on: str) -> Place:
    if gathered_on:
        outbox.queue(tx, Kind.STORM, lane=lane, subject=gathered_on)
        return Place(lane, Kind.STORM, gathered_on)
    outbox.queue(tx, Kind.ALERT, lane=lane, number=number, subject=str(number))
    return Place(lane, Kind.ALERT, str(number))


def _posted(tx: Transaction, lane: str, numbers: Sequence[int]) -> dict[int, Place]:
    """A card each; one message for all of them where they are many, or where the channel had enough this hour."""
    alerting = tx.policy.alerting
    team = next((team for team in tx.policy.teams.values() if team.channel == lane), None)
    most, few = (team.alerts_per_hour if team else None) or alerting.per_hour, len(numbers) <= alerting.at_once
    storm = newest_storm(tx, lane=lane, since=f"{tx.now - SAME_STORM:{STORM}}")
    if few and not storm and cards_this_hour(tx, lane, more=len(numbers), most=most):
        for number in numbers:
            outbox.queue(tx, Kind.ALERT, lane=lane, number=number, subject=str(number))
        return {number: Place(lane, Kind.ALERT, str(number), calls=True) for number in numbers}
    hour = tx.now.replace(minute=0, second=0)
    if few and not storm:
        storm = newest_storm(tx, lane=lane, since=f"{hour:{STORM}}")
    subject = storm or f"{tx.now:{STORM}}"
    gather(tx, numbers, lane=lane, subject=subject)
    outbox.queue(tx, Kind.STORM, lane=lane, subject=subject)
    return {number: Place(lane, Kind.STORM, subject, calls=not storm) for number in numbers}


def _call(tx: Transaction, person: str, alarms: Sequence[Given], places: Mapping[int, Place], *, how: HearBy) -> None:
    """One direct message for all of it; or a line below each post that stands already, for who wants that."""
    below: dict[Place, list[dict[str, object]]] = defaultdict(list)
    leaves = leaves_of(tx, [person], at=tx.now)[person]
    own = own_shifts(tx, [person], at=tx.now)[person]
    for one in alarms:
        place = _place(tx, one, places) if how is HearBy.CHANNEL else None
        item = {"number": one.ticket.number, "target": str(one.clock.target)}
        if place is not None and person in tx.policy.team(one.team).people:
            below[place].append(item)
            continue
        at = reachable_at(tx.policy, person, one.team, tx.now, leaves, own=own)
        outbox.digest(tx, person, item=item, at=at)
    for place, items in below.items():
        if not place.calls or any(one.again for one in alarms):
            data = {"person": person, "items": items, "root": [str(place.kind), place.subject]}
            number = alarms[0].ticket.number if place.kind is not Kind.STORM else None
            outbox.queue(tx, Kind.NUDGE, lane=place.lane, number=number, subject=place.subject, data=data)


def _place(tx: Transaction, one: Given, places: Mapping[int, Place]) -> Place | None:
    """Where it stands; the experts' question has a card of its own."""
    if one.clock.target is not ClockKind.EXPERT_ANSWER:
        return places.get(one.ticket.number)
    channel = tx.policy.team(one.team).channel
    if one.asked is None or not channel:
        return None
    return Place(channel, Kind.APPROVAL, f"{one.asked.number}.{one.asked.round}")


def _everybody(tx: Transaction, given: Sequence[Given]) -> list[str]:
    """Whoever might have to hear of any of it."""
    holders = [one.ticket.assignee for one in given if one.ticket.assignee]
    leads = [lead for key in {one.team for one in given} for lead in tx.policy.team(key).leads]
    asked = [who for one in given for who in _asked(tx, one)]
    return [*holders, *leads, *asked, *sorted(tx.policy.managers)]


def _asked(tx: Transaction, given: Given) -> list[str]:
    """Those whose answer to the experts' question is waited for by name."""
    if given.clock.target is not ClockKind.EXPERT_ANSWER or given.asked is None or given.asked.approving is None:
        return []
    return asked_by_name(tx, given.asked)


def _concerned(tx: Transaction, given: Given, place: Place | None, away: Collection[str]) -> list[str]:
    """Who hears of it besides the channel. Those below hear what is new; when nobody acted, only the step above.

    Of the experts' question those hear who are asked by name; where the first of them decides, their channel's card
    tells them all.
    """
    if given.clock.rung >= Rung.MANAGER:
        managers = sorted(tx.policy.managers)
        return called(tx.policy, managers, away) or managers
    team = tx.policy.team(given.team)
    leads = leads_called(tx, team, away=away)
    also = leads if given.clock.rung >= Rung.LEAD and not given.again else []
    if given.clock.target is ClockKind.EXPERT_ANSWER:
        asked = [] if given.again else called(tx.policy, _asked(tx, given), away)
        return list(dict.fromkeys([*asked, *also])) or (leads if given.again else [])
    holder = given.ticket.assignee
    holders = called(tx.policy, [holder] if holder else [], away) or leads
    hears = place is not None and place.is_own_card and not given.again and holder not in away
    return list(dict.fromkeys([*([] if hears else holders), *also]))


def _lane(tx: Transaction, ticket: Ticket) -> str:
    """The channel of those who hold it; empty where they have none."""
    return next(iter(outbox.channels_of(tx, ticket)[-1:]), "")
