"""A lead slips in the desk's description: each fault is named where it stands, with its remedy."""
# ruff: noqa: E501  (a table of faults reads best with one fault a line)

from typing import Any

import pytest

from rules.config.faults import ConfigurationError
from rules.config.policy import parse_policy
from tests.rules.descriptions import description, put


@pytest.fixture
def plain() -> dict[str, Any]:
    return description()


def refused(plain: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ConfigurationError) as error:
        parse_policy(plain)
    return [(problem.path, str(problem.sentence)) for problem in error.value.faults]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("team", {}, "`team` is not known here. Did you mean `teams`?"),
        ("zzz", {}, "`zzz` is not known here. Known: calendars, teams, managers, observers, admins, types, companies, people, sla, warn_at, pause_while, alerts, escalations."),
        ("teams", {}, "`teams` is missing: a desk needs at least one team."),
        ("types", None, "`types` is missing: a ticket needs a type to be filed under."),
        ("teams", [1], "`teams` is a mapping of keys and values, not a list."),
        ("teams.support", "x", "team support is a mapping of keys and values, not text."),
        ("teams.Big Team", {"channel": "C1", "agents": ["U1"]}, "team key `Big Team`: write it in small letters, digits, - and _."),
        ("teams.support.calendar", "offise", "team support: calendar `offise` is not one of the calendars here. Did you mean `office`?"),
        ("teams.support.agnets", [], "team support: `agnets` is not known here. Did you mean `agents`?"),
        ("teams.support.presence_board", "yes", "team support: `presence_board` is true or false, not `yes`."),
        ("teams.support.name", 7, "team support: `name` takes text, not a number."),
        ("teams.support.name", " ", "team support: `name` has 0 characters: write 1 to 75."),
        ("teams.support.name", "x" * 76, "team support: `name` has 76 characters: write 1 to 75."),
        ("teams.support.line", "frist", "team support: line `frist` is unknown. Did you mean `first`?"),
        ("teams.support.channel", None, "team support: `channel` is missing: write the id of the team's Slack channel."),
        ("teams.network.channel", "C0SUPPORT", "team network: channel C0SUPPORT is also the channel of team support: give each team its own."),
        ("teams.support.agents", "U0AGENT1", "team support: `agents` is a list: write [one, another]."),
        ("teams.network.experts", [], "team network: a team of experts needs people: write experts: [U0EXPERT1]."),
        ("teams.network.handles.0", "netwrk", "team network: type `netwrk` is not one of the types here. Did you mean `network`?"),
        ("teams.support.summary_at", "24:00", "team support: `24:00` is not a time of day: write 00:00 to 23:59."),
        ("teams.support.summary_at", "four", "team support: `four` is not a time of day: write 00:00 to 24:00."),
        ("teams.support.summary_at", True, "team support: `summary_at` takes text, not true or false."),
        ("types.other.team", "suport", "type other: team `suport` is not one of the teams here. Did you mean `support`?"),
        ("types.other.team", None, "type other: `team` is missing: write the team that takes tickets of this type."),
        ("types.network.experts", "support", "type network: experts: team `support` is not a team of experts: write line: expert there."),
        ("types.other.priority", "urgent", "type other: priority `urgent` is unknown. Known: critical, high, normal, low."),
        ("sla", {}, "`sla` is a list: write [one, another]."),
        ("sla.0", 7, "sla row 1 is a mapping of keys and values, not a number."),
        ("sla.1", {"type": "network"}, "sla row 2: it sets no time: write first_response: 2h, resolution: 3d, or both."),
        ("sla.1.type", "vpn", "sla row 2: type `vpn` is not one of the types here. Known: network, other."),
        ("sla.1.team", "supporters", "sla row 2: team `supporters` is not one of the teams here. Did you mean `support`?"),
        ("warn_at.0", 50, "warn_at: `50` is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("warn_at.0", "120%", "warn_at: `120%` is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("warn_at.0", "half%", "warn_at: `half%` is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("warn_at.0", True, "warn_at: `True` is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("warn_at.0", [], "warn_at: a list is not a warning: write the share of the SLA time that is used, 50%, or the time left, 30m."),
        ("warn_at", ["50%", 0.5], "warn_at: a warning is written twice: keep one."),
        ("calendars.office.timezone", None, "calendar office: `timezone` is missing: write an IANA name such as Europe/Warsaw."),
        ("calendars.office.timezone", "Warsaw", "calendar office: `Warsaw` is not a time zone: write its IANA name, such as Europe/Warsaw or UTC."),
        ("calendars.office.holidays", "XX", "calendar office: `XX` has no known holidays: write a country such as PL, or its part, DE-BY."),
        ("calendars.office.closed.0", "31.12.2026", "calendar office: `31.12.2026` is not a date: write year-month-day, as 2026-12-24."),
        ("calendars.office.extra.friday", [], "calendar office: extra: `friday` is not a date: write year-month-day, as 2026-12-24."),
        ("calendars.office.extra", {"2026-12-31": ["09:00-10:00"]}, "calendar office: 2026-12-31 is both closed and an extra open day: keep one of the two."),
        ("calendars.office.hours.fri", ["08:00"], "calendar office: `08:00` is not a span of hours: write 08:00-12:00."),
        ("calendars.office.hours.fri", ["08:00-25:00"], "calendar office: `25:00` is not a time of day: write 00:00 to 24:00."),
        ("calendars.office.hours.fri", ["22:00-06:00"], "calendar office: `22:00-06:00` ends before it begins: write 22:00-24:00 here and 00:00-06:00 on the next day."),
        ("calendars.office.hours.fri", ["22:00-00:00"], "calendar office: `22:00-00:00` ends before it begins: write 22:00-24:00."),
        ("calendars.office.hours.fri", ["08:00-12:00", "11:00-13:00"], "calendar office: 08:00-12:00 and 11:00-13:00 overlap: join them into one window."),
        ("calendars.office.hours.thu", [], "calendar office: thu is written twice under `hours`: keep one."),
        ("calendars.office.hours.friday", ["08:00-12:00"], "calendar office: hours: `friday` names no weekdays: write mon-fri, mon,wed or sat (mon, tue, wed, thu, fri, sat, sun)."),
        ("calendars.office.hours", {"mon": []}, "calendar office: A calendar that is never open has no due times: give it hours on some weekday."),
    ],
)  # fmt: skip
def test_a_fault_is_named_where_it_stands(plain: dict[str, Any], path: str, value: object, sentence: str) -> None:
    problems = refused(put(plain, path, value))

    assert sentence in [said for _, said in problems]
    (place,) = {place for place, said in problems if said == sentence}
    spelled = tuple(int(key) if key.isdigit() else key for key in path.split("."))
    assert spelled[: len(place)] == place[: len(spelled)]


@pytest.mark.parametrize("word", ["agent1", "C0AGENT1", "@ana", "U", "u0agent1", "<@U0AGENT1>"])
def test_a_person_is_named_by_member_id(plain: dict[str, Any], word: str) -> None:
    ((path, sentence),) = refused(put(plain, "teams.support.agents.1", word))

    assert path == ("teams", "support", "agents", 1)
    assert sentence.startswith(f"team support: `{word}` is not a Slack member id: it begins with U or W")


@pytest.mark.parametrize("word", ["#support", "D0SUPPORT", "c0support", "C", "C0 1"])
def test_a_channel_is_named_by_its_id(plain: dict[str, Any], word: str) -> None:
    ((path, sentence),) = refused(put(plain, "teams.support.channel", word))

    assert path == ("teams", "support", "channel")
    assert sentence.startswith(f"team support: `{word}` is not a Slack channel id: it begins with C or G")


def test_a_first_line_needs_agents_or_leads(plain: dict[str, Any]) -> None:
    del plain["teams"]["support"]["agents"]
    assert parse_policy(plain).team("support").people == ("U0LEAD1",)

    del plain["teams"]["support"]["leads"]
    assert refused(plain) == [
        (("teams", "support"), "team support: a first line needs people: write agents: [U0AGENT1] or leads: [U0LEAD1].")
    ]


def test_a_bad_duration_names_its_row_and_the_forms(plain: dict[str, Any]) -> None:
    ((path, sentence),) = refused(put(plain, "sla.1.first_response", "15 months"))

    assert path == ("sla", 1, "first_response")
    assert sentence.startswith("sla row 2: `15 months` is not a duration: write 15m, 4 hours")


def test_more_warnings_than_anybody_acts_on_are_refused(plain: dict[str, Any]) -> None:
    ((_, sentence),) = refused(put(plain, "warn_at", [f"{share}%" for share in range(1, 11)]))

    assert sentence.startswith("warn_at: more than 9 warnings")


def test_an_entry_that_says_nothing_is_one_fault_and_not_many(plain: dict[str, Any]) -> None:
    ((path, _),) = refused(put(plain, "teams.support", "x"))

    assert path == ("teams", "support")


def test_all_faults_are_told_at_once(plain: dict[str, Any]) -> None:
    put(put(plain, "teams.support.calendar", "offise"), "types.other.priority", "urgent")

    assert [path for path, _ in refused(plain)] == [("teams", "support", "calendar"), ("types", "other", "priority")]
