"""Two first lines that give tickets in different ways, two teams of experts, and who of them are equals."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import yaml

from tests.journeys.year.wall import HOUR, MINUTE, Wall, stamp

FIRST = datetime(2026, 10, 5, tzinfo=UTC)
WEEKS = 4  # the Sunday on which the clocks go back is in them
LAST = FIRST + timedelta(weeks=WEEKS)
TICK = 30 * MINUTE  # how often the jobs run here, and people look up

WORLD: dict[str, Any] = yaml.safe_load("""
calendars:
  office:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["08:00-12:00", "12:30-16:30"]}
    holidays: PL
  london:
    timezone: Europe/London
    hours: {mon-fri: ["09:00-17:00"]}
  early:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["06:00-14:00"], sat: ["08:00-12:00"]}
    holidays: PL
  mornings:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["08:00-12:00"]}
    holidays: PL
teams:
  support:
    name: Support
    channel: C0SUPPORT
    calendar: office
    leads: [U0LENA]
    agents: [U0ANA, U0BEN, U0CORA, U0DORA, U0EMMA]
    assigning: offer
    capacity: 8
    absence_cover_after: 3h
  london:
    name: London
    channel: C0LONDON
    calendar: london
    leads: [U0LIZ]
    agents: [U0KATE, U0NICK, U0NOEL, U0QUINN]
    assigning: least_loaded
    absence_cover_after: 2h
  network:
    name: Network
    line: expert
    channel: C0NETWORK
    calendar: early
    leads: [U0LEO]
    experts: [U0EVA, U0IVO, U0UNA]
    approval: all
    approvers: [U0EVA, U0IVO]
    absence_cover_after: 4h
    answer_within: 4h
  database:
    name: Database
    line: expert
    channel: C0DATABASE
    calendar: office
    leads: [U0DAN]
    experts: [U0IDA, U0OTIS]
    approval: in_order
    absence_cover_after: 90m
    answer_within: 2h
managers: [U0MIA]
people:
  U0DORA: {calendar: mornings, capacity: 2}
  U0EMMA: {capacity: 4, skills: {servers: expert, vault: expert}, deputy: U0DORA}
  U0LENA: {deputy: U0EMMA}
  U0QUINN: {away: ["2026-10-06..2026-10-07", "2026-10-27"]}
  U0IVO: {away: ["2026-10-21"]}
types:
  mail: {name: Mail, team: support}
  access: {name: Access, team: support, experts: database, approval: any}
  network: {name: Network, team: support, experts: network}
  servers: {name: Servers, team: support, experts: network}
  vault: {name: Vault, team: support, needs: expert}
  orders: {name: Orders, team: london, experts: database}
  billing: {name: Billing, team: london, experts: database}
  returns: {name: Returns, team: london, assigning: round_robin}
sla:
  - {first_response: 10d, resolution: 20d}
""")

# how much work a ticket of each type is, and how many there are of it in the month
MINUTES = {
    **{"mail": 30, "access": 90, "network": 120, "servers": 120, "vault": 60},
    **{"orders": 30, "billing": 120, "returns": 90},
}
MANY = {
    **{"mail": 130, "access": 115, "network": 75, "servers": 25, "vault": 10},
    **{"orders": 100, "billing": 75, "returns": 80},
}
EQUALS = {"support": ("U0ANA", "U0BEN", "U0CORA"), "london": ("U0KATE", "U0NICK", "U0NOEL")}
CUSTOMERS = tuple(f"U0CLEO{each}" for each in range(40))
EXPERTS = ("network", "database")


def workers_of(team: str) -> list[str]:
    """Those who work its tickets, its leads left out."""
    described = WORLD["teams"][team]
    return [*described.get("agents", ()), *described.get("experts", ())]


def lead_of(team: str) -> str:
    return str(WORLD["teams"][team]["leads"][0])


def people_of(team: str) -> list[str]:
    return [lead_of(team), *workers_of(team)]


def everybody() -> list[str]:
    """All who hold tickets; each is in one team."""
    return [who for team in WORLD["teams"] for who in people_of(team)]


@cache
def team_of(person: str) -> str:
    return next(str(team) for team in WORLD["teams"] if person in people_of(team))


@cache
def wall_named(calendar: str) -> Wall:
    return Wall(WORLD["calendars"][calendar])


def wall_of(team: str) -> Wall:
    return wall_named(WORLD["teams"][team]["calendar"])


def hours_of(person: str) -> Wall:
    """The hours in which they work: their own, else those of their team."""
    own = WORLD["people"].get(person, {}).get("calendar")
    return wall_named(own) if own else wall_of(team_of(person))


def patience_of(team: str) -> int:
    """The open seconds after which nothing waits for somebody who is away."""
    after = str(WORLD["teams"][team]["absence_cover_after"])
    return int(after[:-1]) * {"h": HOUR, "m": MINUTE}[after[-1]]


def ticks(weeks: int) -> list[int]:
    """Every moment of the first weeks at which somebody works somewhere."""
    walls = [wall_of(team) for team in WORLD["teams"]]
    until = stamp(FIRST + timedelta(weeks=weeks))
    return [at for at in range(stamp(FIRST), until, TICK) if any(wall.is_open(at) for wall in walls)]
