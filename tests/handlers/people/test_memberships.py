"""A lead says who belongs to their team, in one line or on Home: it counts at once, and whom it concerns reads it."""

import pytest

from bot.emulator.people.participant import Outcome
from tests.desks import Office
from tests.handlers import sent
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, GENERAL, LENA, LEO

MIA = "U0MANAGER1"
BATON = "U0BATON"


async def asks(office: Office, text: str, *, by: str = LENA) -> str:
    outcome = await office.person(by).command(GENERAL, "/desk", text)
    (answer,) = outcome.ephemerals
    await office.settled()
    return f"{answer['text']}{answer.get('blocks')}"


def agents(office: Office) -> tuple[str, ...]:
    return office.desk.policy.team("support").agents


def direct(office: Office, who: str) -> str:
    """What Baton wrote to this person last."""
    person = office.person(who)
    return str(person.visible_messages(person.dm_channel(BATON))[-1]["text"])


async def team_page(office: Office, *, by: str = LENA) -> Outcome:
    await office.person(by).open_home()
    await office.settled()
    return await office.person(by).press_view("skills.team", home=True)


async def role_form(office: Office, who: str, *, by: str = LENA) -> Outcome:
    """By the button on Home, the one beside the person, and the one beside their role."""
    page = (await team_page(office, by=by)).view
    assert page is not None
    beside = next(one for one in page["blocks"] if one.get("accessory", {}).get("value") == who)
    await office.person(by).press_view("skills.person", block_id=beside["block_id"])
    return await office.person(by).press_view("members.ask")


async def test_in_one_line_somebody_is_added_and_takes_a_ticket_at_once(office: Office) -> None:
    await office.file("VPN is down type:network")

    answer = await asks(office, "team add @cleo agent")

    assert f"✓ <@{CLEO}> is now agent of Support." in answer
    assert f"<@{CLEO}> made agent by <@{LENA}>, " in answer
    assert direct(office, CLEO) == f"<@{LENA}> added you to Support as agent."
    card = office.card("C0SUPPORT", "VPN is down")
    await office.person(CLEO).press("C0SUPPORT", card["ts"], "ticket.take")
    await office.settled()
    assert "Assignee Cleo" in str(office.card("C0SUPPORT", "VPN is down")["blocks"])


async def test_in_one_line_somebody_is_taken_out(office: Office) -> None:
    await asks(office, "team support remove @ben")

    assert agents(office) == (ANA,)
    assert direct(office, BEN) == f"<@{LENA}> removed you from Support."


async def test_without_a_person_a_lead_reads_who_said_what_lately(office: Office) -> None:
    await asks(office, "team add @cleo agent")
    await asks(office, "team remove @cleo", by=LENA)

    answer = await asks(office, "team support", by=MIA)

    assert answer.index(f"<@{CLEO}> removed by <@{LENA}>") < answer.index(f"<@{CLEO}> made agent by <@{LENA}>")


async def test_who_may_speak_of_several_teams_names_one(office: Office) -> None:
    assert "Which team? Write `/desk team support add @ana agent`" in await asks(office, "team add @cleo agent", by=MIA)
    assert "`gone` isn't a team here. Teams: `support`, `network`." in await asks(office, "team gone add @cleo agent")


@pytest.mark.parametrize("who", [LEO, BEN, CLEO])
async def test_who_does_not_lead_the_team_reads_who_can(office: Office, who: str) -> None:
    assert "leads of Support can, and so can managers" in await asks(office, "team support add @cleo agent", by=who)
    assert agents(office) == (ANA, BEN)


async def test_who_leads_no_team_reads_who_can(office: Office) -> None:
    assert "You cannot change who is in this team: leads and managers can." in await asks(
        office, "team add @cleo agent", by=BEN
    )


@pytest.mark.parametrize("who", [BATON, "U0NOBODY9"])
async def test_a_bot_and_whom_slack_does_not_know_are_refused(office: Office, who: str) -> None:
    (told,) = await sent.typed(office, LENA, "/desk", f"team add <@{who}> agent")

    assert told.text.startswith(f"<@{who}> is not an active member of this workspace")
    office.emulator.refusals.clear()  # Slack was asked about somebody whom it does not know
    assert agents(office) == (ANA, BEN)


async def test_somebody_of_another_company_is_refused(office: Office) -> None:
    office.emulator.change_person(CLEO, team_id="T0PARTNER")

    assert "is from another company" in await asks(office, "team add @cleo agent")


async def test_on_home_a_lead_adds_somebody_and_reads_it_on_the_page(office: Office) -> None:
    await team_page(office)
    await office.person(LENA).press_view("members.ask")

    done = await office.person(LENA).submit({"person": CLEO, "role": "expert"})
    await office.settled()

    assert f"✓ <@{CLEO}> is now expert of Support." in str(done.view)
    assert office.desk.policy.team("support").experts == (CLEO,)
    again = await team_page(office)
    assert f"<@{CLEO}> made expert by <@{LENA}>" in str(again.view)


async def test_on_home_a_lead_changes_a_role_that_the_form_shows(office: Office) -> None:
    form = (await role_form(office, BEN)).view
    assert form is not None
    assert form["blocks"][1]["element"]["initial_option"]["value"] == "agent"

    await office.person(LENA).submit({"role": "none"})

    assert agents(office) == (ANA,)


async def test_a_role_that_somebody_changed_meanwhile_is_not_overwritten(office: Office) -> None:
    await role_form(office, BEN)
    await asks(office, "team support remove @ben", by=MIA)

    done = await office.person(LENA).submit({"role": "expert"})

    assert f"<@{BEN}> is now not in Support. Open the form again." in str(done.view)
    assert BEN not in office.desk.policy.team("support").people


async def test_the_last_lead_stays_and_who_leads_is_for_managers(office: Office) -> None:
    await role_form(office, LENA, by=LENA)

    done = await office.person(LENA).submit({"role": "none"})

    assert f"Only managers can change the leads of Support. Ask <@{MIA}>." in str(done.view)
    assert "Support would have no lead" in await asks(office, "team support remove @lena", by=MIA)


async def test_experts_are_added_to_their_own_team_by_its_lead(office: Office) -> None:
    await asks(office, "team add @cleo expert", by=LEO)

    assert CLEO in office.desk.policy.team("network").experts
    assert EVA in office.desk.policy.team("network").experts
