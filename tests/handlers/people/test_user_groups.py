"""A Slack user group feeds a team: who joins it works there at once, and who leaves it does not."""

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import select

from bot.emulator.state.workspace import Change
from bot.runtime import jobs
from bot.slack import user_groups
from handlers.jobs import Job
from handlers.people import people
from rules.intake.requests import TicketRequest
from services.assignment import assignments
from services.config import apply_configuration, reload_configuration
from services.desk import Desk
from services.reassignment import absence_cover
from services.tickets import tickets
from storage.people.people import names_of
from storage.schema.people import UserGroupRow
from tests.desks import OFFICE, HeldClock, Office, opened_desk, opened_office, seed
from tests.services.vpn import ANA, BEN, CLEO, LENA, ticket

CARL, HELPERS = "U0CARL1", "S0HELP"
FED: dict[str, Any] = deepcopy(OFFICE)
FED["teams"]["support"]["agents"] = [ANA, HELPERS]


def company() -> dict[str, Any]:
    """The office with Carl, and a user group in which Ben is."""
    plain = seed()
    plain["people"].append({"id": CARL, "name": "carl", "real_name": "Carl Ott", "tz": "Europe/Warsaw"})
    for channel in plain["channels"]:
        channel["members"].append(CARL)
    plain["usergroups"] = [{"id": HELPERS, "name": "Helpers", "handle": "helpers", "users": [BEN]}]
    return plain


@pytest.fixture
async def office(database_url: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """The office, whose agents are Ana and whoever is in @helpers."""
    monkeypatch.setattr(people, "LOOKUP_PAUSE_SECONDS", 0)
    async with opened_office(database_url, clock, plain=FED, company=company()) as opened:
        await user_groups.refresh_user_groups(opened.desk, opened.baton.slack)
        yield opened


async def becomes(office: Office, *users: str) -> None:
    """Somebody changes in Slack who is in @helpers."""
    office.emulator.change_group(HELPERS, users=list(users))
    await office.settled()


def agents(desk: Desk) -> tuple[str, ...]:
    return desk.policy.team("support").agents


async def answer(office: Office, text: str, *, by: str = LENA) -> str:
    outcome = await office.person(by).command("C0GENERAL", "/desk", text)
    return str(outcome.ephemerals)


async def kept(desk: Desk) -> list[list[str]]:
    """The history of the group's members."""
    return await desk.read(
        lambda reader: [
            list(row.members) for row in reader.session.scalars(select(UserGroupRow).order_by(UserGroupRow.id))
        ]
    )


async def test_who_is_in_the_group_works_in_the_team(office: Office) -> None:
    assert agents(office.desk) == (ANA, BEN)


async def test_who_joins_it_takes_a_ticket_at_once(office: Office) -> None:
    await office.file("VPN is down type:network")
    await becomes(office, BEN, CARL)

    card = office.card("C0SUPPORT", "VPN is down")
    await office.person(CARL).press("C0SUPPORT", card["ts"], "ticket.take")
    await office.settled()

    assert "Assignee Carl Ott" in str(office.card("C0SUPPORT", "VPN is down")["blocks"])


async def test_who_leaves_it_is_of_the_team_no_more(office: Office) -> None:
    await becomes(office, CARL)

    assert agents(office.desk) == (ANA, CARL)
    assert await kept(office.desk) == [[BEN], [CARL]]


async def test_another_process_takes_over_who_is_in_it(office: Office, database_url: str, clock: HeldClock) -> None:
    async with opened_desk(database_url, clock) as other:
        await becomes(office, BEN, CARL)

        before, news, again = agents(other), await reload_configuration(other), await reload_configuration(other)

        assert (before, agents(other)) == ((ANA, BEN), (ANA, BEN, CARL))
        assert (news, again) == (True, False)


async def test_other_members_are_no_other_description(office: Office) -> None:
    version = office.desk.policy_version

    await becomes(office, BEN, CARL)

    assert office.desk.policy_version == version


async def test_a_change_that_is_told_late_does_not_undo_a_newer_one(office: Office) -> None:
    await becomes(office, CARL)
    late = {"id": HELPERS, "name": "Helpers", "handle": "helpers", "users": [BEN], "user_count": 1, "date_update": 9}

    office.emulator.workspace.publish(Change("subteam_updated", data={"subteam": late}))
    await office.settled()

    assert agents(office.desk) == (ANA, CARL)


async def test_slack_tells_the_same_twice_and_it_is_kept_once(office: Office) -> None:
    assert await user_groups.refresh_user_groups(office.desk, office.baton.slack) == 0

    assert await kept(office.desk) == [[BEN]]


async def test_deactivated_people_and_bots_do_not_count_until_they_do(office: Office) -> None:
    await becomes(office, BEN, CARL, "U0BATON")
    office.emulator.change_person(CARL, deleted=True)
    await office.settled()
    without = agents(office.desk)
    office.emulator.change_person(CARL, deleted=False)
    await office.settled()

    assert without == (ANA, BEN)
    assert agents(office.desk) == (ANA, BEN, CARL)


async def test_who_joined_is_called_by_name(office: Office) -> None:
    await becomes(office, BEN, CARL)

    found = await office.desk.read(names_of, [CARL])

    assert found == {CARL: "Carl Ott"}


async def test_a_group_of_a_new_description_is_asked_for_when_it_is_taken_over(office: Office) -> None:
    office.emulator.workspace.usergroups["S0NET"] = {**office.emulator.workspace.usergroups[HELPERS], "id": "S0NET"}
    plain = deepcopy(FED)
    plain["teams"]["network"]["experts"] = ["S0NET"]
    await office.desk.execute(apply_configuration, plain)

    await jobs.reload_configuration(office.desk, office.baton.slack)

    assert office.desk.policy.team("network").experts == (BEN,)


async def test_a_lead_reads_from_where_the_agents_come(office: Office) -> None:
    assert "Agents from @helpers: 1 person" in await answer(office, "support")


async def test_before_slack_told_a_lead_reads_so(office: Office) -> None:
    plain = deepcopy(FED)
    plain["teams"]["support"]["agents"] = ["S0NEW"]
    await office.desk.execute(apply_configuration, plain)
    await reload_configuration(office.desk)

    assert "Agents from the user group S0NEW: its members aren't known yet" in await answer(office, "support")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("missing_scope", "reinstall it under Install App"),
        ("paid_teams_only", "User groups need a paid plan of Slack"),
        ("fatal_error", "Baton tries again within an hour"),
    ],
)
async def test_when_slack_refuses_the_people_stay_and_health_says_why(office: Office, code: str, words: str) -> None:
    office.emulator.faults.fail_next("usergroups.list", error=code)

    ran = await jobs.run_job_once(office.desk, office.baton.slack, groups_job())

    assert ran is not None
    assert ran.failed
    assert agents(office.desk) == (ANA, BEN)
    health = await answer(office, "health")
    assert f"Slack doesn't list the members of {HELPERS} (`{code}`), so the last known members are kept." in health
    assert words in health


async def test_a_group_that_is_disabled_keeps_its_people_and_is_named(office: Office) -> None:
    office.emulator.change_group(HELPERS, disabled=True, users=[])
    await office.settled()

    ran = await jobs.run_job_once(office.desk, office.baton.slack, groups_job())

    assert agents(office.desk) == (ANA, BEN)
    assert ran is not None
    assert ran.result.startswith("The user group @helpers (S0HELP) is disabled in Slack")


async def test_a_group_that_slack_does_not_know_keeps_its_people_and_is_named(office: Office) -> None:
    office.emulator.workspace.usergroups.clear()

    ran = await jobs.run_job_once(office.desk, office.baton.slack, groups_job())

    assert agents(office.desk) == (ANA, BEN)
    assert ran is not None
    assert ran.result.startswith("Slack has no user group S0HELP")


async def test_what_somebody_holds_who_leaves_the_group_goes_to_colleagues(office: Office) -> None:
    request = TicketRequest(title="VPN is down", requester=CLEO, registered_by=LENA, type="network")
    number = await office.desk.execute(tickets.create_ticket, request)
    await office.desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
    await becomes(office)

    await absence_cover.cover_absences(office.desk)

    assert (await ticket(office.desk, number)).assignee == ANA


async def test_nobody_has_left_as_long_as_slack_has_not_told_who_is_in_a_group(
    database_url: str, clock: HeldClock
) -> None:
    async with opened_desk(database_url, clock) as desk:
        request = TicketRequest(title="VPN is down", requester=CLEO, registered_by=LENA, type="network")
        number = await desk.execute(tickets.create_ticket, request)
        await desk.execute(assignments.assign_ticket, number, to=BEN, by=LENA)
        await desk.execute(apply_configuration, FED)
        await reload_configuration(desk)

        await absence_cover.cover_absences(desk)

        assert (await ticket(desk, number)).assignee == BEN


async def test_what_was_left_behind_is_moved_as_the_lead_was_told(office: Office) -> None:
    await office.file("VPN is down type:network")
    await office.desk.execute(assignments.assign_ticket, 1, to=BEN, by=LENA)
    await becomes(office)
    lena = office.person(LENA)

    await lena.command("C0SUPPORT", "/desk", "move @ben @ana")

    assert lena.visible_messages("C0SUPPORT")[-1]["text"].startswith("Move 1 ticket of")


def groups_job() -> Job:
    return next(job for job in jobs.all_jobs(30) if job.name == "groups.refresh")
