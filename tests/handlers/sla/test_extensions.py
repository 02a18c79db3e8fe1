"""Somebody needs more time: a form with its mistakes beside the field, and a lead's card that decides."""

import asyncio
from typing import Any

from bot.emulator.people.participant import Outcome
from services.alerts import sweep
from services.tickets import tickets
from tests.desks import Office
from tests.handlers.vpn import ANA, BEN, LENA, MIA, SUPPORT, buttons, direct, filed, presses, story

LEADS_CARD = "asks for 1 working day more"


async def alarmed(office: Office) -> dict[str, Any]:
    """Ana has it; half of the time for its first reply is used, and the alert stands."""
    number = await filed(office)
    await office.desk.execute(tickets.take, number, by=ANA)
    office.clock.forward(minutes=15)
    await office.desk.execute(sweep.send_due_alerts)
    await office.settled()
    return office.card(SUPPORT, "First reply due in")


async def asks(office: Office, more: str, reason: str = "The vendor calls back.") -> Outcome:
    ana = office.person(ANA)
    await ana.press(SUPPORT, (await alarmed(office))["ts"], "alert.extend")
    outcome = await ana.submit({"target": "resolution", "more": more, "reason": reason})
    await office.settled()
    return outcome


def leads_card(office: Office) -> dict[str, Any]:
    (found,) = [one for one in direct(office, LENA) if LEADS_CARD in one["text"]]
    return found


async def test_a_few_hours_are_given_at_once_and_the_card_says_so(office: Office) -> None:
    await asks(office, "2h")

    assert story(office)[-1].startswith("#1: <@U0AGENT1> extended it by 2 h: Resolution due ")
    assert "(extended)" in str(office.card(SUPPORT, "Ticket #1")["blocks"])


async def test_what_is_no_time_is_said_beside_the_field_and_the_rest_is_kept(office: Office) -> None:
    outcome = await asks(office, "soon")

    assert list(outcome.errors) == ["more"]
    assert outcome.errors["more"].startswith("soon is not a duration")


async def test_a_reason_of_blanks_is_asked_for(office: Office) -> None:
    assert list((await asks(office, "2h", "  \n ")).errors) == ["reason"]


async def test_beyond_the_limit_the_lead_gets_a_card_and_who_asked_reads_that(office: Office) -> None:
    outcome = await asks(office, "1d")

    assert "The lead was asked; you get a message." in str(outcome.view)
    assert buttons(leads_card(office)) == ["Approve", "Decline", "Open"]


async def test_given_the_card_says_by_whom_and_who_asked_hears_it(office: Office) -> None:
    await asks(office, "1d")
    lena = office.person(LENA)

    await lena.press(lena.dm_channel("U0BATON"), leads_card(office)["ts"], "extension.grant")
    await office.settled()

    assert "✓ Approved by <@U0LEAD1>" in str(leads_card(office)["blocks"])
    assert buttons(leads_card(office)) == []
    assert direct(office, ANA)[-1]["text"] == "<@U0LEAD1> extended #1 by 1 working day."
    assert "extended it by 1 working day, as <@U0AGENT1> asked: Resolution due" in story(office)[-1]


async def test_refused_the_card_says_by_whom_and_who_asked_hears_it(office: Office) -> None:
    await asks(office, "1d")
    lena = office.person(LENA)

    await lena.press(lena.dm_channel("U0BATON"), leads_card(office)["ts"], "extension.refuse")
    await office.settled()

    assert "✗ Declined by <@U0LEAD1>" in str(leads_card(office)["blocks"])
    assert direct(office, ANA)[-1]["text"] == "<@U0LEAD1> declined the extension of #1."


async def test_of_two_presses_at_once_one_decides_and_the_other_reads_so(office: Office) -> None:
    await asks(office, "1d")
    lena, ts = office.person(LENA), leads_card(office)["ts"]
    where = lena.dm_channel("U0BATON")

    told = await asyncio.gather(lena.press(where, ts, "extension.grant"), lena.press(where, ts, "extension.refuse"))
    await office.settled()

    refused = [one["text"] for outcome in told for one in outcome.ephemerals]
    assert len(refused) == 1
    assert refused[0].startswith("<@U0LEAD1> already ")


async def test_what_is_resolved_meanwhile_leaves_the_lead_nothing_to_decide(office: Office) -> None:
    await asks(office, "1d")
    await office.desk.execute(tickets.resolve, 1, by=BEN, solution="Restarted.")
    await office.settled()

    assert "✓ Done meanwhile: no extension needed." in str(leads_card(office)["blocks"])
    assert buttons(leads_card(office)) == []


async def test_who_presses_an_old_card_of_it_reads_that_it_is_resolved(office: Office) -> None:
    await asks(office, "1d")
    lena, old = office.person(LENA), leads_card(office)
    where = lena.dm_channel("U0BATON")
    await office.desk.execute(tickets.resolve, 1, by=BEN, solution="Restarted.")
    await office.settled()
    office.emulator.workspace.channels[where].messages[old["ts"]] = old

    outcome = await lena.press(where, old["ts"], "extension.grant")

    assert [one["text"] for one in outcome.ephemerals] == ["#1 is resolved and cannot be extended."]


async def test_a_manager_gives_any_time_at_once(office: Office) -> None:
    alert = await alarmed(office)
    lena = office.person(LENA)

    await lena.press(SUPPORT, alert["ts"], "alert.extend")
    await lena.submit({"target": "resolution", "more": "9d", "reason": "A part is on its way."})
    await office.settled()

    assert "<@U0LEAD1> extended it by 9 working days" in story(office)[-1]


async def test_who_needs_help_says_so_and_the_lead_reads_it(office: Office) -> None:
    alert = await alarmed(office)
    ana = office.person(ANA)

    await ana.press(SUPPORT, alert["ts"], "ticket.more", choose="help:1")
    await ana.submit({"text": "Somebody who knows the <!channel> gateway."})
    await office.settled()

    told = direct(office, LENA)[-1]["text"]
    assert told.startswith("<@U0AGENT1> asks for help with #1. “Somebody who knows the &lt;!channel&gt; gateway.")
    assert "<@U0AGENT1> asked for help" in story(office)[-1]


async def test_help_that_says_nothing_is_asked_for(office: Office) -> None:
    alert = await alarmed(office)
    ana = office.person(ANA)
    await ana.press(SUPPORT, alert["ts"], "ticket.more", choose="help:1")

    assert list((await ana.submit({"text": "  "})).errors) == ["text"]


async def test_a_snooze_of_an_hour_or_two_is_under_more(office: Office) -> None:
    alert = await alarmed(office)

    await office.person(ANA).press(SUPPORT, alert["ts"], "ticket.more", choose="snooze_two:1")
    await office.settled()

    until = office.clock.now.replace(hour=9, minute=15)
    assert f"Snoozed by <@U0AGENT1> until <!date^{int(until.timestamp())}^" in str(
        office.card(SUPPORT, "First reply due in")["blocks"]
    )


async def test_the_form_of_a_ticket_in_which_no_time_runs_says_so(office: Office) -> None:
    alert = await alarmed(office)
    await office.desk.execute(tickets.resolve, 1, by=BEN, solution="Restarted.")

    outcome = await office.person(ANA).press(SUPPORT, alert["ts"], "alert.extend")

    assert [one["text"] for one in outcome.ephemerals] == ["#1 is resolved and cannot be extended."]
    assert (await presses(office, ANA, "ticket.more", choose="why:1")).view is not None
    assert direct(office, MIA) == []
