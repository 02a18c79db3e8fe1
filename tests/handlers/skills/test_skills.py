"""A lead says who knows what, in one line or on Home; everybody reads who knows a type."""

import pytest

from bot.emulator.people.participant import Outcome
from rules.model.people import Skill, SkillLevel
from services.skills import set_skill
from storage.skills import skill_changes, skills_of
from tests.desks import Office
from tests.handlers.vpn import ANA, BEN, CLEO, EVA, GENERAL, LENA, LEO


async def asks(office: Office, text: str, *, by: str) -> str:
    outcome = await office.person(by).command(GENERAL, "/desk", text)
    assert outcome.ok
    (answer,) = outcome.ephemerals
    return f"{answer['text']}{answer.get('blocks')}"


async def level(office: Office, who: str) -> Skill | None:
    desk = office.desk
    found = await desk.read(skills_of, [who], policy=desk.policy, day=desk.clock().date())
    return found.skill_of(who, "network")


async def form_of(office: Office, who: str, *, by: str) -> Outcome:
    """By the button on Home, and the one beside the person."""
    await office.person(by).open_home()
    await office.settled()
    await office.person(by).press_view("skills.team", home=True)
    view = office.person(by).view
    assert view is not None
    block = next(one for one in view["blocks"] if one.get("accessory", {}).get("value") == who)
    return await office.person(by).press_view("skills.person", block_id=block["block_id"])


async def test_a_lead_says_a_level_in_one_line_and_reads_the_evidence(office: Office) -> None:
    answer = await asks(office, "skill @ana network expert until 2026-10-20 certificate CCNA", by=LENA)

    assert "expert, certificate CCNA, ⚠️ expires on Tue 20 Oct 2026" in answer
    assert "No tickets resolved in 90 days" in answer
    assert "changed Network from None to Expert" in answer
    skill = await level(office, ANA)
    assert skill is not None
    assert (skill.level, skill.certificate) == (SkillLevel.EXPERT, "CCNA")


@pytest.mark.parametrize("who", [LEO, BEN, CLEO])
async def test_who_does_not_lead_them_reads_who_can(office: Office, who: str) -> None:
    answer = await asks(office, "skill @ana network expert", by=who)

    assert "leads of Support can, and so can managers" in answer
    assert await level(office, ANA) is None


async def test_whom_slack_does_not_know_is_named(office: Office) -> None:
    answer = await office.person(LENA).command("C0SUPPORT", "/desk", "skill @nobody network expert")

    assert "`@nobody` is nobody whom Slack knows." in answer.ephemerals[0]["text"]


async def test_the_desk_reads_who_knows_a_type_who_is_here_and_with_how_much(office: Office) -> None:
    await asks(office, "skill @ana network expert until 2026-10-20", by=LENA)
    await asks(office, "skill @ben network learning", by=LENA)

    answer = await asks(office, "who network", by=EVA)

    assert answer.index("*Experts*") < answer.index("*Learning*")
    assert f"<@{ANA}> · here until 14:30 · 0 open · 0 min of work · ⚠️ expires on Tue 20 Oct 2026" in answer
    assert "Network tickets go to Support." in answer


async def test_everybody_else_reads_who_knows_a_type_and_nothing_of_their_day(office: Office) -> None:
    await asks(office, "skill @ana network expert until 2026-10-20", by=LENA)

    answer = await asks(office, "who network", by=CLEO)

    assert f"*Experts*\\n<@{ANA}>" in answer
    assert not any(words in answer for words in ("here until", "open", "min of work", "2026-10-20"))


async def test_on_home_a_lead_opens_a_person_and_keeps_what_they_know(office: Office) -> None:
    opened = await form_of(office, ANA, by=LENA)
    assert opened.view is not None

    done = await office.person(LENA).submit(
        {
            "level:network": "can",
            "level:other": "learning",
        }
    )
    await form_of(office, ANA, by=LENA)
    certified = await office.person(LENA).submit({"certificate:network": "CCNA", "until:network": "2027-01-31"})

    assert "✓ Saved. 2 skills changed." in str(done.view)
    assert "✓ Saved. 1 skill changed." in str(certified.view)
    assert [change.by for change in await office.desk.read(skill_changes, ANA, limit=9)] == [LENA, LENA, LENA]


async def test_the_form_asks_for_a_certificate_only_where_there_is_a_level(office: Office) -> None:
    await office.desk.execute(set_skill, ANA, "network", skill=Skill(SkillLevel.CAN), by=LENA)

    opened = await form_of(office, ANA, by=LENA)

    assert "certificate:network" in str(opened.view)
    assert "certificate:other" not in str(opened.view)


async def test_a_certificate_without_a_level_is_refused_beside_the_field(office: Office) -> None:
    await office.desk.execute(set_skill, ANA, "network", skill=Skill(SkillLevel.CAN), by=LENA)
    await form_of(office, ANA, by=LENA)

    done = await office.person(LENA).submit({"level:network": "none", "certificate:network": "CCNA"})

    assert "A certificate needs a level" in done.errors["level:network"]


async def test_a_last_day_that_is_past_is_refused_beside_the_field(office: Office) -> None:
    await office.desk.execute(set_skill, ANA, "network", skill=Skill(SkillLevel.CAN), by=LENA)
    await form_of(office, ANA, by=LENA)

    done = await office.person(LENA).submit({"level:network": "can", "until:network": "2026-10-04"})

    assert "Sun 4 Oct 2026 is in the past" in done.errors["until:network"]
    assert len(await office.desk.read(skill_changes, ANA, limit=9)) == 1


async def test_agents_have_no_team_button_and_leads_do(office: Office) -> None:
    homes = {}
    for who in (ANA, LENA):
        await office.person(who).open_home()
        await office.settled()
        homes[who] = "skills.team" in str(office.person(who).home)

    assert homes == {ANA: False, LENA: True}
