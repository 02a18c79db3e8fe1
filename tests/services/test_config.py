"""The desk's description: applied once, told what changed, learned by every process."""

import asyncio
import copy

import pytest

from rules.config.faults import ConfigurationError
from rules.intake.requests import TicketRequest
from services.config import apply_configuration, open_desk, reload_configuration
from services.desk import Desk
from services.tickets import tickets
from storage.events import ticket_history
from storage.workspaces import LOCAL_WORKSPACE, adopt_local_data, current_configuration, known_workspaces
from tests.desks import OFFICE, HeldClock

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def test_the_same_description_again_changes_nothing(desk: Desk) -> None:
    before = await desk.read(current_configuration)

    told = await desk.execute(apply_configuration, OFFICE)

    assert told == []
    assert await desk.read(current_configuration) == before


async def test_a_change_is_told_in_words_and_counts_as_a_new_version(desk: Desk) -> None:
    plain = copy.deepcopy(OFFICE)
    plain["teams"]["network"]["experts"].append("U0EXPERT3")
    version, _ = await desk.read(current_configuration)

    told = await desk.execute(apply_configuration, plain)

    assert [line for line in told if "U0EXPERT3" in str(line)] == told
    assert len(told) == 1
    assert (await desk.read(current_configuration))[0] == version + 1


async def test_what_describes_no_desk_is_refused_and_changes_nothing(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        await desk.execute(apply_configuration, OFFICE | {"types": {"other": {"name": "Other", "team": "nowhere"}}})

    assert (await desk.read(current_configuration))[1] == OFFICE


async def test_another_process_takes_the_newer_description_over(desk: Desk, clock: HeldClock) -> None:
    other = Desk(desk.database, workspace=desk.workspace, clock=clock)
    await open_desk(other, initial=None)
    plain = copy.deepcopy(OFFICE)
    plain["managers"] = ["U0AGENT1"]
    await desk.execute(apply_configuration, plain)

    newer = [await reload_configuration(other), await reload_configuration(other)]

    assert newer == [True, False]
    assert other.policy.managers == {"U0AGENT1"}


async def test_a_description_file_is_applied_only_where_none_ever_was(desk: Desk, clock: HeldClock) -> None:
    other = Desk(desk.database, workspace=desk.workspace, clock=clock)
    changed = copy.deepcopy(OFFICE) | {"managers": ["U0AGENT1"]}

    told = await open_desk(other, initial=changed)

    assert told == []
    assert other.policy.managers == {"U0MANAGER1"}


async def test_a_team_that_is_described_no_more_keeps_its_tickets(desk: Desk) -> None:
    number = await desk.execute(tickets.create_ticket, VPN)
    plain = copy.deepcopy(OFFICE)
    plain["types"] = {"other": {"name": "Other", "team": "network"}}
    plain["teams"].pop("support")
    plain["teams"]["network"] |= {"line": "first", "agents": ["U0EXPERT1"]}
    plain["teams"]["network"].pop("handles")
    plain["sla"] = [{"first_response": "2h", "resolution": "3d"}]

    await desk.execute(apply_configuration, plain)
    await reload_configuration(desk)

    assert desk.policy.team("support").name == "support"
    await desk.execute(tickets.add_note, number, by="U0MANAGER1", text="Whose is this now?")


async def test_however_much_was_brought_before_it_is_taken_over_in_slices_and_carried_on_after_a_crash(
    desk: Desk, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("services.config.ROWS_PER_ADOPTION", 4)
    monkeypatch.setattr("services.desk.PROGRESS_SECONDS", 0)
    before = Desk(desk.database, workspace=LOCAL_WORKSPACE, clock=clock)
    await open_desk(before, initial=OFFICE)
    for _ in range(3):
        await before.execute(tickets.create_ticket, VPN)
    crashed, found = (Desk(desk.database, workspace="T0NEW", clock=clock) for _ in range(2))
    assert await crashed.execute(adopt_local_data, limit=4) == 4

    await asyncio.gather(open_desk(found, initial=None), open_desk(crashed, initial=None))

    assert [len(await found.read(ticket_history, number)) for number in (1, 2, 3)] == [1, 1, 1]
    assert await before.read(lambda reader: known_workspaces(reader.session)) == ["T0LOCAL", "T0NEW"]
    assert "Taking over what was imported before: 8 so far." in caplog.messages


async def test_what_was_brought_before_slack_was_reached_becomes_the_workspaces_own(
    desk: Desk, clock: HeldClock
) -> None:
    before = Desk(desk.database, workspace=LOCAL_WORKSPACE, clock=clock)
    await open_desk(before, initial=OFFICE)
    await before.execute(tickets.create_ticket, VPN)
    found = Desk(desk.database, workspace="T0NEW", clock=clock)

    await open_desk(found, initial=None)

    assert found.policy.types.keys() == {"network", "other"}
    assert await found.execute(tickets.create_ticket, VPN) == 2
