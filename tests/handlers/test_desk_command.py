"""`/desk` says who is who, who handles what, and how delivery is doing."""

from datetime import timedelta
from typing import Any

import pytest

from rules.intake.requests import TicketRequest
from services.desk import Desk
from services.tickets import tickets
from storage import jobs
from storage.outbox import deliveries, outbox
from storage.outbox.outbox import NOTICE
from storage.schema.tickets import OutboxMessage
from storage.transaction import Transaction
from tests.desks import Office


async def asked(office: Office, text: str, *, by: str) -> str:
    outcome = await office.person(by).command("C0GENERAL", "/desk", text)
    assert outcome.ok
    (answer,) = outcome.ephemerals
    return said(answer)


def said(answer: dict[str, Any]) -> str:
    return f"{answer['text']}{answer.get('blocks')}"


async def taken(desk: Desk, *, by: str) -> None:
    request = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
    await desk.execute(tickets.take, await desk.execute(tickets.create_ticket, request), by=by)


async def test_an_agent_reads_who_is_in_the_team_and_how_much_each_holds(office: Office) -> None:
    await taken(office.desk, by="U0AGENT2")

    answer = await asked(office, "", by="U0AGENT1")

    for fact in ("*Support* · first line · <#C0SUPPORT>", "<@U0LEAD1> (lead)  0 open", "<@U0AGENT2>  1 open"):
        assert fact in answer
    assert "*Network* ·" not in answer


@pytest.mark.parametrize(("typed", "meant"), [("skils @emil", "skill"), ("healt", "health")])
async def test_a_mistyped_word_is_answered_with_the_word_of_the_help(office: Office, typed: str, meant: str) -> None:
    assert f"Did you mean `/desk {meant}`?" in await asked(office, typed, by="U0AGENT1")


async def test_a_word_that_only_begins_like_the_synonym_of_help_is_no_help(office: Office) -> None:
    assert "Did you mean" not in await asked(office, "?x", by="U0AGENT1")


async def test_what_stands_below_the_first_word_belongs_to_it(office: Office) -> None:
    assert "Network tickets go to Support." in await asked(office, "who\nnetwork", by="U0AGENT1")


async def test_someone_without_a_team_reads_which_there_are_and_what_they_handle(office: Office) -> None:
    answer = await asked(office, "", by="U0CLIENT1")

    assert "*Support* (first line): Network, Other" in answer
    assert "*Network* (experts): Network" in answer


@pytest.mark.parametrize("name", ["network", "Network", "NETWORK"])
async def test_who_handles_a_type_is_answered_with_the_people(office: Office, name: str) -> None:
    answer = await asked(office, f"who {name}", by="U0CLIENT1")

    assert "Network tickets go to Support." in answer
    assert "Network are the experts." in answer
    assert "<@U0EXPERT1>" in answer
    assert "open" not in answer


async def test_who_of_a_team_is_that_team(office: Office) -> None:
    answer = await asked(office, "who support", by="U0CLIENT1")

    assert "Support is a team." in answer
    assert "<@U0EXPERT1>" not in answer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("who netwrk", "No team handles `netwrk`. Did you mean `/desk who network`? Types: `network`, `other`."),
        ("who", "Write `/desk who TYPE`."),
        ("helth", "Did you mean `/desk health`?"),
        ("other", "Did you mean `/desk who other`?"),
        ("<!here>", "`/desk` doesn't know `&lt;!here&gt;`."),
        ("help", "`/desk who network`  the team that handles it"),
    ],
)
async def test_other_words_are_answered_with_a_sentence(office: Office, text: str, words: str) -> None:
    assert words in await asked(office, text, by="U0AGENT1")


async def test_health_says_what_failed_why_and_what_to_do(office: Office) -> None:
    await office.desk.execute(lost, "C0GONE", "channel_not_found")
    await office.desk.execute(lost, "C0GONE", "channel_not_found")

    answer = await asked(office, "health", by="U0LEAD1")

    assert "2 messages to <#C0GONE>, last" in answer
    assert "`channel_not_found`: check `channel:` in desk.yml" in answer


async def test_health_says_what_waits_and_since_when(office: Office) -> None:
    await office.desk.execute(waiting)
    office.clock.forward(minutes=5)

    answer = await asked(office, "health", by="U0MANAGER1")

    assert "1 message, waiting for 5 min" in answer


async def test_health_says_how_many_background_tasks_failed_and_where_the_cause_is(office: Office) -> None:
    await office.desk.execute(ran, "alerts", "3 alerts", failed=False)
    await office.desk.execute(ran, "summaries", "DBError: no such table", failed=True)

    answer = await asked(office, "health", by="U0LEAD1")

    assert "⚠️ 1 task failed when it last ran. An admin finds the cause with `baton jobs`." in answer
    assert "Failed background tasks: 1." in answer
    assert "summaries" not in answer


async def test_health_says_what_is_wrong_with_the_process_and_what_was_started_again(office: Office) -> None:
    office.desk.health.report("slack", "Slack refuses us: <token_revoked>.")
    office.desk.health.restarts["delivery"] += 2

    answer = await asked(office, "health", by="U0LEAD1")

    assert "⚠️ Slack refuses us: &lt;token_revoked&gt;. Since <!date^" in answer
    assert "Background tasks failed and were restarted 2 times; the log says why." in answer


async def test_health_of_a_quiet_desk_is_not_blank(office: Office) -> None:
    answer = await asked(office, "health", by="U0LEAD1")

    assert "Waiting to be sent: 0. Not delivered: 0. Failed background tasks: 0." in answer
    assert "*This process*\\nRunning normally" in answer


async def test_an_agent_reads_who_may_see_the_health(office: Office) -> None:
    assert "leads, managers and admins can" in await asked(office, "health", by="U0AGENT1")


def waiting(tx: Transaction) -> None:
    outbox.queue_message(
        tx, NOTICE, destination="U0AGENT1", data={"words": "w", "quote": ""}, at=tx.now + timedelta(hours=1)
    )


def lost(tx: Transaction, lane: str, error: str) -> None:
    once = f"lost:{tx.now}:{lane}:{len(tx.execute(OutboxMessage.__table__.select()).all())}"
    outbox.queue_message(tx, NOTICE, destination=lane, data={"words": "w", "quote": ""}, dedupe_key=once)
    (row,) = tx.session.query(OutboxMessage).filter_by(once=once)
    deliveries.mark_failed(tx, row.id, error=error)


def ran(tx: Transaction, name: str, result: str, *, failed: bool) -> None:
    began = jobs.claim_run(tx, name, min_interval=timedelta(0))
    assert began
    jobs.finish_run(tx, name, started_at=began, ms=12, result=result, failed=failed)
