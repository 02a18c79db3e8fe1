"""The outbox reaches Slack: through silence, refusals, lost answers and restarts, each thing once."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta

import pytest

from bot.runtime.delivery import Delivery
from rules.intake.requests import TicketRequest
from services.desk import Desk
from services.tickets import tickets
from storage.database import Database
from storage.outbox import deliveries, outbox
from storage.outbox.outbox import TIMELINE_ENTRY
from storage.transaction import Transaction
from tests.desks import POLICY, REGISTRY, HeldClock, Office

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def file(office: Office, request: TicketRequest = VPN) -> int:
    return await office.desk.execute(tickets.create_ticket, request)


def titles(office: Office, channel: str = "C0SUPPORT") -> list[str]:
    return [message["text"].split(":")[0] for message in office.app_messages(channel)]


async def test_a_filed_ticket_has_one_card_and_a_change_edits_it_in_place(office: Office) -> None:
    number = await file(office)
    await office.settled()
    before = office.card("C0SUPPORT", "VPN is down")["ts"]

    await office.desk.execute(tickets.take, number, by="U0AGENT1")
    await office.settled()

    card = office.card("C0SUPPORT", "VPN is down")
    assert card["ts"] == before
    assert "In progress · Assignee <@U0AGENT1>" in str(card["blocks"])


async def test_refreshes_that_wait_together_become_one_edit(office: Office) -> None:
    number = await file(office)
    await office.settled()
    for deed in (tickets.take, tickets.wait_for_customer, tickets.take):
        await quietly(office, office.desk.execute(deed, number, by="U0AGENT1"))

    waiting = await office.desk.read(deliveries.due_messages, at=office.clock.now)

    assert [row.kind for row in waiting].count("card") == 1


async def test_a_clock_that_is_set_back_does_not_hold_up_what_waits_to_be_tried_again(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", ratelimited=30)
    await file(office)
    await office.settled()
    office.clock.now -= timedelta(hours=1)

    office.clock.forward(seconds=31)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_a_claim_from_before_the_clock_was_set_back_holds_up_nobody(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.create_ticket, VPN)
    (row,) = await desk.read(deliveries.due_messages, at=clock.now)
    await desk.execute(deliveries.claim_message, row.id, destination=row.lane)

    clock.now -= timedelta(hours=1)

    assert await desk.read(deliveries.destinations_due, at=clock.now) == [row.lane]
    assert await desk.execute(deliveries.claim_message, row.id, destination=row.lane) == 2


async def test_one_silenced_channel_does_not_hold_up_another(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", ratelimited=30)
    await file(office)
    await office.settled()

    await office.desk.execute(tells, "U0LEAD1", "Look at this.")
    await office.settled()

    lena = office.person("U0LEAD1")
    assert [one["text"] for one in lena.visible_messages(lena.dm_channel("U0BATON"))] == ["Look at this."]


async def test_an_answer_that_got_lost_does_not_post_the_card_twice(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", drop_after=True)
    await file(office)
    await office.settled()

    office.clock.forward(minutes=2)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_a_card_whose_answer_got_lost_and_that_changes_meanwhile_is_one_card_that_shows_the_change(
    office: Office,
) -> None:
    office.emulator.faults.fail_next("chat.postMessage", drop_after=True)
    number = await file(office)
    await office.settled()
    await office.desk.execute(tickets.take, number, by="U0AGENT1")
    await office.settled()

    office.clock.forward(minutes=2)
    await office.settled()

    assert "In progress · Assignee <@U0AGENT1>" in str(office.card("C0SUPPORT", "VPN is down")["blocks"])


async def test_a_reply_whose_answer_got_lost_and_that_another_overtook_is_read_once(office: Office) -> None:
    number = await file(office)
    await office.settled()
    office.emulator.faults.fail_next("chat.postMessage", drop_after=True)
    await office.desk.execute(tickets.reply, number, by="U0AGENT1", text="We look at it.")
    await office.settled()
    await office.desk.execute(tickets.reply, number, by="U0AGENT1", text="It works again.")
    await office.settled()

    office.clock.forward(minutes=2)
    await office.settled()

    cleo = office.person("U0CLIENT1")
    read = [
        one
        for channel in office.emulator.workspace.channels_visible_to(cleo.id)
        if channel.is_im
        for one in channel.messages.values()
        if "We look at it." in one["text"]
    ]
    assert len(read) == 1


async def test_a_server_error_is_tried_again(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", status=503)
    await file(office)
    await office.settled()

    office.clock.forward(minutes=2)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_an_archived_channel_sends_the_card_to_the_lead_who_reads_why(office: Office) -> None:
    office.emulator.faults.refuse_posts("C0SUPPORT", "is_archived")
    await file(office)
    await office.settled()

    lena = office.person("U0LEAD1")
    told = [one["text"] for one in lena.visible_messages(lena.dm_channel("U0BATON"))]
    assert any(text.startswith("Ticket #1: VPN is down") for text in told)
    assert any("I can't post in <#C0SUPPORT>" in text and "Unarchive it" in text for text in told)
    assert [refusal.error for refusal in office.emulator.refusals] == ["is_archived"]
    office.emulator.refusals.clear()


async def test_a_claim_left_by_a_killed_process_is_taken_up_after_its_lease(office: Office) -> None:
    await quietly(office, file(office))
    row = (await office.desk.read(deliveries.due_messages, at=office.clock.now))[0]
    await office.desk.execute(deliveries.claim_message, row.id, destination=row.lane)
    await office.settled()
    assert titles(office) == []

    office.clock.forward(seconds=deliveries.CLAIM_LEASE.total_seconds() + 1)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_two_workers_never_claim_the_same_row(office: Office) -> None:
    await quietly(office, file(office))
    row = (await office.desk.read(deliveries.due_messages, at=office.clock.now))[0]

    claims = [await office.desk.execute(deliveries.claim_message, row.id, destination=row.lane) for _ in range(3)]

    assert claims == [1, 0, 0]


async def test_while_another_worker_speaks_in_a_channel_nobody_else_does(office: Office) -> None:
    await quietly(office, file(office))
    row = (await office.desk.read(deliveries.due_messages, at=office.clock.now))[0]
    await office.desk.execute(deliveries.claim_message, row.id, destination=row.lane)
    await office.desk.execute(tickets.take, 1, by="U0AGENT1")
    await office.settled()
    assert titles(office) == []

    office.clock.forward(seconds=deliveries.CLAIM_LEASE.total_seconds() + 1)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_two_processes_post_each_card_once(office: Office) -> None:
    database = Database(office.settings.database_url)
    database.start()
    other = Delivery(
        Desk(database, workspace="T0LOCAL", policy=POLICY, clock=office.clock), office.baton.slack, REGISTRY, pace=0
    )
    for _ in range(5):
        number = await file(office)
        await office.desk.execute(tickets.take, number, by="U0AGENT1")
        await asyncio.gather(office.baton.delivery.wait_until_idle(), other.wait_until_idle())
    await database.stop()

    assert sorted(titles(office)) == [f"Ticket #{number}" for number in range(1, 6)]


async def test_old_rows_are_forgotten_and_waiting_ones_are_not(office: Office) -> None:
    await file(office)
    await office.settled()
    await quietly(office, file(office, VPN))
    office.clock.forward(days=8)

    forgotten = await office.desk.execute(forget_a_week, office.clock.now)

    assert forgotten >= 1
    assert len(await office.desk.read(deliveries.due_messages, at=office.clock.now)) == 1


async def quietly(office: Office, doing: Awaitable[object]) -> None:
    """Does it without waking delivery, so that its row stays where it is."""
    wake, office.desk.wake_delivery = office.desk.wake_delivery, lambda lanes: None
    await doing
    office.desk.wake_delivery = wake


def tells(tx: Transaction, person: str, words: str) -> None:
    outbox.notify_person(tx, person, number=None, text=words)


def forget_a_week(tx: Transaction, now: datetime) -> int:
    return deliveries.delete_delivered_before(tx, now - timedelta(days=7), limit=10)


async def test_a_card_that_cannot_be_drawn_is_given_up_and_its_channel_goes_on(office: Office) -> None:
    def beyond_words(tx: Transaction) -> None:
        outbox.queue_message(tx, TIMELINE_ENTRY, destination="C0SUPPORT", number=1, subject="1.1", data={})

    await file(office)
    await quietly(office, office.desk.execute(beyond_words))
    await file(office)
    for _ in range(4):
        await office.settled()
        office.clock.forward(seconds=10)

    assert titles(office) == ["Ticket #1", "Ticket #2"]
    _, failed = await office.desk.read(deliveries.waiting_and_failed, since=office.clock.now - timedelta(hours=1))
    assert [(row.kind, row.error) for row in failed] == [("story", "KeyError: 'seq'")]


async def test_a_message_of_another_version_is_given_up_and_its_channel_goes_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def of_another_version(tx: Transaction) -> None:
        outbox.queue_message(tx, outbox.MessageKind("survey"), destination="C0SUPPORT", subject="1")

    await quietly(office, office.desk.execute(of_another_version))
    await file(office)
    await office.settled()

    assert titles(office) == ["Ticket #1"]
    _, failed = await office.desk.read(deliveries.waiting_and_failed, since=office.clock.now - timedelta(hours=1))
    assert [(row.kind, row.error) for row in failed] == [("survey", "unknown kind of message")]
    assert "No renderer for the kind survey" in caplog.text
