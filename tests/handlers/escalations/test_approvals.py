"""Every copy of an escalation's card says the same: who is asked, who has said what, and in the end who decided."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.alerts import sweep
from tests.desks import OFFICE, HeldClock, Office, opened_office
from tests.handlers.escalations.test_escalations import approvals, asked, decides
from tests.handlers.vpn import ANA, BEN, EMIL, EVA, LEO, NETWORK, buttons, card, direct, filed, presses, story, submits

NETWORK_OF_ALL = {**OFFICE["teams"]["network"], "approval": "all"}
OTHERS = {"name": "Apps", "line": "expert", "channel": "C0GENERAL", "calendar": "office", "experts": [BEN]}
DESCRIBED = {**OFFICE, "teams": {**OFFICE["teams"], "network": NETWORK_OF_ALL, "apps": OTHERS}}


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    async with opened_office(database_url, clock, plain=DESCRIBED) as opened:
        yield opened


def copies(office: Office) -> list[dict[str, Any]]:
    """The card in the channel, Eva's and Emil's."""
    return [approvals(office)[0], *(direct(office, who)[0] for who in (EVA, EMIL))]


async def pressed_in_their_own(office: Office, who: str, button: str) -> None:
    person = office.person(who)
    await person.press(person.dm_channel("U0BATON"), direct(office, who)[0]["ts"], button)
    await office.settled()


async def test_each_has_the_card_with_buttons_while_they_are_asked(office: Office) -> None:
    await filed(office)
    await asked(office)

    assert [len(buttons(one)) for one in copies(office)] == [5, 5, 5]
    assert all("⏳ waiting for <@U0EXPERT1>" in str(one["blocks"]) for one in copies(office))
    assert direct(office, LEO) == []


async def test_who_has_accepted_has_no_buttons_any_more_and_the_others_read_it(office: Office) -> None:
    await filed(office)
    await asked(office)

    await pressed_in_their_own(office, EVA, "escalation.accept")

    assert [len(buttons(one)) for one in copies(office)] == [5, 1, 5]
    assert all("✓ accepted by <@U0EXPERT1>" in str(one["blocks"]) for one in copies(office))
    assert "1 more answer is needed" in story(office)[-1]


async def test_decided_every_copy_says_who_when_and_why(office: Office) -> None:
    await filed(office)
    await asked(office)
    await pressed_in_their_own(office, EVA, "escalation.accept")

    await pressed_in_their_own(office, EMIL, "escalation.reject")
    await submits(office, EMIL, advice="information_missing", comment="Send the gateway log first.")

    assert [buttons(one) for one in copies(office)] == [[], [], []]
    assert all("✗ Rejected by <@U0EXPERT2>" in str(one["blocks"]) for one in copies(office))
    assert all("Send the gateway log first." in str(one["blocks"]) for one in copies(office))


async def test_withdrawn_every_copy_is_closed_and_the_ticket_goes_on(office: Office) -> None:
    await filed(office)
    await asked(office)

    await presses(office, ANA, "ticket.more", choose="open:1")
    await presses(office, ANA, "escalation.withdraw")

    assert [buttons(one) for one in copies(office)] == [[], [], []]
    assert all("Withdrawn" in str(one["blocks"]) for one in copies(office))
    assert "In progress · Assignee <@U0AGENT1>" in str(card(office)["blocks"])


async def test_redirected_the_other_experts_read_from_where_and_why(office: Office) -> None:
    await filed(office)
    approval = await asked(office)

    await decides(office, EVA, "escalation.redirect", approval)
    await submits(office, EVA, team="apps", reason="It is the <firewall>.")

    there = office.card("C0GENERAL", "Escalation to Apps")
    assert "Redirected by <@U0EXPERT1> from Network: “It is the &lt;firewall&gt;.”" in str(there["blocks"])
    assert "Tunnel flaps" in str(there["blocks"])
    assert all("↪ Redirected by <@U0EXPERT1>" in str(one["blocks"]) for one in copies(office))
    assert "Escalated to Apps" in str(card(office)["blocks"])


async def test_accepted_the_evidence_is_on_the_card_of_who_has_it_now(office: Office) -> None:
    await filed(office)
    await asked(office)
    await pressed_in_their_own(office, EVA, "escalation.accept")
    await pressed_in_their_own(office, EMIL, "escalation.accept")

    theirs = office.card(NETWORK, "Ticket #1")

    assert "*Escalated because:* Tunnel flaps" in str(theirs["blocks"])
    assert "*Tried:* restarted client" in str(theirs["blocks"])
    assert "Tunnel flaps" in story(office)[-1] or "Tunnel flaps" in str(
        office.person(LEO).thread(NETWORK, theirs["ts"])
    )


async def test_at_half_of_their_time_the_card_says_so_and_who_is_asked_is_called(
    office: Office, clock: HeldClock
) -> None:
    await filed(office)
    await asked(office)
    await pressed_in_their_own(office, EMIL, "escalation.accept")
    assert "⏳ your answer due" not in str(copies(office)[0]["blocks"])
    clock.forward(minutes=16)

    await office.desk.execute(sweep.send_due_alerts)
    clock.forward(seconds=5)
    await office.settled()

    assert "⏳ your answer due" in str(copies(office)[0]["blocks"])
    assert "Expert answer due in" in direct(office, EVA)[-1]["text"]
    assert [len(direct(office, who)) for who in (EMIL, LEO)] == [1, 0]
