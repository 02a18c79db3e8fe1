"""The people of the desk's description: when each works, and what they know."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from rules.config.calendars import read_date
from rules.config.sla import quoted, share_of
from rules.config.validation import Part, one_of, person
from rules.errors import Refused
from rules.model.people import PersonProfile, Skill, SkillLevel
from rules.model.policy import Team

LONGEST_SPAN = ".."
ROLES = ("leads", "experts", "agents")


def read_people(desk: Part, *, calendars: Collection[str], types: Collection[str]) -> dict[str, PersonProfile]:
    """When single people work, by their Slack id."""
    section = desk.inner("people", "")
    found = {}
    for who in section.plain:
        try:
            person(str(who))
        except Refused as error:
            section.fault(f"people: {error}", who)
            continue
        found[str(who)] = _availability(section.inner(who, f"person {who}"), calendars, types)
    return found


def role_deputies(part: Part) -> dict[str, str]:
    """`deputies: {leads: U0AGENT2}` of a team: who stands in for those of a role who name nobody themselves."""
    section = part.inner("deputies", part.name).only(*ROLES)
    return {role: who for role in ROLES if (who := section.parsed(role, person, ""))}


def with_deputies(
    people: Mapping[str, PersonProfile], teams: Mapping[str, Team], by_team: Mapping[str, Mapping[str, str]]
) -> dict[str, PersonProfile]:
    """Everybody with the deputy that they name, else that of their role in the first team that says one."""
    found = dict(people)
    for key, deputies in by_team.items():
        for role, deputy in deputies.items():
            for who in getattr(teams[key], role):
                theirs = found.get(who, PersonProfile())
                if not theirs.deputy and who != deputy:
                    found[who] = replace(theirs, deputy=deputy)
    return found


def _availability(part: Part, calendars: Collection[str], types: Collection[str]) -> PersonProfile:
    part.only("calendar", "share", "away", "deputy", "capacity", "skills")
    return PersonProfile(
        calendar=part.reference("calendar", calendars, "calendars"),
        time_share=_share_of_time(part),
        days_away=part.all_parsed("away", _days),
        deputy=part.parsed("deputy", person, ""),
        capacity=part.number("capacity", None, least=0, most=1000),
        skills=_skills(part, types),
    )


def _skills(part: Part, types: Collection[str]) -> dict[str, Skill]:
    """`skills: {network: expert, crm: {level: can, until: 2027-01-31, certificate: CRM II}}`."""
    section, found = part.inner("skills", part.name), {}
    for key, value in section.plain.items():
        try:
            one_of(str(key), types, "type", "the types here")
        except Refused as error:
            section.fault(f"skills: {error}", key)
            continue
        inner = section.inner(key, f"{part.name}, skill {key}") if isinstance(value, Mapping) else None
        level = inner.parsed("level", read_level, None) if inner else section.parsed(key, read_level, None)
        if inner:
            inner.only("level", "until", "certificate")
            inner.missing("level", "write learning, can or expert")
        if level is not None:
            until = inner.parsed("until", read_date, None) if inner else None
            found[str(key)] = Skill(level, until, inner.text("certificate") if inner else "")
    return found


def read_level(word: str) -> SkillLevel:
    return SkillLevel(one_of(word, tuple(SkillLevel), "level", "the levels"))


def _share_of_time(part: Part) -> float:
    value = part.plain.get("share")
    share = 1.0 if value is None else share_of(value)
    if share is None or not 0 <= share <= 1:
        part.fault(f"share: {quoted(value)} is not a share of working time: write 80% or 0.8.", "share")
        return 1.0
    return share


def _days(words: str) -> tuple[date, date]:
    """A day, or the first and the last day of a span: 2026-12-24..2027-01-02."""
    first, _, last = (end.strip() for end in words.partition(LONGEST_SPAN))
    begins, ends = read_date(first), read_date(last or first)
    if ends < begins:
        raise Refused(f"`{words}` ends before it begins: write the first day, two points and the last day.")
    return begins, ends
