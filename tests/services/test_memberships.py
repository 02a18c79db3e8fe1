"""A lead says who belongs to their team, the desk takes it over, and nobody is left without somebody."""

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from handlers.text.slack import render
from rules.errors import Refused
from rules.model.policy import Team
from rules.people.memberships import TeamMembership, TeamRole
from rules.people.permissions import NotAllowed
from services import memberships
from services.assignment import assignments
from services.config import apply_configuration, reload_configuration
from services.desk import Desk
from services.reassignment import absence_cover
from storage.people import people
from storage.people.memberships import membership_history
from tests.desks import NAMES, OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, BEN, CLEO, EMIL, EVA, LENA, LEO, MIA, OTTO, filed, ticket, told


@pytest.fixture(autouse=True)
async def known(desk: Desk) -> None:
    """Slack has told of everybody."""
    for who, name in NAMES.items():
        await desk.execute(people.save_person, who, name=name, tz="UTC", gone=False)


async def say(desk: Desk, person: str, role: TeamRole, *, by: str = LENA, team: str = "support") -> str:
    said = await desk.execute(memberships.set_membership, team, person, role=role, by=by)
    await reload_configuration(desk)
    return render(said)


async def refusal(desk: Desk, person: str, role: TeamRole, *, by: str = LENA, team: str = "support") -> str:
    with pytest.raises(Refused) as refused:
        await desk.execute(memberships.set_membership, team, person, role=role, by=by)
    return render(refused.value.text)


def support(desk: Desk) -> Team:
    return desk.policy.team("support")


async def test_who_is_added_takes_tickets_and_it_is_no_other_description(desk: Desk) -> None:
    version = desk.policy_version

    assert await say(desk, CLEO, TeamRole.AGENT) == f"<@{CLEO}> is now agent of Support."

    assert support(desk).agents == (ANA, BEN, CLEO)
    assert desk.policy_version == version
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=CLEO, by=LENA)
    assert (await ticket(desk, number)).assignee == CLEO


async def test_the_person_and_the_other_leads_read_it(desk: Desk) -> None:
    await say(desk, BEN, TeamRole.LEAD, by=MIA)
    await say(desk, CLEO, TeamRole.EXPERT)
    await say(desk, CLEO, TeamRole.NOT_MEMBER, by=BEN)

    assert await told(desk, BEN) == [
        f"<@{MIA}> made you lead of Support (was agent).",
        f"<@{LENA}> added <@{CLEO}> to Support as expert.",
    ]
    assert await told(desk, CLEO) == [
        f"<@{LENA}> added you to Support as expert.",
        f"<@{BEN}> removed you from Support.",
    ]
    assert (await told(desk, LENA))[0] == f"<@{MIA}> made <@{BEN}> lead of Support (was agent)."


async def test_who_said_what_when_is_kept_and_the_last_counts(desk: Desk, clock: HeldClock) -> None:
    first = clock.now
    await say(desk, CLEO, TeamRole.AGENT)
    clock.forward(hours=1)
    await say(desk, CLEO, TeamRole.EXPERT, by=MIA)

    assert await desk.read(membership_history, "support", limit=9) == (
        TeamMembership("support", CLEO, TeamRole.EXPERT, MIA, clock.now),
        TeamMembership("support", CLEO, TeamRole.AGENT, LENA, first),
    )
    assert (support(desk).agents, support(desk).experts) == ((ANA, BEN), (CLEO,))


@pytest.mark.parametrize("who", [LEO, BEN, OTTO, CLEO])
async def test_only_who_leads_that_team_or_manages_the_desk_says_it(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed, match="leads of Support can, and so can managers"):
        await desk.execute(memberships.set_membership, "support", CLEO, role=TeamRole.AGENT, by=who)


async def test_who_was_taken_out_of_the_leads_says_nothing_more_even_in_a_process_that_has_not_heard(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as other:
        await say(desk, BEN, TeamRole.LEAD, by=MIA)
        await say(desk, LENA, TeamRole.NOT_MEMBER, by=MIA)

        assert "You cannot change who is in this team" in await refusal(other, CLEO, TeamRole.AGENT)


@pytest.mark.parametrize(
    ("person", "role"), [(BEN, TeamRole.LEAD), (LENA, TeamRole.AGENT), (LENA, TeamRole.NOT_MEMBER)]
)
async def test_who_leads_is_for_managers_to_say(desk: Desk, person: str, role: TeamRole) -> None:
    assert await refusal(desk, person, role) == f"Only managers can change the leads of Support. Ask <@{MIA}>."


async def test_the_last_lead_stays_even_for_a_manager(desk: Desk) -> None:
    words = "Support would have no lead left. Add another lead first."

    assert await refusal(desk, LENA, TeamRole.NOT_MEMBER, by=MIA) == words
    await say(desk, BEN, TeamRole.LEAD, by=MIA)
    await say(desk, LENA, TeamRole.NOT_MEMBER, by=MIA)
    assert support(desk).leads == (BEN,)


async def test_the_last_expert_stays(desk: Desk) -> None:
    await say(desk, EVA, TeamRole.NOT_MEMBER, by=LEO, team="network")

    words = "Network would have no expert left. Add another expert first."
    assert await refusal(desk, EMIL, TeamRole.AGENT, by=LEO, team="network") == words


async def test_of_two_who_take_out_the_last_two_at_once_one_is_refused(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as other:
        came_of_it = await asyncio.gather(
            desk.execute(memberships.set_membership, "network", EVA, role=TeamRole.NOT_MEMBER, by=LEO),
            other.execute(memberships.set_membership, "network", EMIL, role=TeamRole.NOT_MEMBER, by=MIA),
            return_exceptions=True,
        )

        assert sorted(isinstance(one, Refused) for one in came_of_it) == [False, True]
        await reload_configuration(desk)
        assert len(desk.policy.team("network").experts) == 1


@pytest.mark.parametrize(
    ("person", "role", "words"),
    [
        (ANA, TeamRole.AGENT, f"<@{ANA}> is already agent of Support."),
        (CLEO, TeamRole.NOT_MEMBER, f"<@{CLEO}> is already not in Support."),
        ("U0NOBODY", TeamRole.AGENT, "<@U0NOBODY> is not an active member of this workspace"),
    ],
)
async def test_what_is_so_already_or_cannot_be_is_said(desk: Desk, person: str, role: TeamRole, words: str) -> None:
    assert words in await refusal(desk, person, role)


@pytest.mark.parametrize("what", ["gone", "is_bot"])
async def test_bots_and_who_has_left_slack_are_not_added(desk: Desk, what: str) -> None:
    is_so: dict[str, Any] = {"gone": False, what: True}
    await desk.execute(people.save_person, CLEO, name="Cleo", tz="UTC", **is_so)

    assert f"<@{CLEO}> is not an active member of this workspace" in await refusal(desk, CLEO, TeamRole.AGENT)


async def test_a_form_that_shows_what_is_so_no_more_changes_nothing(desk: Desk) -> None:
    await say(desk, BEN, TeamRole.NOT_MEMBER)

    with pytest.raises(Refused, match="is now not in Support"):
        await desk.execute(
            memberships.set_membership, "support", BEN, role=TeamRole.EXPERT, by=LENA, shown=TeamRole.AGENT
        )


async def test_another_process_takes_it_over_and_the_next_time_it_is_no_news(
    desk: Desk, database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as other:
        await say(desk, CLEO, TeamRole.AGENT)

        assert CLEO not in support(other).people
        assert [await reload_configuration(other), await reload_configuration(other)] == [True, False]
        assert CLEO in support(other).people


async def test_said_by_somebody_who_stands_in_everybody_finds_it(desk: Desk) -> None:
    standing_in = desk.with_policy(desk.policy.with_stand_in(BEN, [LENA]))
    await standing_in.execute(memberships.set_membership, "support", CLEO, role=TeamRole.AGENT, by=BEN)

    await reload_configuration(standing_in)

    assert CLEO in support(desk).people


async def test_what_somebody_holds_who_is_taken_out_goes_to_colleagues(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)

    said = await say(desk, BEN, TeamRole.NOT_MEMBER)
    await absence_cover.cover_absences(desk)

    assert "1 open ticket of theirs goes to colleagues during business hours." in said
    assert (await ticket(desk, number)).assignee == ANA


async def test_whoever_applies_a_description_reads_whom_it_does_not_move(desk: Desk) -> None:
    await say(desk, BEN, TeamRole.NOT_MEMBER)
    plain = deepcopy(OFFICE)
    plain["teams"]["support"]["agents"] = [BEN, ANA]

    said = await desk.execute(apply_configuration, plain)
    await reload_configuration(desk)

    assert str(said[-1]) == "Support: Ben Adler is not in the team, as Lena Lis set in Slack on 2026-10-05"
    assert support(desk).agents == (ANA,)
