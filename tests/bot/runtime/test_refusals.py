"""What Slack refuses: because of us everything waits, because of one place or message that one is given up."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.emulator.state.workspace import Change
from bot.runtime import delivery
from bot.runtime.slack_access import CHECK_SECONDS
from handlers.outbox import RenderContext, RenderedMessage
from handlers.slack.blocks import Message, section
from rules.intake.requests import TicketRequest
from services import desk as desks
from services.alerts.sweep import send_all_alerts
from services.tickets import tickets
from storage.health import desk_health
from storage.outbox import deliveries, outbox
from storage.outbox.outbox import MessageKind
from storage.schema.tickets import OutboxMessage
from storage.transaction import Transaction
from tests.desks import HeldClock, Office, opened_office


async def file(office: Office, title: str = "VPN is down") -> int:
    request = TicketRequest(title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
    return await office.desk.execute(tickets.create_ticket, request)


def titles(office: Office, channel: str = "C0SUPPORT") -> list[str]:
    return [message["text"].split(":")[0] for message in office.app_messages(channel)]


def reasons(office: Office) -> dict[str, str]:
    return {reason.source: str(reason.sentence) for reason in office.desk.health.reasons}


def tell(tx: Transaction, person: str, words: str) -> None:
    outbox.notify_person(tx, person, text=words)


def calls(office: Office, method: str, **arguments: str) -> int:
    """How often the app called this method with these arguments."""
    entries = [one for one in office.emulator.traffic.entries_after(0) if one["name"] == method]
    return sum(all(one["body"].get(name) == value for name, value in arguments.items()) for one in entries)


async def failures(office: Office) -> list[tuple[str, str, str | None]]:
    since = office.clock.now - timedelta(days=1)
    _, failed = await office.desk.read(deliveries.waiting_and_failed, since=since)
    return [(row.kind, row.lane, row.error) for row in failed]


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "invalid_auth", "not_authed"])
async def test_while_slack_refuses_our_token_all_cards_wait_and_come_when_it_is_well(
    office: Office, error: str
) -> None:
    office.emulator.faults.refuse_app(error)
    for title in ("VPN is down", "Screen is dark", "Mouse is gone"):
        await file(office, title)
    await office.settled()
    office.clock.forward(hours=5)
    await office.settled()
    assert titles(office) == []
    assert error in reasons(office)["slack"]

    office.emulator.faults.accept_app()
    office.clock.forward(seconds=60)
    await office.settled()

    assert titles(office) == ["Ticket #1", "Ticket #2", "Ticket #3"]
    assert "slack" not in reasons(office)
    assert await failures(office) == []


async def test_of_what_waited_for_a_person_one_message_comes_without_what_has_lost_its_point(office: Office) -> None:
    office.emulator.faults.refuse_app("token_revoked")
    first, second = await file(office), await file(office)
    for number in (first, second):
        await office.desk.execute(outbox.notify_person, "U0LEAD1", text=f"Look at #{number}.", number=number)
    await office.desk.execute(tell, "U0LEAD1", "The week's report is late.")
    await office.settled()
    office.clock.forward(hours=2)
    await office.desk.execute(tickets.resolve, first, by="U0AGENT1", solution="Plugged in.")
    office.emulator.faults.accept_app()
    office.clock.forward(minutes=2)
    await office.settled()

    lena = office.person("U0LEAD1")
    assert [one["text"] for one in lena.visible_messages(lena.dm_channel("U0BATON"))] == [
        "2 messages delayed by Slack: Look at #2. The week's report is late."
    ]


async def test_a_notice_whose_answer_got_lost_is_not_told_once_more_with_those_that_are_late(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", drop_after=True)
    for words in ("First.", "Second.", "Third."):
        await office.desk.execute(outbox.notify_person, "U0LEAD1", text=words)
    await office.settled()

    office.clock.forward(minutes=3)
    await office.settled()

    lena = office.person("U0LEAD1")
    told = [one["text"] for one in lena.visible_messages(lena.dm_channel("U0BATON"))]
    assert [words for words in told if "First." in words] == ["First."]
    assert sum("Second." in words for words in told) == 1


async def test_an_alert_of_a_ticket_that_was_resolved_meanwhile_is_not_posted_any_more(office: Office) -> None:
    number = await file(office)
    await office.settled()
    office.emulator.faults.refuse_app("token_revoked")
    office.clock.forward(minutes=25)  # the first reply is due in half an hour
    await send_all_alerts(office.desk)
    await office.settled()
    await office.desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Plugged in.")
    office.emulator.faults.accept_app()
    office.clock.forward(minutes=2)
    await office.settled()

    assert [one["text"] for one in office.app_messages("C0SUPPORT")] == [
        office.card("C0SUPPORT", "VPN is down")["text"]
    ]
    assert await failures(office) == []


async def test_slack_is_asked_again_by_and_by_and_not_with_every_message(office: Office) -> None:
    office.emulator.faults.refuse_app("token_revoked")
    await file(office)
    await office.settled()
    before = calls(office, "auth.test")

    for _ in range(5):
        await file(office)
        await office.settled()
    assert calls(office, "auth.test") == before
    office.clock.forward(seconds=CHECK_SECONDS[0])
    await office.settled()

    assert calls(office, "auth.test") == before + 1


async def test_without_the_scope_to_post_all_waits_and_health_names_it(office: Office) -> None:
    office.emulator.faults.revoke_scope("chat:write")
    await file(office)
    await office.settled()
    office.clock.forward(seconds=60)
    await office.settled()
    assert titles(office) == []
    assert "chat:write" in reasons(office)["slack"]

    office.emulator.faults.grant_scopes()
    office.clock.forward(seconds=60)
    await office.settled()
    office.emulator.refusals.clear()

    assert titles(office) == ["Ticket #1"]


async def test_without_the_scope_to_look_a_message_up_it_is_posted_and_health_names_it(office: Office) -> None:
    office.emulator.faults.revoke_scope("channels:history")
    office.emulator.faults.fail_next("chat.postMessage", status=503)
    await file(office)
    await office.settled()
    office.clock.forward(minutes=2)
    await office.settled()
    assert titles(office) == ["Ticket #1"]
    assert "scope channels:history" in reasons(office)

    office.emulator.faults.grant_scopes()
    office.clock.forward(minutes=2)
    await office.settled()
    office.emulator.refusals.clear()

    assert reasons(office) == {}


async def test_an_account_that_is_inactive_may_be_that_of_one_person_and_nobody_else_waits(office: Office) -> None:
    office.emulator.change_person("U0AGENT2", deleted=True)
    await office.desk.execute(tell, "U0AGENT2", "Look at this.")
    await office.settled()
    await file(office)
    await office.settled()
    office.emulator.refusals.clear()

    assert titles(office) == ["Ticket #1"]
    assert ("notice", "U0AGENT2", "account_inactive") in await failures(office)
    assert "slack" not in reasons(office)


async def test_whoever_replies_to_a_requester_who_has_left_reads_that_it_did_not_arrive(office: Office) -> None:
    office.emulator.change_person("U0CLIENT1", deleted=True)
    number = await file(office)
    await office.desk.execute(tickets.reply, number, by="U0AGENT1", text="We are on it.")
    await office.settled()
    office.emulator.refusals.clear()

    ana = office.person("U0AGENT1")
    card = office.card("C0SUPPORT", "VPN is down")
    thread = [one["text"] for one in ana.thread("C0SUPPORT", card["ts"])[1:]]
    assert "did not get your reply to #1" in ana.visible_messages(ana.dm_channel("U0BATON"))[-1]["text"]
    assert "did not reach <@U0CLIENT1>: they are not in Slack any more" in thread[-1]
    assert "First reply due" in str(card["blocks"])


async def test_what_slack_refuses_by_an_unknown_name_is_tried_three_times(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", error="new_in_2027", times=3)
    await file(office)
    for _ in range(3):
        await office.settled()
        office.clock.forward(minutes=1)

    assert ("card", "C0SUPPORT", "new_in_2027") in await failures(office)
    assert calls(office, "chat.postMessage", channel="C0SUPPORT") == 3


@pytest.mark.parametrize(
    "error", ["msg_blocks_too_long", "restricted_action_read_only_channel", "metadata_too_large", "no_permission"]
)
async def test_what_will_never_be_taken_is_given_up_at_once(office: Office, error: str) -> None:
    office.emulator.faults.fail_next("chat.postMessage", error=error)
    await file(office)
    await office.settled()

    assert ("card", "C0SUPPORT", error) in await failures(office)


@pytest.mark.parametrize("letter", ["x", "&", "ü"])
async def test_a_long_reply_arrives_whole_in_as_many_messages_as_it_needs(office: Office, letter: str) -> None:
    number, text = await file(office), f"First. {letter * 20_000} Last."
    await office.desk.execute(tickets.reply, number, by="U0AGENT1", text=text)
    await office.settled()

    cleo, ana = office.person("U0CLIENT1"), office.person("U0AGENT1")
    first = next(one for one in cleo.visible_messages(cleo.dm_channel("U0BATON")) if "replied" in one["text"])
    to_cleo = cleo.thread(cleo.dm_channel("U0BATON"), first["ts"])
    to_team = ana.thread("C0SUPPORT", office.card("C0SUPPORT", "VPN is down")["ts"])[1:]
    for said in (to_cleo, to_team):
        words = str([one["blocks"] for one in said]).replace("&amp;", "&")
        assert "First." in words
        assert "Last." in words
        assert words.count(letter) >= 20_000


async def test_a_message_of_any_kind_is_made_short_enough_for_slack(office: Office) -> None:
    kind, words = MessageKind("novel"), "<@U0LEAD1> wrote &amp; wrote\n" * 100

    def render_novel(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
        return RenderedMessage(Message(words, [section(words) for _ in range(45)]))

    office.baton.registry.message(kind)(render_novel)
    await office.desk.execute(lambda tx: outbox.queue_message(tx, kind, destination="C0SUPPORT", subject="1"))
    await office.settled()

    assert len(office.app_messages("C0SUPPORT")[0]["blocks"]) == 45
    assert await failures(office) == []


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [(30, 31), ("Mon, 05 Oct 2026 07:00:30 GMT", 600), ("nan", 600), (0, 600), (-5, 600), (None, 600), ("86400", 600)],
)
async def test_a_busy_slack_holds_the_card_which_comes_later_however_slack_says_how_long(
    office: Office, wait: str | int | None, seconds: int
) -> None:
    office.emulator.faults.fail_next("chat.postMessage", ratelimited=wait)
    await file(office)
    await office.settled()
    assert titles(office) == []

    office.clock.forward(seconds=seconds)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_a_message_that_was_refused_is_posted_again_without_being_looked_up(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", ratelimited=1)
    await file(office)
    await office.settled()
    office.clock.forward(seconds=2)
    await office.settled()

    assert titles(office) == ["Ticket #1"]
    assert calls(office, "conversations.history") == 0


async def test_a_message_that_is_tried_again_is_not_overtaken(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", status=503)
    await file(office)
    await office.settled()
    await file(office)
    await office.settled()
    office.clock.forward(minutes=1)
    await office.settled()

    assert titles(office) == ["Ticket #1", "Ticket #2"]


async def test_a_retry_comes_when_it_is_due_and_not_when_delivery_looks_next(office: Office) -> None:
    """The clock stands still here: what the running loop waits for is read from it."""
    office.emulator.faults.fail_next("chat.postMessage", status=503)
    await file(office)
    await office.settled()

    assert await office.baton.delivery.seconds_until_next() == 1


async def test_the_timeline_waits_as_long_as_its_card(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", status=503, times=6)
    number = await file(office)
    await office.desk.execute(tickets.add_note, number, by="U0AGENT1", text="Looks like the router.")
    for _ in range(20):
        await office.settled()
        office.clock.forward(seconds=9)
    await office.settled()

    assert titles(office) == ["Ticket #1"]
    card = office.card("C0SUPPORT", "VPN is down")
    assert [one["text"] for one in office.person("U0LEAD1").thread("C0SUPPORT", card["ts"])[1:]] == [
        "#1: <@U0AGENT1> wrote an *internal note* “Looks like the router.”"
    ]


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed", "message_not_found"])
async def test_a_card_that_slack_will_not_change_is_replaced_and_never_stands_twice(office: Office, error: str) -> None:
    number = await file(office)
    await office.settled()
    if error == "message_not_found":
        await office.baton.slack.chat_delete(channel="C0SUPPORT", ts=office.card("C0SUPPORT", "VPN is down")["ts"])
    office.emulator.faults.fail_next("chat.update", error=error)
    await office.desk.execute(tickets.take, number, by="U0AGENT1")
    await office.settled()

    assert "In progress" in str(office.card("C0SUPPORT", "VPN is down")["blocks"])


async def test_a_card_that_can_neither_be_changed_nor_deleted_stays_alone(office: Office) -> None:
    number = await file(office)
    await office.settled()
    office.emulator.faults.fail_next("chat.update", error="edit_window_closed")
    office.emulator.faults.fail_next("chat.delete", error="cant_delete_message")
    await office.desk.execute(tickets.take, number, by="U0AGENT1")
    await office.settled()

    assert titles(office) == ["Ticket #1"]
    assert ("card", "C0SUPPORT", "cant_delete_message") in await failures(office)


async def test_a_card_that_took_the_place_of_another_is_not_posted_twice_when_the_answer_is_lost(
    office: Office,
) -> None:
    number = await file(office)
    await office.settled()
    office.emulator.faults.fail_next("chat.update", error="edit_window_closed")
    office.emulator.faults.fail_next("chat.postMessage", drop_after=True)
    await office.desk.execute(tickets.take, number, by="U0AGENT1")
    await office.settled()
    office.clock.forward(minutes=1)
    await office.settled()

    assert "In progress" in str(office.card("C0SUPPORT", "VPN is down")["blocks"])
    assert [refusal.error for refusal in office.emulator.refusals] == ["message_not_found"]
    office.emulator.refusals.clear()


async def test_a_message_is_found_again_however_much_was_written_since(office: Office) -> None:
    office.emulator.faults.fail_next("chat.postMessage", drop_after=True)
    await file(office)
    await office.settled()
    for number in range(210):
        office.person("U0AGENT1").post_typed("C0SUPPORT", f"Good morning, {number}")
    office.clock.forward(minutes=1)
    await office.settled()

    assert titles(office) == ["Ticket #1"]


async def test_eleven_destinations_that_hang_hold_up_no_other(office: Office) -> None:
    silent = [office.emulator.add_person(id=f"U0SILENT{number}").id for number in range(delivery.MAX_SENDING + 3)]
    office.emulator.faults.fall_silent(*silent)
    for person in silent:
        await office.desk.execute(tell, person, "Look at this.")
    await office.emulator.wait_until(lambda: office.emulator.unanswered >= delivery.MAX_SENDING)

    await file(office)
    await office.emulator.wait_until(lambda: titles(office) == ["Ticket #1"])

    waiting = await office.desk.read(desk_health, since=office.clock.now)
    assert waiting.postponed == []  # none of the eleven has been tried again meanwhile
    office.emulator.faults.answer_again()


async def test_a_hundred_destinations_that_hang_keep_no_form_from_opening(sqlite_url: str, clock: HeldClock) -> None:
    async with opened_office(sqlite_url, clock) as office:
        silent = [office.emulator.add_person(id=f"U0SILENT{number}").id for number in range(101)]
        office.emulator.faults.fall_silent(*silent)
        for person in silent:
            await office.desk.execute(tell, person, "Look at this.")
        await office.emulator.wait_until(lambda: office.emulator.unanswered >= 100)

        outcome = await office.person("U0AGENT1").command("C0SUPPORT", "/ticket")

        assert outcome.view is not None
        office.emulator.faults.answer_again()


async def test_a_confirmation_that_its_thread_does_not_take_comes_by_direct_message(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")
    office.emulator.faults.refuse_posts("C0GENERAL", "restricted_action_thread_locked")
    await office.person("U0AGENT1").say("C0GENERAL", "@baton", thread=asked["ts"])
    await office.settled()
    office.emulator.refusals.clear()

    assert "#1" in cleo.visible_messages(cleo.dm_channel("U0BATON"))[-1]["text"]


async def test_what_cannot_be_read_just_now_is_not_called_undrawable(office: Office) -> None:
    """Its table comes only later, as during an upgrade."""
    kind = MessageKind("survey")

    def render_survey(context: RenderContext, row: OutboxMessage) -> RenderedMessage:
        words = context.reader.session.execute(text("SELECT words FROM surveys")).scalar_one()
        return RenderedMessage(Message(words, [section(words)]))

    office.baton.registry.message(kind)(render_survey)
    await office.desk.execute(lambda tx: outbox.queue_message(tx, kind, destination="C0SUPPORT", subject="1"))
    for _ in range(5):
        await office.settled()
        office.clock.forward(seconds=2)
    await office.desk.execute(lambda tx: tx.execute(text("CREATE TABLE surveys AS SELECT 'How was it?' AS words")))
    await office.settled()

    assert titles(office) == ["How was it?"]
    assert await failures(office) == []


async def test_a_post_whose_result_cannot_be_saved_is_saved_as_soon_as_the_database_answers(
    sqlite_url: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "WRITE_TIMEOUT_SECONDS", 0.1)
    other = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None, check_same_thread=False)

    def lock(change: Change) -> None:
        if not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")

    async with opened_office(sqlite_url, clock) as office:
        office.emulator.workspace.listeners.append(lock)
        await file(office)
        await office.emulator.wait_until(lambda: titles(office) == ["Ticket #1"])
        office.emulator.workspace.listeners.remove(lock)
        other.execute("ROLLBACK")
        await office.settled()

        assert await office.desk.read(deliveries.waiting_count) == 0
        assert titles(office) == ["Ticket #1"]
    other.close()
