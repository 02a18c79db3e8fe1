"""A desk full of the longest texts: whatever Baton posts, of every kind, is short enough for Slack."""

from collections.abc import Sequence
from copy import deepcopy

from bot.emulator.limits.surfaces import MAX_MESSAGE_CHARS, check_payload, message_chars
from rules.intake.requests import TicketRequest
from rules.model.timers import TimerKind
from services import intake, summaries
from services.alerts.delivery import ALERT_MENTION
from services.alerts.sweep import send_all_alerts
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.escalations.peer_review import PEER_REVIEW_CARD
from services.forecasts import runs
from services.forecasts.forecasts import RISK_CARD
from services.notifications.late_notices import merge_late_notices
from services.presence import board
from services.reassignment import bulk
from services.sla import extensions
from services.tickets import tickets
from storage.alerts import ALERT_CARD
from storage.outbox import outbox
from storage.schema.tickets import OutboxMessage
from storage.transaction import Reader, Transaction, all_where
from tests.desks import OFFICE, REGISTRY, HeldClock, opened_desk

ANA, BEN, LENA, CLEO = "U0AGENT1", "U0AGENT2", "U0LEAD1", "U0CLIENT1"
LONG = "&<long> " * 375
TICKETS = 45
DESK = deepcopy(OFFICE)
DESK["teams"]["support"] |= {"presence_board": True, "name": LONG[:75]}


async def test_every_kind_of_message_is_short_enough(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=DESK) as desk:
        await fill(desk)
        await let_everything_be_late(desk, clock)

        sizes: dict[str, int] = {}
        for row in await desk.read(all_rows):
            rendered = await desk.read(REGISTRY.render_message, desk.policy, clock.now, row)
            if rendered is not None:
                said = {"text": rendered.message.text, "blocks": rendered.message.blocks}
                assert check_payload("message", said) == []
                sizes[row.kind] = max(sizes.get(row.kind, 0), message_chars(said["blocks"]))

        assert set(sizes) == set(REGISTRY.message_kinds)
        assert max(sizes.values()) <= MAX_MESSAGE_CHARS


async def fill(desk: Desk) -> None:
    for number in range(TICKETS):
        title = f"{number} {LONG}"[:150]
        asked = TicketRequest(title=title, description=LONG, requester=CLEO, registered_by=ANA, type="network")
        await desk.execute(tickets.create_ticket, asked)
    await desk.execute(intake.send_confirmation, 1, to=CLEO)
    for number in range(1, 31):
        await desk.execute(tickets.take, number, by=ANA)
    await desk.execute(tickets.reply, 1, by=ANA, text=LONG)
    await desk.execute(tickets.add_note, 1, by=ANA, text=LONG)
    await desk.execute(escalations.escalate, 2, by=ANA, team="network", why=LONG, tried=LONG)
    await desk.execute(assignments.assign_ticket, 40, to=BEN, by=LENA, reason=LONG)
    await desk.execute(extensions.extend_timer, 3, by=ANA, target=TimerKind.RESOLUTION, more="9d", reason=LONG)
    asked_for = bulk.ReassignmentRequest(giver=ANA, receivers=(BEN,), by=LENA)
    preview = await desk.read(bulk.preview_reassignment, desk.policy, asked_for, at=desk.clock(), now=desk.clock())
    await desk.execute(bulk.reassign_tickets, preview)
    for _ in range(30):
        await desk.execute(outbox.notify_person, LENA, text=LONG, quote=LONG, number=1)


async def let_everything_be_late(desk: Desk, clock: HeldClock) -> None:
    clock.forward(minutes=5)
    await desk.execute(merge_late_notices, LENA)
    for hours in (2, 24, 24, 24):
        clock.forward(hours=hours)
        await send_all_alerts(desk)
        await desk.execute(board.update_board, desk.policy.team("support"))
    clock.forward(hours=3)
    await runs.run_forecasts(desk)
    await desk.execute(queue_the_rest)
    clock.forward(hours=7)
    await desk.execute(summaries.send_summaries)


def queue_the_rest(tx: Transaction) -> None:
    """What here comes only by way of another configuration or another hour."""
    items = [{"number": number, "target": "resolution"} for number in range(4, TICKETS)]
    mention = {"items": items, "root": [ALERT_CARD, "4"], "person": BEN}
    outbox.queue_message(tx, ALERT_MENTION, destination="C0SUPPORT", number=4, subject="4", data=mention)
    outbox.queue_message(tx, PEER_REVIEW_CARD, destination=BEN, number=2, subject="2.1")
    outbox.queue_message(tx, RISK_CARD, destination=LENA, subject="support:2026-10-09")


def all_rows(reader: Reader) -> Sequence[OutboxMessage]:
    return all_where(reader, OutboxMessage, order_by=OutboxMessage.id)
