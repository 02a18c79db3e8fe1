"""Desk.do and Desk.once: one transaction, one moment, and repeats that change nothing."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection

from rules.errors import Refused
from rules.intake.requests import TicketRequest
from rules.presence.presence import PresenceAction
from rules.text import Text
from services import desk as desks
from services.desk import Desk, one_answer
from services.presence import presence
from services.tickets import tickets
from storage.connections.outages import NotSaved
from storage.idempotency import save_answer
from storage.outbox.deliveries import due_messages
from storage.tickets.tickets import find_ticket, open_numbers
from storage.transaction import Transaction
from storage.workspaces import enrol_workspace
from tests.databases import TEMPLATE, fresh
from tests.desks import HeldClock, opened_desk
from tests.patience import PATIENCE_SECONDS

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def test_the_same_key_twice_is_one_ticket_and_one_answer(desk: Desk) -> None:
    first = await desk.execute_once("command:1", tickets.create_ticket, VPN)
    again = await desk.execute_once("command:1", tickets.create_ticket, VPN)

    assert first == again == 1
    assert await desk.read(find_ticket, 2) is None


async def test_one_key_for_two_operations_answers_each_with_its_own(desk: Desk) -> None:
    async def take_a_break() -> Text:
        return await desk.execute_once("command:1", presence.set_presence, by="U0AGENT1", what=PresenceAction.BREAK)

    status = await take_a_break()
    number = await desk.execute_once("command:1", tickets.create_ticket, VPN)

    assert number == 1
    assert await take_a_break() == status


async def test_what_an_older_version_was_asked_is_not_done_again(desk: Desk) -> None:
    await desk.execute(save_answer, "command:1", 7)

    assert await desk.execute_once("command:1", tickets.create_ticket, VPN) == 7


async def test_the_same_key_at_the_same_moment_is_one_ticket(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.execute_once("command:1", tickets.create_ticket, VPN) for _ in range(10)))

    assert answers == [1] * 10


async def test_of_two_processes_that_both_saw_a_new_key_one_files_and_the_other_answers_the_same(
    postgresql_desk: str, clock: HeldClock
) -> None:
    both_have_looked, met = threading.Barrier(2, timeout=10), set[int]()

    def file_late(tx: Transaction) -> int:
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            both_have_looked.wait()
        return tickets.create_ticket(tx, VPN)

    with fresh(postgresql_desk, template=TEMPLATE) as url:
        async with opened_desk(url, clock) as one, opened_desk(url, clock) as two:
            answers = await asyncio.gather(
                one.execute_once("command:1", file_late), two.execute_once("command:1", file_late)
            )
            filed = await one.read(open_numbers)

    assert list(answers) == [1, 1]
    assert filed == [1]


async def test_a_deed_that_is_refused_leaves_its_key_unused(desk: Desk) -> None:
    def refuses(tx: Transaction) -> int:
        tickets.create_ticket(tx, VPN)
        raise Refused("Not today.")

    with pytest.raises(Refused, match="Not today"):
        await desk.execute_once("command:1", refuses)

    assert await desk.read(find_ticket, 1) is None
    assert await desk.execute_once("command:1", tickets.create_ticket, VPN) == 1


async def test_everything_in_a_deed_happens_at_one_moment(desk: Desk, clock: HeldClock) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)

    ticket = await desk.read(find_ticket, number)
    assert ticket is not None
    assert ticket.created_at == clock.now


async def test_delivery_is_woken_after_the_commit_and_only_when_there_is_something_to_say(desk: Desk) -> None:
    woken: list[set[str]] = []
    desk.wake_delivery = lambda lanes: woken.append(set(lanes))
    await desk.execute(lambda tx: None)
    await desk.execute(tickets.create_ticket, VPN)

    assert woken == [{"C0SUPPORT"}]
    assert [row.kind for row in await desk.read(due_messages, at=desk.clock())] == ["card"]


async def test_two_desks_of_two_workspaces_share_a_database_and_nothing_else(desk: Desk) -> None:
    other = Desk(desk.database, workspace="T0OTHER", policy=desk.policy, clock=desk.clock)
    await other.execute(enrol_workspace)

    assert await desk.execute(tickets.create_ticket, VPN) == 1
    assert await other.execute(tickets.create_ticket, VPN) == 1


async def test_all_operations_of_one_request_share_its_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first one was given up the second does not wait at all; what goes on in the background has its time."""
    begun, let_go, filed = threading.Event(), threading.Event(), list[int]()

    def hold(connection: Connection) -> None:
        begun.set()
        let_go.wait(PATIENCE_SECONDS)

    async def file_later() -> None:
        filed.append(await desk.execute(tickets.create_ticket, VPN))

    holding = asyncio.create_task(desk.database.write(hold))
    await asyncio.to_thread(begun.wait)
    monkeypatch.setattr(desks, "WRITE_TIMEOUT_SECONDS", 0.05)
    with one_answer():
        monkeypatch.undo()
        with pytest.raises(NotSaved):
            await desk.execute(tickets.create_ticket, VPN)
        with pytest.raises(NotSaved):
            await desk.execute(tickets.create_ticket, VPN)
        desk.background_tasks.start(file_later(), notify=None)
    let_go.set()
    await holding
    await desk.background_tasks.wait_until_done()

    assert filed == [1]
