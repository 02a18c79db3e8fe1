"""The desk that is measured: one team, one type, two SLA targets, in one workspace."""

WORKSPACE = "T0BENCH"
CONFIGURATION = {
    "calendars": {"always": {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}},
    "teams": {
        "support": {
            "name": "Support",
            "line": "first",
            "channel": "C0SUPPORT",
            "calendar": "always",
            "agents": ["U0AGENT1"],
        }
    },
    "types": {"network": {"name": "Network", "team": "support"}},
    "sla": [{"first_response": "30m", "resolution": "8h"}],
}
