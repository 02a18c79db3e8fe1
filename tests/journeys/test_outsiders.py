"""A guest, an outsider or somebody of another company sees their own tickets and nothing else of the desk."""

from typing import Any

import pytest

from bot.emulator.events import payloads
from bot.emulator.people.participant import Outcome
from bot.emulator.types import Json
from rules.intake.requests import TicketRequest
from services.tickets import tickets
from storage.events import ticket_history
from storage.tickets.tickets import get_ticket
from tests.desks import Office
from tests.handlers import sent

ANA, BEN, CLEO, LENA = "U0AGENT1", "U0AGENT2", "U0CLIENT1", "U0LEAD1"
SUPPORT, GENERAL, BATON = "C0SUPPORT", "C0GENERAL", "U0BATON"
NOT_THERE = "There is no ticket #1 that you can see."


@pytest.fixture
async def theirs(office: Office) -> int:
    """Ana's own ticket, which Cleo has no part in; #2 is Cleo's."""
    for title, who in (("Payroll is wrong", ANA), ("My chair squeaks", CLEO)):
        await office.desk.execute(
            tickets.create_ticket, TicketRequest(title=title, requester=who, registered_by=who, type="other")
        )
    office.emulator.change_person(CLEO, is_restricted=True)
    await office.settled()
    return 1


def words(found: Any) -> str:  # noqa: ANN401 - whatever people look at
    return str(found)


async def answer(office: Office, who: str, command: str, text: str = "") -> str:
    outcome = await office.person(who).command(GENERAL, command, text)
    return "".join(f"{one['text']}{one.get('blocks')}" for one in outcome.ephemerals)


async def test_by_its_number_it_is_not_there(office: Office, theirs: int) -> None:
    assert await answer(office, CLEO, "/ticket", "1") == f"{NOT_THERE}None"
    assert "My chair squeaks" in await answer(office, CLEO, "/ticket", "2")


@pytest.mark.parametrize("which", ["", " mine", " unassigned", " all", " overdue", " near", " team support"])
async def test_no_list_shows_it(office: Office, theirs: int, which: str) -> None:
    assert "Payroll" not in await answer(office, CLEO, "/ticket", f"list{which}")


async def test_their_list_shows_their_own(office: Office, theirs: int) -> None:
    assert "My chair squeaks" in await answer(office, CLEO, "/ticket", "list all")


async def test_the_card_in_a_channel_they_are_in_answers_none_of_their_presses(office: Office, theirs: int) -> None:
    cleo, ts = office.person(CLEO), office.card(SUPPORT, "Payroll")["ts"]

    told = [await cleo.press(SUPPORT, ts, f"ticket.{one}") for one in ("take", "assign", "escalate", "resolve")]
    told += [
        await cleo.press(SUPPORT, ts, "ticket.more", choose=f"{one}:1")
        for one in ("reply", "note", "change", "why", "open")
    ]

    assert {one["text"] for outcome in told for one in outcome.ephemerals} == {NOT_THERE}
    assert cleo.view is None
    assert [event.kind for event in await office.desk.read(ticket_history, 1)] == ["filed"]


async def test_an_expert_of_another_team_reads_at_the_card_who_can(office: Office, theirs: int) -> None:
    eva, ts = office.person("U0EXPERT1"), office.card(SUPPORT, "Payroll")["ts"]

    told = [await eva.press(SUPPORT, ts, f"ticket.{one}") for one in ("take", "resolve")]

    assert [one["text"] for outcome in told for one in outcome.ephemerals] == [
        "You cannot take this ticket: agents, experts and leads of Support can.",
        "You cannot resolve this ticket: agents, experts and leads of Support can.",
    ]
    typed = await eva.command(GENERAL, "/ticket", "1")
    assert typed.ephemerals[0]["text"] == NOT_THERE


async def test_a_message_of_their_own_that_names_it_says_that_there_is_none(office: Office, theirs: int) -> None:
    told = await sent.pressed(office, "U0EXPERT1", "ticket.take", "1")

    assert [one.text for one in told] == [NOT_THERE]


async def test_a_button_of_their_own_that_names_another_ticket_shows_nothing(office: Office, theirs: int) -> None:
    cleo = office.person(CLEO)
    ts = (await cleo.command(GENERAL, "/ticket", "2")).ephemerals[0]["ts"]
    drawn = office.emulator.workspace.channels[GENERAL].ephemerals[CLEO][ts]
    drawn["blocks"][-1]["elements"][0]["value"] = "1"

    outcome = await cleo.press(GENERAL, ts, "ticket.open")

    assert [one["text"] for one in outcome.ephemerals] == [NOT_THERE]


async def test_their_home_shows_their_own_and_no_queue(office: Office, theirs: int) -> None:
    cleo = office.person(CLEO)

    await cleo.open_home()
    await office.settled()

    assert "My chair squeaks" in words(cleo.home)
    assert "Payroll" not in words(cleo.home)
    assert "Support" not in words(cleo.home)


async def test_their_report_counts_their_own_and_no_teams(office: Office, theirs: int) -> None:
    everyones = await answer(office, LENA, "/report")
    own = await answer(office, CLEO, "/report")

    assert "2" in everyones
    assert ANA in everyones or "Support" in everyones
    assert ANA not in own
    assert "Only leads, managers, observers and admins can see the figures of Support." in await answer(
        office, CLEO, "/report", "team support"
    )


async def test_what_they_say_under_the_card_is_not_kept(office: Office, theirs: int) -> None:
    root = office.card(SUPPORT, "Payroll")["ts"]

    await office.person(CLEO).say(SUPPORT, "Mine is worse!", root)
    await office.settled()

    assert [event.kind for event in await office.desk.read(ticket_history, 1)] == ["filed"]
    assert [one for one in office.person(CLEO).thread(SUPPORT, root) if one.get("is_ephemeral")] == []


async def test_what_they_say_in_somebody_elses_thread_is_not_kept(office: Office) -> None:
    asked = await office.person(ANA).say(GENERAL, "Payroll is wrong")
    where = {"channel": GENERAL, "thread_ts": asked["ts"]}
    request = TicketRequest(title="Payroll is wrong", requester=ANA, registered_by=ANA, type="other", **where)
    await office.desk.execute(tickets.create_ticket, request)

    await office.person(CLEO).say(GENERAL, "What do you earn?", asked["ts"])
    await office.settled()

    assert [event.kind for event in await office.desk.read(ticket_history, 1)] == ["filed"]


async def from_another_company(office: Office, who: str, button: str) -> Outcome:
    """They press the button of the card of #1 in a channel that their company shares with ours."""
    person, card = office.person(who), office.card(SUPPORT, "Payroll")
    workspace = office.emulator.workspace
    payload = payloads.message_action_payload(workspace, person.user, workspace.channels[SUPPORT], card, {})
    action: Json = {"type": "button", "action_id": button, "block_id": "b", "value": "1"}
    payload |= {"actions": [action], "user": {**payload["user"], "team_id": "T0PARTNER"}}
    already = person.ephemeral_count()
    return person.outcome(await office.emulator.delivery.send_interaction("interactive", payload), already)


async def test_whoever_desk_yml_names_counts_only_in_our_own_workspace(office: Office, theirs: int) -> None:
    outcome = await from_another_company(office, BEN, "ticket.take")

    assert [one["text"] for one in outcome.ephemerals] == [NOT_THERE]
    assert (await office.desk.read(get_ticket, 1)).assignee is None


async def test_what_somebody_of_another_company_says_under_the_card_is_not_kept(office: Office, theirs: int) -> None:
    root = office.card(SUPPORT, "Payroll")["ts"]
    event = {"type": "message", "user": BEN, "user_team": "T0PARTNER", "channel": SUPPORT, "text": "A note"}
    event |= {"ts": "1790000000.000100", "thread_ts": root, "event_ts": "1790000000.000100", "channel_type": "channel"}

    office.emulator.delivery.send_event(payloads.event_payload(office.emulator.workspace, event))
    await office.settled()

    assert [one.kind for one in await office.desk.read(ticket_history, 1)] == ["filed"]
    assert office.desk.policy.team("support").agents == (ANA, BEN)
