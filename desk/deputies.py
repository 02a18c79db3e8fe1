"""Who hears of something in place of those who are away: their deputies, else whoever else has to know."""

from collections.abc import Collection, Iterable

from desk.desk import Desk
from rules.policy import Policy, Team
from rules.presence import stand_in
from storage.presence import absent
from storage.work import Work


async def found_by(desk: Desk, person: str) -> Desk:
    """The desk as this person finds it: who stands in for somebody who is away may meanwhile what they may."""
    named = [who for who, one in desk.policy.people.items() if one.deputy]
    if person not in {desk.policy.people[who].deputy for who in named}:
        return desk
    wanted = with_deputies(desk.policy, named)
    away = await desk.ask(absent, wanted, policy=desk.policy, team="", at=desk.clock())
    stood_for = [who for who in named if who in away and stand_in(desk.policy, who, away) == person]
    return desk.under(desk.policy.standing_in(person, stood_for)) if stood_for else desk


def called(policy: Policy, people: Iterable[str], away: Collection[str]) -> list[str]:
    """Each of them who is there, and the deputy of each who is not; nobody in place of who has none that is."""
    acting = (stand_in(policy, one, away) for one in people)
    return list(dict.fromkeys(one for one in acting if one))


def leads_called(work: Work, team: Team, *, but: str = "", away: Collection[str] | None = None) -> list[str]:
    """The team's leads or their deputies, else the managers, else the leads who are away: somebody has to know.

    `away` is who is, where the caller has asked for that already.
    """
    leads = [one for one in team.leads if one != but]
    managers = sorted(work.policy.managers - {but})
    gone = away_among(work, [*leads, *managers]) if away is None else away
    found = called(work.policy, leads, gone) or called(work.policy, managers, gone) or managers or leads
    return [one for one in found if one != but] or managers


def away_among(work: Work, people: Iterable[str]) -> frozenset[str]:
    """Those of them, and of everybody who might stand in for them, who are away."""
    wanted = with_deputies(work.policy, people)
    return absent(work.session, work.workspace, wanted, policy=work.policy, team="", at=work.now)


def with_deputies(policy: Policy, people: Iterable[str]) -> list[str]:
    """They, and their deputies, and theirs."""
    found: dict[str, None] = {}
    waiting = list(people)
    while waiting:
        one = waiting.pop(0)
        deputy = policy.people[one].deputy if one in policy.people else ""
        if one not in found and deputy:
            waiting.append(deputy)
        found[one] = None
    return list(found)
