"""Lena, Support's lead, is on leave and nobody stands in for her: what is for the lead reaches Mia, the manager."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rules.model.people import Skill, SkillLevel
from rules.workload.workload import Overload
from services import skills, workload
from services.desk import Desk
from services.escalations import peer_review
from services.forecasts import forecasts
from services.forecasts.forecasts import RISK_CARD
from services.notifications import undeliverable
from storage.outbox.outbox import TICKET_CARD
from storage.schema.forecasts import LatestForecast
from storage.transaction import Transaction
from tests.desks import HeldClock, opened_desk
from tests.services.assignment.test_routing import office
from tests.services.escalations.test_peer_review import CHECKED, looked_at
from tests.services.leaves import SKILLED, given, on_leave, reads, swept
from tests.services.vpn import ANA, BEN, LENA, MIA, filed, queued, ticket, told


@pytest.fixture
async def without_lena(desk: Desk) -> AsyncIterator[Desk]:
    await on_leave(desk, LENA)
    yield desk


async def test_a_hand_over_of_what_nobody_is_competent_for(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=SKILLED) as desk:
        await given(desk, 1, type_="access")
        await on_leave(desk, LENA)
        await on_leave(desk, ANA)

        await swept(desk)

        assert "1 unassigned" in (await reads(desk, MIA, "lead"))[0]
        assert await reads(desk, LENA, "lead") == []


async def test_a_hand_over_where_the_lead_is_away_and_nobody_could_be_told_instead(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock, plain={**SKILLED, "managers": []}) as desk:
        await given(desk, 1, type_="access")
        await on_leave(desk, LENA)
        await on_leave(desk, ANA)

        await swept(desk)

        assert "1 unassigned" in (await reads(desk, LENA, "lead"))[0]


async def test_somebodys_overload(without_lena: Desk) -> None:
    full = Overload(ANA, 0, 11, 660, ((1, BEN),))

    await without_lena.execute(workload.notify_leads_of_overload, "support", [full])

    assert "more work than fits in a day" in (await told(without_lena, MIA))[0]
    assert await told(without_lena, LENA) == []


async def test_a_ticket_that_needs_a_hand(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain={**office(), "people": {}}) as desk:
        await on_leave(desk, LENA)

        number = await filed(desk)

        assert (await ticket(desk, number)).assignee is None
        assert "stays unassigned" in (await told(desk, MIA))[0]
        assert await told(desk, LENA) == []


async def test_what_a_colleague_returned(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=CHECKED) as desk:
        number = await looked_at(desk)
        await on_leave(desk, LENA)

        await desk.execute(peer_review.return_to_asker, number, 1, by=BEN, comment="Restart the gateway.")

        assert await told(desk, MIA) == [
            f"<@{BEN}> returned the escalation of #{number}. It did not go to the experts."
        ]
        assert await told(desk, LENA) == []


async def test_a_certificate_that_runs_out(without_lena: Desk, clock: HeldClock) -> None:
    desk = without_lena
    ends = clock.now.date() + timedelta(days=30)
    await desk.execute(skills.set_skill, ANA, "network", skill=Skill(SkillLevel.CAN, ends, "CCNA"), by=LENA)

    await desk.execute(skills.remind_of_certificates)

    assert "certificate CCNA for Network expires on" in (await told(desk, MIA))[0]
    assert await told(desk, LENA) == []


async def test_a_bad_forecast(without_lena: Desk, clock: HeldClock) -> None:
    def drawn(tx: Transaction) -> None:
        forecasts.refresh_risk_cards(tx, LatestForecast(team="support", told_on="2026-10-05"))

    await without_lena.execute(drawn)

    assert [row.lane for row in await queued(without_lena, RISK_CARD)] == [MIA]


async def test_a_card_that_cannot_reach_its_channel(without_lena: Desk) -> None:
    desk = without_lena
    number = await filed(desk)
    lost = (await queued(desk, TICKET_CARD))[0]

    await desk.execute(undeliverable.give_up_message, lost, TICKET_CARD, error="is_archived")

    assert [row.subject for row in await queued(desk, TICKET_CARD, to=MIA)] == [str(number)]
    assert "Unarchive it" in (await told(desk, MIA))[0]
    assert await told(desk, LENA) == []
