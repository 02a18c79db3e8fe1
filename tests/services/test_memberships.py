"""A lead says who belongs to their team, the desk takes it over, and nobody is left without somebody."""

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from rules.errors import DeskError
from rules.model.policy import Team
from rules.people.memberships import InTeam, Member
from rules.people.permissions import NotAllowed
from services import memberships
from services.assignment import assignments
from services.config import apply, reload
from services.desk import Desk
from services.reassignment import absence_cover
from storage.people import people
from storage.people.memberships import history
from tests.desks import NAMES, OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, BEN, CLEO, EMIL, EVA, LENA, LEO, MIA, OTTO, filed, ticket, told


@pytest.fixture(autouse=True)
async def known(desk: Desk) -> None:
    """Slack has told of everybody."""
    for who, name in NAMES.items():
        await desk.execute(people.keep, who, name=name, tz="UTC", is_guest=False, gone=False)


async def say(desk: Desk, person: str, role: InTeam, *, by: str = LENA, team: str = "support") -> str:
    said = await desk.execute(memberships.say, team, person, role=role, by=by)
    await reload(desk)
    return said


async def refusal(desk: Desk, person: str, role: InTeam, *, by: str = LENA, team: str = "support") -> str:
    with pytest.raises(DeskError) as refused:
        await desk.execute(memberships.say, team, person, role=role, by=by)
    return str(refused.value)


def support(desk: Desk) -> Team:
    return desk.policy.team("support")


async def test_who_is_added_takes_tickets_and_it_is_no_other_description(desk: Desk) -> None:
    version = desk.policy_version

    assert await say(desk, CLEO, InTeam.AGENT) == f"<@{CLEO}> is agent of Support now."

    assert support(desk).agents == (ANA, BEN, CLEO)
    assert desk.policy_version == version
    number = await filed(desk)
    await desk.execute(assignments.assign, number, to=CLEO, by=LENA)
    assert (await ticket(desk, number)).assignee == CLEO


async def test_the_person_and_the_other_leads_read_it(desk: Desk) -> None:
    await say(desk, BEN, InTeam.LEAD, by=MIA)
    await say(desk, CLEO, InTeam.EXPERT)
    await say(desk, CLEO, InTeam.OUT, by=BEN)

    assert await told(desk, BEN) == [
        f"<@{MIA}> made you lead of Support, instead of agent.",
        f"<@{LENA}> added <@{CLEO}> to Support as expert.",
    ]
    assert await told(desk, CLEO) == [
        f"<@{LENA}> added you to Support as expert.",
        f"<@{BEN}> took you out of Support.",
    ]
    assert (await told(desk, LENA))[0] == f"<@{MIA}> made <@{BEN}> lead of Support, instead of agent."


async def test_who_said_what_when_is_kept_and_the_last_counts(desk: Desk, clock: HeldClock) -> None:
    first = clock.now
    await say(desk, CLEO, InTeam.AGENT)
    clock.forward(hours=1)
    await say(desk, CLEO, InTeam.EXPERT, by=MIA)

    assert await desk.read(history, "support", limit=9) == (
        Member("support", CLEO, InTeam.EXPERT, MIA, clock.now),
        Member("support", CLEO, InTeam.AGENT, LENA, first),
    )
    assert (support(desk).agents, support(desk).experts) == ((ANA, BEN), (CLEO,))


@pytest.mark.parametrize("who", [LEO, BEN, OTTO, CLEO])
async def test_only_who_leads_that_team_or_manages_the_desk_says_it(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed, match="Support's leads can, and so can managers"):
        await desk.execute(memberships.say, "support", CLEO, role=InTeam.AGENT, by=who)


async def test_who_was_taken_out_of_the_leads_says_nothing_more_even_in_a_process_that_has_not_heard(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as other:
        await say(desk, BEN, InTeam.LEAD, by=MIA)
        await say(desk, LENA, InTeam.OUT, by=MIA)

        assert "You cannot do that here" in await refusal(other, CLEO, InTeam.AGENT)


@pytest.mark.parametrize(("person", "role"), [(BEN, InTeam.LEAD), (LENA, InTeam.AGENT), (LENA, InTeam.OUT)])
async def test_who_leads_is_for_managers_to_say(desk: Desk, person: str, role: InTeam) -> None:
    assert await refusal(desk, person, role) == f"Who leads Support is for managers to say: ask <@{MIA}>."


async def test_the_last_lead_stays_even_for_a_manager(desk: Desk) -> None:
    words = "Then Support would have no lead: add another lead first."

    assert await refusal(desk, LENA, InTeam.OUT, by=MIA) == words
    await say(desk, BEN, InTeam.LEAD, by=MIA)
    await say(desk, LENA, InTeam.OUT, by=MIA)
    assert support(desk).leads == (BEN,)


async def test_the_last_expert_stays(desk: Desk) -> None:
    await say(desk, EVA, InTeam.OUT, by=LEO, team="network")

    words = "Then Network would have no expert: add another expert first."
    assert await refusal(desk, EMIL, InTeam.AGENT, by=LEO, team="network") == words


async def test_of_two_who_take_out_the_last_two_at_once_one_is_refused(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as other:
        came_of_it = await asyncio.gather(
            desk.execute(memberships.say, "network", EVA, role=InTeam.OUT, by=LEO),
            other.execute(memberships.say, "network", EMIL, role=InTeam.OUT, by=MIA),
            return_exceptions=True,
        )

        assert sorted(isinstance(one, DeskError) for one in came_of_it) == [False, True]
        await reload(desk)
        assert len(desk.policy.team("network").experts) == 1


@pytest.mark.parametrize(
    ("person", "role", "words"),
    [
        (ANA, InTeam.AGENT, f"<@{ANA}> is agent of Support already."),
        (CLEO, InTeam.OUT, f"<@{CLEO}> is not in Support already."),
        ("U0NOBODY", InTeam.AGENT, "<@U0NOBODY> is no person of this workspace"),
    ],
)
async def test_what_is_so_already_or_cannot_be_is_said(desk: Desk, person: str, role: InTeam, words: str) -> None:
    assert words in await refusal(desk, person, role)


@pytest.mark.parametrize("what", ["gone", "is_bot"])
async def test_bots_and_who_has_left_slack_are_not_added(desk: Desk, what: str) -> None:
    is_so: dict[str, Any] = {"gone": False, what: True}
    await desk.execute(people.keep, CLEO, name="Cleo", tz="UTC", is_guest=False, **is_so)

    assert f"<@{CLEO}> is no person of this workspace" in await refusal(desk, CLEO, InTeam.AGENT)


async def test_a_form_that_shows_what_is_so_no_more_changes_nothing(desk: Desk) -> None:
    await say(desk, BEN, InTeam.OUT)

    with pytest.raises(DeskError, match="is not in Support meanwhile"):
        await desk.execute(memberships.say, "support", BEN, role=InTeam.EXPERT, by=LENA, shown=InTeam.AGENT)


async def test_another_process_takes_it_over_and_the_next_time_it_is_no_news(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as other:
        await say(desk, CLEO, InTeam.AGENT)

        assert CLEO not in support(other).people
        assert [await reload(other), await reload(other)] == [True, False]
        assert CLEO in support(other).people


async def test_said_by_somebody_who_stands_in_everybody_finds_it(desk: Desk) -> None:
    standing_in = desk.with_policy(desk.policy.standing_in(BEN, [LENA]))
    await standing_in.execute(memberships.say, "support", CLEO, role=InTeam.AGENT, by=BEN)

    await reload(standing_in)

    assert CLEO in support(desk).people


async def test_what_somebody_holds_who_is_taken_out_goes_to_colleagues(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign, number, to=BEN, by=LENA)

    said = await say(desk, BEN, InTeam.OUT)
    await absence_cover.hand_over_all(desk)

    assert "They hold 1 open ticket, which goes to colleagues while the team works." in said
    assert (await ticket(desk, number)).assignee == ANA


async def test_whoever_applies_a_description_reads_whom_it_does_not_move(desk: Desk) -> None:
    await say(desk, BEN, InTeam.OUT)
    plain = deepcopy(OFFICE)
    plain["teams"]["support"]["agents"] = [BEN, ANA]

    said = await desk.execute(apply, plain)
    await reload(desk)

    assert said[-1] == "Support: Ben Adler is left out, as Lena Lis said on 2026-10-05 in Slack"
    assert support(desk).agents == (ANA,)
