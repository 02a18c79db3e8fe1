"""Three first lines, their experts and managers: an office in Warsaw, one in New York, a watch that never closes."""

from typing import Any

import yaml

WORLD: dict[str, Any] = yaml.safe_load("""
calendars:
  office:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["08:00-12:00", "12:30-16:30"]}
    holidays: PL
    closed: ["2026-12-31"]
    extra: {"2026-10-24": ["09:00-13:00"]}
  newyork:
    timezone: America/New_York
    hours: {mon-fri: ["09:00-17:00"]}
    holidays: US
  always:
    timezone: Europe/Warsaw
    hours: {mon-sun: ["00:00-24:00"]}
  nights:
    timezone: Europe/Warsaw
    hours: {mon-sun: ["00:00-06:00", "22:00-24:00"]}
  mornings:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["08:00-12:00"]}
    holidays: PL
  managing:
    timezone: Europe/Warsaw
    hours: {mon-thu: ["09:00-15:00"]}
    holidays: PL
teams:
  support:
    {name: Support, channel: C0SUPPORT, calendar: office, leads: [U0LENA], agents: [U0ANA, U0BEN, U0DORA],
     summary_at: "16:00", answer_within: 4h}
  america:
    {name: America, channel: C0AMERICA, calendar: newyork, leads: [U0LIZ, U0LOU], agents: [U0NICK, U0KATE],
     answer_within: 4h}
  watch:
    {name: Watch, channel: C0WATCH, calendar: always, leads: [U0WANDA], agents: [U0PAT, U0QUINN], alerts_per_hour: 6,
     answer_within: 12h}
  network:
    {name: Network, line: expert, channel: C0NETWORK, calendar: office, leads: [U0LEO], experts: [U0EVA, U0EMIL],
     answer_within: 1h}
managers: [U0MIA, U0OMAR]
people:
  U0DORA: {calendar: mornings, share: 50%}
  U0WANDA: {calendar: office}
  U0PAT: {calendar: nights, away: ["2026-03-23..2026-04-03"]}
  U0MIA: {calendar: managing, away: ["2026-08-03..2026-08-21"]}
  U0OMAR: {calendar: newyork}
  U0ANA: {away: ["2026-02-09..2026-02-20", "2026-07-13..2026-07-31", "2026-11-12"]}
  U0BEN: {away: ["2026-04-20..2026-05-08", "2026-12-21..2026-12-30"]}
  U0LENA: {away: ["2026-06-05", "2026-07-20..2026-08-07"]}
  U0LIZ: {away: ["2026-03-09..2026-03-20"]}
  U0LOU: {away: ["2026-03-16..2026-03-27"]}
  U0KATE: {share: 80%, away: ["2026-10-26..2026-11-06"]}
  U0EVA: {away: ["2026-05-11..2026-05-29"]}
  U0LEO: {away: ["2026-09-14..2026-09-25"]}
types:
  mail: {name: Mail, team: support}
  network: {name: Network, team: support, experts: network}
  orders: {name: Orders, team: america}
  servers: {name: Servers, team: watch}
sla:
  - {priority: critical, first_response: 20m, resolution: 4h, calendar: always}
  - {type: network, first_response: 30m, resolution: 8h, next_response: 2h}
  - {team: watch, first_response: 1h, resolution: 12h, next_response: 4h}
  - {first_response: 2h, resolution: 3d, next_response: 4h}
warn_at: ["50%", "80%"]
""")

# public holidays, read off a wall calendar
HOLIDAYS = {
    "PL": (
        *("2026-01-01", "2026-01-06", "2026-04-05", "2026-04-06", "2026-05-01", "2026-05-03", "2026-05-24"),
        *("2026-06-04", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-24", "2026-12-25", "2026-12-26"),
        *("2027-01-01", "2027-01-06"),
    ),
    "US": (
        *("2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-07-04"),
        *("2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-01-01", "2027-01-18"),
    ),
}
MANAGERS: tuple[str, ...] = tuple(sorted(WORLD["managers"]))
CLEO = "U0CLEO"
IN_CHANNEL = "U0BEN"  # he wants to be called in the channel


def team_of(type_: str) -> str:
    return str(WORLD["types"][type_]["team"])


def channel_of(team: str) -> str:
    return str(WORLD["teams"][team]["channel"])


def team_in(channel: str) -> str:
    return next(str(key) for key, team in WORLD["teams"].items() if team["channel"] == channel)


def leads_of(team: str) -> list[str]:
    return list(WORLD["teams"][team]["leads"])


def workers_of(team: str) -> list[str]:
    """Who works its tickets, the leads left out."""
    return [*WORLD["teams"][team].get("agents", ()), *WORLD["teams"][team].get("experts", ())]


def hours_of(person: str, team: str) -> str:
    """The key of the calendar by which somebody works: everybody here has one team, or hours of their own."""
    own = WORLD["people"].get(person, {}).get("calendar")
    return str(own or WORLD["teams"][team]["calendar"])
