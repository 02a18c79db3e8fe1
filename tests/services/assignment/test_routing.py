"""The desk gives tickets itself: to whom, why, what it does when nobody can, and never twice."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from rules.errors import FieldError
from rules.intake.requests import TicketRequest
from rules.model.tickets import Status
from rules.presence.leave import LeavePeriod
from services import intake
from services.assignment import assignments
from services.assignment.assignments import ASSIGNMENT_CARD
from services.desk import Desk
from services.presence import presence
from services.tickets import tickets
from storage.people import people
from storage.texts import text_from_json
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.leaves import on_leave
from tests.services.vpn import ANA, BEN, CLEO, LENA, MIA, history, queued, ticket, told


def office(way: str = "offer", **support: Any) -> dict[str, Any]:
    """The office, in which the desk gives Support's tickets; Ben is Network's expert, Ana can do it."""
    plain = deepcopy(OFFICE)
    plain["teams"]["support"] |= {"assigning": way, **support}
    plain["types"]["network"] |= {"needs": "can"}
    plain["types"]["other"] |= {"assigning": "by_hand"}
    plain["people"] = {
        ANA: {"skills": {"network": "can"}},
        BEN: {"skills": {"network": "expert"}, "capacity": 1},
    }
    return plain


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    async with opened_desk(database_url, clock, plain=office()) as opened:
        yield opened


async def filed(desk: Desk, *, type_: str = "network", assignee: str | None = None, by: str = CLEO) -> int:
    asked = TicketRequest(title="VPN is down", requester=CLEO, registered_by=by, type=type_, assignee=assignee)
    return await desk.execute(tickets.create_ticket, asked)


async def holders(desk: Desk, *numbers: int) -> list[str | None]:
    return [(await ticket(desk, number)).assignee for number in numbers]


async def test_a_new_ticket_is_offered_to_whoever_knows_it_best_with_the_reason(desk: Desk) -> None:
    number = await filed(desk)

    given = (await history(desk, number))[-1]
    assert (given.kind, given.by, given.data["to"]) == ("assigned", "desk", BEN)
    assert str(text_from_json(given.data["reason"])) == f"higher skill in Network than {ANA}"
    assert [row.lane for row in await queued(desk, ASSIGNMENT_CARD)] == [BEN]


async def test_who_filed_it_reads_to_whom_it_went(desk: Desk) -> None:
    asked = TicketRequest(title="VPN is down", requester=CLEO, registered_by=CLEO, type="network")

    done = await desk.execute(intake.file_request, asked)

    assert done["to"] == BEN


async def test_whoever_is_full_is_passed_over(desk: Desk) -> None:
    assert await holders(desk, await filed(desk), await filed(desk)) == [BEN, ANA]


async def test_a_type_that_is_given_by_hand_waits_for_a_hand(desk: Desk) -> None:
    number = await filed(desk, type_="other")

    assert await holders(desk, number) == [None]
    assert await desk.execute(assignments.route_unassigned) == 0


async def test_somebody_named_by_hand_gets_it_whatever_the_desk_would_do(desk: Desk) -> None:
    assert await holders(desk, await filed(desk, assignee=ANA, by=BEN)) == [ANA]


async def test_a_pass_goes_to_the_next_best_who_has_not_passed_it_and_no_lead_is_troubled(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(assignments.pass_ticket_back, number, by=BEN, reason="I am in a meeting.")

    assert await holders(desk, number) == [ANA]
    assert await told(desk, LENA) == []


async def test_when_everybody_has_passed_it_the_lead_is_told_once(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.pass_ticket_back, number, by=BEN, reason="I am in a meeting.")
    await desk.execute(assignments.pass_ticket_back, number, by=ANA, reason="I am in it too.")

    given = await desk.execute(assignments.route_unassigned) + await desk.execute(assignments.route_unassigned)

    assert (given, (await ticket(desk, number)).status) == (0, Status.NEW)
    assert await told(desk, LENA) == [
        f"#{number} stays unassigned: everyone with the skill for Network has declined it. Press “Assign…” on its card."
    ]


async def test_where_the_lead_is_away_too_the_manager_is_told(desk: Desk) -> None:
    await on_leave(desk, LENA)
    number = await filed(desk)
    for who in (BEN, ANA):
        await desk.execute(assignments.pass_ticket_back, number, by=who, reason="I am in a meeting.")

    assert await told(desk, LENA) == []
    (words,) = await told(desk, MIA)
    assert words.startswith(f"#{number} stays unassigned")


async def test_at_night_it_waits_and_the_oldest_is_given_first_in_the_morning(desk: Desk, clock: HeldClock) -> None:
    clock.forward(hours=12)
    first, second, third = await filed(desk), await filed(desk), await filed(desk)
    assert await holders(desk, first, second, third) == [None, None, None]
    assert await told(desk, LENA) == []

    clock.forward(hours=12)
    given = await desk.execute(assignments.route_unassigned)

    assert given == 3
    assert await holders(desk, first, second, third) == [BEN, ANA, ANA]


async def test_room_that_comes_free_goes_to_what_has_waited_longest(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=office(capacity=1)) as desk:
        bens, anas, older, newer = [await filed(desk) for _ in range(4)]
        assert await holders(desk, bens, anas, older, newer) == [BEN, ANA, None, None]

        await desk.execute(tickets.resolve, anas, by=ANA, solution="Restarted.")
        await desk.execute(assignments.route_unassigned)

        assert await holders(desk, older, newer) == [ANA, None]


async def test_what_waits_for_the_customer_makes_room(database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock, plain=office(capacity=1)) as desk:
        bens, _, third = [await filed(desk) for _ in range(3)]

        await desk.execute(tickets.wait_for_customer, bens, by=BEN)
        await desk.execute(assignments.route_unassigned)

        assert await holders(desk, third) == [BEN]


async def test_turns_go_round_and_are_remembered(database_url: str, clock: HeldClock) -> None:
    plain = office("round_robin")
    plain["people"][BEN].pop("capacity")
    async with opened_desk(database_url, clock, plain=plain) as desk:
        numbers = []
        for _ in range(4):
            numbers.append(await filed(desk))
            clock.forward(minutes=1)

        assert await holders(desk, *numbers) == [ANA, BEN, ANA, BEN]


async def test_work_is_counted_in_minutes_and_not_in_tickets(database_url: str, clock: HeldClock) -> None:
    plain = office("least_loaded")
    plain["people"][BEN].pop("capacity")
    async with opened_desk(database_url, clock, plain=plain) as desk:
        first = await filed(desk)
        await desk.execute(assignments.start_work, first, by=ANA)
        clock.forward(minutes=15)

        second, third = await filed(desk), await filed(desk)

        assert await holders(desk, first, second, third) == [ANA, BEN, ANA]  # 5 minutes are left of Ana's first


async def test_whoever_resolved_the_last_one_for_the_same_person_gets_the_next(
    database_url: str, clock: HeldClock
) -> None:
    plain = office()
    plain["people"] = {who: {"skills": {"network": "can"}} for who in (ANA, BEN)}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        earlier = await filed(desk)
        await desk.execute(assignments.pass_ticket_back, earlier, by=ANA, reason="Ben knows the gateway.")
        await desk.execute(tickets.resolve, earlier, by=BEN, solution="Restarted.")

        number = await filed(desk)

        assert await holders(desk, number) == [BEN]
        assert "resolved this requester's last ticket" in str((await history(desk, number))[-1].data["reason"])


async def test_a_ticket_that_nobody_is_competent_for_goes_to_the_lead_at_once(
    database_url: str, clock: HeldClock
) -> None:
    plain = office()
    plain["people"] = {}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await filed(desk)

        assert await holders(desk, number) == [None]
        assert "no one in the team has the skill for Network." in (await told(desk, LENA))[0]


async def test_two_processes_never_give_one_ticket_twice(database_url: str, clock: HeldClock) -> None:
    clock.forward(hours=12)
    plain = office(capacity=3)
    plain["people"][BEN].pop("capacity")
    async with opened_desk(database_url, clock, plain=plain) as one, opened_desk(database_url, clock) as other:
        numbers = [await filed(one) for _ in range(8)]
        clock.forward(hours=12)

        given = await asyncio.gather(*(desk.execute(assignments.route_unassigned) for desk in (one, other) * 2))

        held = await holders(one, *numbers)
        assert (sum(given), held.count(ANA), held.count(BEN), held.count(None)) == (6, 3, 3, 2)
        assert [event.kind for number in numbers for event in await history(one, number)].count("assigned") == 6


async def test_the_leads_hand_wins_and_says_why_when_it_goes_to_somebody_who_is_not_competent(
    database_url: str, clock: HeldClock
) -> None:
    plain = office("by_hand")
    plain["people"].pop(ANA)
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await filed(desk)

        with pytest.raises(FieldError, match="Network needs someone with the skill for it") as refused:
            await desk.execute(assignments.assign_ticket, number, to=ANA, by=LENA)
        await desk.execute(assignments.assign_ticket, number, to=ANA, by=LENA, reason="She is to learn it.")

        assert refused.value.field == "reason"
        assert (await history(desk, number))[-1].data == {"to": ANA, "reason": "She is to learn it."}


async def test_somebody_who_is_off_gets_it_with_a_reason(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk, type_="other")
    clock.forward(hours=12)

    with pytest.raises(FieldError, match=r"is off work until Tue 6 Oct 08:00\. To assign it anyway"):
        await desk.execute(assignments.assign_ticket, number, to=ANA, by=LENA)


async def test_a_new_ticket_is_not_filed_for_somebody_who_is_away(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(people.save_person, ANA, name="Ana Kowalska", tz="America/Chicago", gone=False)
    friday = datetime(2026, 10, 9, 22, 0, tzinfo=UTC)  # midnight in Warsaw
    await desk.execute(presence.enter_leave, ANA, LeavePeriod(clock.now, friday), by=ANA)

    with pytest.raises(FieldError) as refused:
        await filed(desk, assignee=ANA, by=BEN)

    assert (refused.value.field, str(refused.value)) == (
        "assignee",
        "Ana Kowalska is away until Fri 9 Oct. Choose someone else, or create it unassigned "
        "and press “Assign…” with a reason.",
    )


async def test_a_new_ticket_is_not_filed_for_somebody_who_is_not_competent(desk: Desk) -> None:
    with pytest.raises(FieldError, match=r"Network needs someone with the skill for it\. Choose someone else"):
        await filed(desk, assignee=LENA, by=BEN)


async def test_what_one_files_for_oneself_is_begun_whatever_the_hour(desk: Desk, clock: HeldClock) -> None:
    clock.forward(hours=12)

    assert await holders(desk, await filed(desk, assignee=LENA, by=LENA)) == [LENA]


async def test_what_one_takes_for_oneself_needs_no_reason(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk, type_="other")
    clock.forward(hours=12)

    await desk.execute(assignments.assign_ticket, number, to=LENA, by=LENA)

    assert await holders(desk, number) == [LENA]
