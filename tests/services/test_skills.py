"""A lead says how well somebody knows a type, the history speaks for it, and certificates are told before they end."""

from datetime import date, timedelta

import pytest

from rules.errors import Refused
from rules.escalations.escalations import RejectionReason
from rules.model.people import Skill, SkillLevel
from rules.people.permissions import NotAllowed
from rules.skills import SkillEvidence
from services import skills
from services.assignment import assignments
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from storage.skills import people_with_skill, skill_changes, skill_evidence, skills_of
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, BEN, EMIL, EVA, LENA, LEO, MIA, OTTO, asked, filed, told

EXPERT = Skill(SkillLevel.EXPERT, date(2027, 1, 31), "CCNA")


async def known(desk: Desk, who: str, kind: str = "network") -> Skill | None:
    found = await desk.read(skills_of, [who], policy=desk.policy, day=desk.clock().date())
    return found.skill_of(who, kind)


async def test_what_a_lead_says_counts_and_who_said_what_before_is_kept(desk: Desk) -> None:
    await desk.execute(skills.set_skill, ANA, "network", skill=Skill(SkillLevel.CAN), by=LENA)
    await desk.execute(skills.set_skill, ANA, "network", skill=EXPERT, by=MIA)

    assert await known(desk, ANA) == EXPERT
    newest, first = await desk.read(skill_changes, ANA, limit=9)
    assert (newest.by, newest.was, newest.now) == (
        MIA,
        {"level": "can", "until": None, "certificate": ""},
        {"level": "expert", "until": "2027-01-31", "certificate": "CCNA"},
    )
    assert (first.by, first.was) == (LENA, None)


async def test_said_twice_it_is_nothing_new(desk: Desk) -> None:
    assert await desk.execute(skills.set_skill, ANA, "network", skill=EXPERT, by=LENA)
    assert not await desk.execute(skills.set_skill, ANA, "network", skill=EXPERT, by=LENA)
    assert len(await desk.read(skill_changes, ANA, limit=9)) == 1


async def test_it_counts_before_the_description_and_can_take_a_level_away(database_url: str, clock: HeldClock) -> None:
    plain = OFFICE | {"people": {ANA: {"skills": {"network": "expert"}}}}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        await desk.execute(skills.set_skill, ANA, "network", skill=None, by=LENA)

        assert await known(desk, ANA) is None
        assert (await desk.read(skill_changes, ANA, limit=1))[0].was is not None


@pytest.mark.parametrize("who", [LEO, BEN, ANA, OTTO])
async def test_only_a_lead_of_the_persons_own_team_or_a_manager_says_it(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed, match="leads of Support can, and so can managers"):
        await desk.execute(skills.set_skill, ANA, "network", skill=EXPERT, by=who)


async def test_of_somebody_who_is_in_no_team_nothing_is_said(desk: Desk) -> None:
    with pytest.raises(Refused, match="is in no team here"):
        await desk.execute(skills.set_skill, OTTO, "network", skill=EXPERT, by=MIA)


async def test_a_certificate_is_told_a_month_and_a_week_before_to_both_and_once_each(
    desk: Desk, clock: HeldClock
) -> None:
    ends = clock.now.date() + timedelta(days=31)
    await desk.execute(skills.set_skill, ANA, "network", skill=Skill(SkillLevel.CAN, ends, "CCNA"), by=LENA)
    counts = []
    for _ in range(33):
        await desk.execute(skills.remind_of_certificates)
        await desk.execute(skills.remind_of_certificates)
        counts.append((len(await told(desk, ANA)), len(await told(desk, LENA))))
        clock.forward(days=1)

    assert counts[0] == (0, 0)
    assert counts[1] == counts[23] == (1, 1)
    assert counts[24] == counts[-1] == (2, 2)
    assert (await told(desk, ANA))[0] == (
        f"Your certificate CCNA for Network expires on {ends:%a} {ends.day} {ends:%b %Y}. "
        "After that day the level no longer counts."
    )


async def test_after_its_last_day_a_level_is_as_if_it_were_not_there(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(skills.set_skill, ANA, "network", skill=Skill(SkillLevel.CAN, clock.now.date()), by=LENA)
    day = clock.now.date()

    levels = [
        (await desk.read(skills_of, [ANA], policy=desk.policy, day=on)).level_of(ANA, "network")
        for on in (day, day + timedelta(days=1))
    ]

    assert levels == [SkillLevel.CAN, None]


async def test_the_evidence_counts_what_was_resolved_in_time_reopened_and_asked(desk: Desk, clock: HeldClock) -> None:
    in_time, again, late = [await filed(desk) for _ in range(3)]
    for number in (in_time, again):
        await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted.")
    await desk.execute(tickets.reopen, again, by=ANA, reason="Down again.")
    await desk.execute(tickets.resolve, again, by=ANA, solution="Changed the cable.")
    clock.forward(days=3)
    await desk.execute(tickets.resolve, late, by=ANA, solution="Restarted.")
    for decide in ("accept", "reject"):
        number = await filed(desk)
        await asked(desk, number)
        if decide == "accept":
            await desk.execute(escalations.accept, number, 1, by=EMIL)
        else:
            await desk.execute(escalations.reject, number, 1, by=EVA, reason=RejectionReason.OTHER, comment="No.")

    found = await desk.read(skill_evidence, ANA, ["network", "other"], at=desk.clock())

    assert found["network"] == SkillEvidence(
        90, resolved=3, with_target=3, in_time=2, reopened=1, accepted=1, rejected=1
    )
    assert found["other"] == SkillEvidence(90)


async def test_who_knows_a_type_is_told_by_level_with_where_they_are_and_what_they_hold(desk: Desk) -> None:
    await desk.execute(skills.set_skill, BEN, "network", skill=EXPERT, by=LENA)
    await desk.execute(skills.set_skill, ANA, "network", skill=Skill(SkillLevel.LEARNING), by=LENA)
    await desk.execute(assignments.assign_ticket, await filed(desk), to=BEN, by=LENA)

    found = await desk.read(people_with_skill, "network", [ANA, BEN, EVA], policy=desk.policy, at=desk.clock())

    assert [(one.person, one.skill.level, one.open_count, one.workload_minutes) for one in found] == [
        (BEN, SkillLevel.EXPERT, 1, 20),
        (ANA, SkillLevel.LEARNING, 0, 0),
    ]
