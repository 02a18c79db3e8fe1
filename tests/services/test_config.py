"""The desk's description: applied once, told what changed, learned by every process."""

import copy

import pytest

from rules.config.validation import DescriptionError
from rules.intake.requests import Request
from services.config import apply, open_desk, reload
from services.desk import Desk
from services.tickets import tickets
from storage.workspaces import BEFORE_SLACK, described
from tests.desks import OFFICE, HeldClock

VPN = Request(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def test_the_same_description_again_changes_nothing(desk: Desk) -> None:
    before = await desk.read(described)

    told = await desk.execute(apply, OFFICE)

    assert told == []
    assert await desk.read(described) == before


async def test_a_change_is_told_in_words_and_counts_as_a_new_version(desk: Desk) -> None:
    plain = copy.deepcopy(OFFICE)
    plain["teams"]["network"]["experts"].append("U0EXPERT3")
    version, _ = await desk.read(described)

    told = await desk.execute(apply, plain)

    assert [line for line in told if "U0EXPERT3" in line] == told
    assert len(told) == 1
    assert (await desk.read(described))[0] == version + 1


async def test_what_describes_no_desk_is_refused_and_changes_nothing(desk: Desk) -> None:
    with pytest.raises(DescriptionError, match="nowhere"):
        await desk.execute(apply, OFFICE | {"types": {"other": {"name": "Other", "team": "nowhere"}}})

    assert (await desk.read(described))[1] == OFFICE


async def test_another_process_takes_the_newer_description_over(desk: Desk, clock: HeldClock) -> None:
    other = Desk(desk.database, workspace=desk.workspace, clock=clock)
    await open_desk(other, first=None)
    plain = copy.deepcopy(OFFICE)
    plain["managers"] = ["U0AGENT1"]
    await desk.execute(apply, plain)

    newer = [await reload(other), await reload(other)]

    assert newer == [True, False]
    assert other.policy.managers == {"U0AGENT1"}


async def test_a_description_file_is_applied_only_where_none_ever_was(desk: Desk, clock: HeldClock) -> None:
    other = Desk(desk.database, workspace=desk.workspace, clock=clock)
    changed = copy.deepcopy(OFFICE) | {"managers": ["U0AGENT1"]}

    told = await open_desk(other, first=changed)

    assert told == []
    assert other.policy.managers == {"U0MANAGER1"}


async def test_a_team_that_is_described_no_more_keeps_its_tickets(desk: Desk) -> None:
    number = await desk.execute(tickets.file, VPN)
    plain = copy.deepcopy(OFFICE)
    plain["types"] = {"other": {"name": "Other", "team": "network"}}
    plain["teams"].pop("support")
    plain["teams"]["network"] |= {"line": "first", "agents": ["U0EXPERT1"]}
    plain["teams"]["network"].pop("handles")
    plain["sla"] = [{"first_response": "2h", "resolution": "3d"}]

    await desk.execute(apply, plain)
    await reload(desk)

    assert desk.policy.team("support").name == "support"
    await desk.execute(tickets.note, number, by="U0MANAGER1", text="Whose is this now?")


async def test_what_was_brought_before_slack_was_reached_becomes_the_workspaces_own(
    desk: Desk, clock: HeldClock
) -> None:
    before = Desk(desk.database, workspace=BEFORE_SLACK, clock=clock)
    await open_desk(before, first=OFFICE)
    await before.execute(tickets.file, VPN)
    found = Desk(desk.database, workspace="T0NEW", clock=clock)

    await open_desk(found, first=None)

    assert found.policy.types.keys() == {"network", "other"}
    assert await found.execute(tickets.file, VPN) == 2
