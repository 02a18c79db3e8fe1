"""The desk of the simulation: one first line, two teams of experts, and people without a part in it."""

from typing import Any

from tests.desks import NAMES, OFFICE, seed

SUPPORT, NETWORK, DATABASE = "support", "network", "database"
EXPERTS = (NETWORK, DATABASE)
CHANNELS = {SUPPORT: "C0SUPPORT", NETWORK: "C0NETWORK", DATABASE: "C0DATABASE"}
GENERAL = "C0GENERAL"
LEADS = {SUPPORT: ["U0LEAD1"], NETWORK: ["U0LEAD2"], DATABASE: ["U0LEAD3"]}
WORKERS = {
    SUPPORT: ["U0AGENT1", "U0AGENT2", "U0AGENT3"],
    NETWORK: ["U0EXPERT1", "U0EXPERT2"],
    DATABASE: ["U0EXPERT3", "U0EXPERT4"],
}
MANAGER = "U0MANAGER1"
CLIENTS = ("U0CLIENT1", "U0CLIENT2", "U0CLIENT3")
NEWCOMERS = {
    "U0LEAD3": "Dana Dorn",
    "U0AGENT3": "Cora Zoll",
    "U0EXPERT3": "Ida Holm",
    "U0EXPERT4": "Otis Rey",
    "U0CLIENT2": "Kim Roe",
    "U0CLIENT3": "Noa Paz",
}
PEOPLE = (*NAMES, *NEWCOMERS)

WORLD: dict[str, Any] = OFFICE | {
    "teams": {
        SUPPORT: OFFICE["teams"][SUPPORT] | {"agents": WORKERS[SUPPORT]},
        NETWORK: OFFICE["teams"][NETWORK],
        DATABASE: {
            **{"name": "Database", "line": "expert", "channel": CHANNELS[DATABASE], "calendar": "office"},
            **{"leads": LEADS[DATABASE], "experts": WORKERS[DATABASE]},
        },
    },
    "sla": [{"first_response": "2h", "next_response": "4h", "resolution": "3d"}],
}


def team_people(team: str) -> list[str]:
    return LEADS[team] + WORKERS[team]


def company() -> dict[str, Any]:
    """The office's workspace with the newcomers; everybody is in every channel."""
    workspace = seed()
    workspace["people"] += [
        {"id": user, "name": name.split()[0].lower(), "real_name": name, "tz": "Europe/Warsaw", "locale": "en-US"}
        for user, name in NEWCOMERS.items()
    ]
    workspace["channels"].append({"id": CHANNELS[DATABASE], "name": "database", "members": ["U0BATON"]})
    for channel in workspace["channels"]:
        channel["members"] = [*PEOPLE, "U0BATON"]
    return workspace
