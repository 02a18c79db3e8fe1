"""What the outbox says of time that runs out: alerts, storms, digests, more time, and what lies ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.alerts.cards import alerts as alert_cards
from handlers.alerts.cards import digests as digest_cards
from handlers.charts.charts import ROWS
from handlers.forecasts import cards as forecast_cards
from handlers.outbox.messages import Draft, Scene
from handlers.sla.cards import extensions as extension_cards
from rules.alerts import told
from rules.forecasts.forecasts import Outlook
from rules.forecasts.what_if import Lever
from storage import forecasts
from storage.alerts import gathered_on, standing
from storage.outbox import message_references
from storage.presence.presence import absent
from storage.schema.tickets import Outgoing, Ticket
from storage.sla import extensions, timers
from storage.tickets import tickets


def alert(scene: Scene, row: Outgoing) -> Draft | None:
    ticket = tickets.find(scene.reader, row.number or 0)
    if ticket is None:
        return None
    ticking = timers.of(scene.reader, ticket.number)
    stands = replace(standing(scene.reader, ticket, at=scene.now), away=_is_away(scene, ticket))
    return Draft(alert_cards.card(ticket, ticking, stands, scene.policy, scene.now))


def _is_away(scene: Scene, ticket: Ticket) -> bool:
    holder = [ticket.assignee] if ticket.assignee else []
    found = absent(scene.reader, holder, policy=scene.policy, team=ticket.team, at=scene.now)
    return bool(found)


def storm(scene: Scene, row: Outgoing) -> Draft:
    """The tickets that alarm together in a channel, as they are now."""
    lane = row.data.get("lane", row.lane)  # where it could not be posted, the lead reads it instead
    found = gathered_on(scene.reader, lane=lane, subject=row.subject)
    return Draft(digest_cards.to_channel(_alarms(scene, found), scene.policy, scene.now))


def digest(scene: Scene, row: Outgoing) -> Draft | None:
    """What still alarms of all that was kept for this person; read anew, since more may have come meanwhile."""
    kept = scene.reader.session.get(Outgoing, (scene.reader.workspace, row.id), populate_existing=True) or row
    said = digest_cards.to_person(_wanted(scene, kept.data["items"]), row.lane, scene.policy, scene.now)
    return None if said is None else Draft(said)


def nudge(scene: Scene, row: Outgoing) -> Draft | None:
    """A line below the alert, the message or the question that stands already, for what still alarms of it."""
    alarms = _wanted(scene, row.data["items"])
    if not alarms:
        return None
    kind, subject = row.data["root"]
    root = message_references.card(scene.reader, kind=kind, subject=subject, lane=row.lane)
    return Draft(digest_cards.nudge(alarms, row.data["person"], scene.policy, scene.now), thread=root, rooted=True)


def _wanted(scene: Scene, items: Sequence[Mapping[str, Any]]) -> list[digest_cards.Alarm]:
    """What still alarms of these clocks."""
    wanted = {(item["number"], item["target"]) for item in items}
    found = tickets.some(scene.reader, sorted({number for number, _ in wanted}))
    return [one for one in _alarms(scene, found, each=True) if (one.ticket.number, str(one.clock.target)) in wanted]


def _alarms(scene: Scene, found: Sequence[Ticket], *, each: bool = False) -> list[digest_cards.Alarm]:
    """Each ticket's most urgent clock that alarms, or `each` of them, the most urgent first."""
    ticking = timers.of_many(scene.reader, [ticket.number for ticket in found])
    alarms = []
    for ticket in found:
        alarming = sorted((one for one in ticking[ticket.number].values() if told(one)), key=lambda one: one.due_at)
        alarms += [digest_cards.Alarm(ticket, clock) for clock in (alarming if each else alarming[:1])]
    return sorted(alarms, key=lambda one: (one.clock.due_at, one.ticket.number))


def extension(scene: Scene, row: Outgoing) -> Draft | None:
    number, _, round_ = row.subject.partition(".")
    asked = extensions.get(scene.reader, int(number), int(round_))
    ticket = tickets.find(scene.reader, int(number))
    if asked is None or ticket is None:
        return None
    ticking = timers.of(scene.reader, ticket.number)
    return Draft(extension_cards.card(asked, ticket, ticking, scene.policy))


def risk(scene: Scene, row: Outgoing) -> Draft | None:
    """The lead's card: the team's newest outlook, and what would help."""
    team = row.subject.rpartition(":")[0]
    look = forecasts.look_of(scene.reader, team)
    if look is None:
        return None
    outlook = Outlook.read(look.outlook)
    worst = tickets.some(scene.reader, [one.number for one in forecast_cards.worst(outlook, ROWS)])
    pulled = forecasts.pulled(scene.reader, team, since=scene.now - timedelta(days=1))
    levers = tuple(Lever.read(plain) for plain in look.levers)
    known = {ticket.number: ticket for ticket in worst}
    view = forecast_cards.View(team, scene.policy, look.at, outlook, levers, known, tuple(pulled))
    return Draft(forecast_cards.risk(view), picture=forecast_cards.picture(view))
