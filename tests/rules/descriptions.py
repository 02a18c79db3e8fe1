"""A desk's description, whole, and the same with one value changed."""

from typing import Any


def description() -> dict[str, Any]:
    """A whole description without a fault, as its file says it."""
    return {
        "calendars": {
            "office": {
                "timezone": "Europe/Warsaw",
                "hours": {"mon-thu": ["08:00-12:00", "12:30-16:30"], "fri": ["08:00-14:00"]},
                "holidays": "PL",
                "closed": ["2026-12-31"],
                "extra": {"2026-12-19": ["09:00-13:00"]},
            },
            "always": {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}},
        },
        "teams": {
            "support": {
                "name": "Support",
                "channel": "C0SUPPORT",
                "calendar": "office",
                "leads": ["U0LEAD1"],
                "agents": ["U0AGENT1", "U0AGENT2"],
                "summary_at": "16:00",
            },
            "network": {
                "name": "Network",
                "line": "expert",
                "channel": "G0NETWORK",
                "calendar": "office",
                "experts": ["W0EXPERT1"],
                "handles": ["network"],
                "answer_within": "20m",
            },
        },
        "managers": ["U0MANAGER1"],
        "observers": ["U0OBSERVER1"],
        "admins": ["U0ADMIN1"],
        "types": {
            "network": {"name": "Network", "team": "support", "experts": "network", "priority": "high"},
            "other": {"name": "Other", "team": "support"},
        },
        "sla": [
            {"priority": "critical", "first_response": "15m", "resolution": "4h"},
            {"type": "network", "team": "support", "first_response": "30m"},
            {"first_response": "2h", "resolution": "3d"},
        ],
        "warn_at": ["80%", 0.5],
    }


def put(plain: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The description with another value at that place."""
    *outer, last = path.split(".")
    inner: Any = plain
    for key in outer:
        inner = inner[int(key) if isinstance(inner, list) else key]
    inner[int(last) if isinstance(inner, list) else last] = value
    return plain
