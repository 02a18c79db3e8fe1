"""Who hears of something in place of those who are away: their deputies, else whoever else has to know."""

from collections.abc import Iterable

from rules.policy import Policy, Team
from rules.presence import stand_in
from storage.presence import absent
from storage.work import Work


def called(work: Work, people: Iterable[str], team: str) -> list[str]:
    """Each of them who is there, and the deputy of each who is not; nobody in place of who has none that is."""
    wanted = list(people)
    away = away_among(work, wanted, team)
    acting = (stand_in(work.policy, one, away) for one in wanted)
    return list(dict.fromkeys(one for one in acting if one))


def leads_called(work: Work, team: Team, *, but: str = "") -> list[str]:
    """The team's leads or their deputies, else the managers, else the leads who are away: somebody has to know."""
    leads = [one for one in team.leads if one != but]
    managers = sorted(work.policy.managers - {but})
    found = called(work, leads, team.key) or called(work, managers, team.key) or managers or leads
    return [one for one in found if one != but] or managers


def away_among(work: Work, people: Iterable[str], team: str) -> frozenset[str]:
    """Those of them, and of everybody who might stand in for them, who are away."""
    return absent(
        work.session, work.workspace, with_deputies(work.policy, people), policy=work.policy, team=team, at=work.now
    )


def acts_for(work: Work, person: str) -> list[str]:
    """Those who are away now and for whom this person stands in."""
    named = [who for who, one in work.policy.people.items() if one.deputy]
    if person not in {work.policy.people[who].deputy for who in named}:
        return []
    away = away_among(work, named, work.policy.team_of(person))
    return [who for who in named if who in away and stand_in(work.policy, who, away) == person]


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
