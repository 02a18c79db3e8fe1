"""A colleague looks first, on a card of the team's channel; a lead closes what was missing from the ledger."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.escalations import peer_review
from tests.desks import HeldClock, Office, opened_office, problems
from tests.handlers.escalations.test_outcomes import reads, rejected
from tests.handlers.vpn import ANA, BEN, LENA, SUPPORT, buttons, direct, submits
from tests.services.escalations.test_peer_review import CHECKED, looked_at


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    async with opened_office(database_url, clock, plain=CHECKED) as opened:
        yield opened


async def waiting(office: Office) -> dict[str, Any]:
    await looked_at(office.desk)
    await office.settled()
    return check(office)


def check(office: Office) -> dict[str, Any]:
    return office.card(SUPPORT, "Before it goes to Network")


async def presses(office: Office, who: str, button: str) -> Any:  # noqa: ANN401 - what the person then sees
    outcome = await office.person(who).press(SUPPORT, check(office)["ts"], button)
    await office.settled()
    return outcome


async def test_the_card_has_the_evidence_and_two_ways(office: Office) -> None:
    card = await waiting(office)

    assert buttons(card) == ["Send to experts", "Return…", "Open"]
    assert "Tunnel flaps" in str(card["blocks"])
    assert "it goes automatically <!date^" in str(card["blocks"])
    assert "accepted" not in str(card["blocks"])  # nobody's numbers stand in the channel


async def test_sent_on_the_card_says_so_and_the_experts_have_theirs(office: Office) -> None:
    await waiting(office)

    await presses(office, BEN, "check.send_on")

    assert "✓ Sent to the experts by <@U0AGENT2>" in str(check(office)["blocks"])
    assert buttons(check(office)) == []
    assert "#11" in office.app_messages("C0NETWORK")[-1]["text"]


async def test_nobody_looked_so_the_card_says_where_it_went(office: Office, clock: HeldClock) -> None:
    await waiting(office)
    clock.forward(minutes=31)

    await office.desk.execute(peer_review.forward_overdue)
    await office.settled()

    assert "Nobody reviewed it in time: it went to the experts" in str(check(office)["blocks"])
    assert buttons(check(office)) == []


async def test_returned_the_asker_reads_the_advice(office: Office) -> None:
    await waiting(office)

    await presses(office, BEN, "check.return")
    await submits(office, BEN, comment="Restart the <gateway>.")

    assert "Returned by <@U0AGENT2>" in str(check(office)["blocks"])
    assert "Restart the &lt;gateway&gt;." in str(direct(office, ANA)[-1]["blocks"])
    assert "returned" in direct(office, LENA)[-1]["text"]


async def test_who_asked_reads_that_a_colleague_has_to_look(office: Office) -> None:
    await waiting(office)

    outcome = await presses(office, ANA, "check.send_on")

    assert outcome.ephemerals[0]["text"] == "You escalated #11 yourself: a teammate reviews it."


async def test_the_lead_closes_what_was_missing_from_the_ledger(office: Office) -> None:
    await rejected(office, 2)
    answer = (await reads(office, LENA))[0]

    await office.person(LENA).press(SUPPORT, answer["ts"], "gap.close")
    outcome = await submits(office, LENA, note="The form asks for the <log> now.")

    assert "counts from one" in str(outcome.view)
    closed = (await reads(office, LENA))[0]
    assert "✓ marked fixed by <@U0LEAD1>: Support · Network · form" in str(closed["blocks"])
    assert "The form asks for the &lt;log&gt; now." in str(closed["blocks"])
    assert problems("message", closed) == []
