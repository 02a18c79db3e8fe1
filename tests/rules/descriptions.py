"""Configurations of a desk, and the same with one value changed."""

from typing import Any


def description() -> dict[str, Any]:
    """A configuration without a fault."""
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


def everything() -> dict[str, Any]:
    """A configuration that has almost every setting, without a fault."""
    plain = description()
    plain["teams"]["support"] |= {"deputies": {"leads": "U0AGENT2"}, "presence_board": True, "activities": ["Meeting"]}
    plain["teams"]["support"] |= {
        "capacity": 8,
        "absence_cover_after": "1d",
        "assigning": "offer",
        "alerts_per_hour": 20,
    }
    plain["teams"]["network"] |= {"approval": "in_order", "approvers": ["W0EXPERT1"]}
    plain["types"]["network"] |= {"needs": "can", "assigning": "round_robin", "approval": "any"}
    plain["types"]["other"]["steps"] = [{"name": "Look", "within": "30m"}, {"name": "Grant access"}]
    plain["companies"] = {
        "acme": {"name": "Acme", "customers": ["Acme Ltd"], "people": ["U0ACME1"], "channels": ["C0ACME"]}
    }
    plain["people"] = {
        "U0AGENT1": {"deputy": "U0AGENT2", "capacity": 5},
        "U0AGENT2": {"calendar": "always", "share": "80%", "away": ["2026-12-24..2027-01-02", "2026-11-02"]},
        "W0EXPERT1": {"skills": {"network": "expert", "other": {"level": "can", "until": "2027-01-31"}}},
    }
    plain["pause_while"] = {"waiting": ["resolution"], "escalated": ["resolution", "step"]}
    plain["alerts"] = {"escalate_after": "1h", "group_above": 3, "per_hour": 20, "extend_without_approval": "1d"}
    plain["escalations"] = {"peer_review_below": "40%", "min_answers": 20}
    plain["sla"][1] = {
        "company": "acme",
        "channel": "C0VIP",
        "customer": "Lakeside",
        "next_response": "1h",
        "step": "2h",
        "expert_answer": "20m",
        "calendar": "always",
    }
    return plain


def places(plain: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any part of a configuration
    """Every place at any depth, as the mapping or list that holds it and its key there."""
    keys = list(plain) if isinstance(plain, dict) else list(range(len(plain))) if isinstance(plain, list) else []
    return [place for key in keys for place in [(plain, key), *places(plain[key])]]


def put(plain: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The configuration with another value at that place."""
    *outer, last = path.split(".")
    inner: Any = plain
    for key in outer:
        inner = inner[int(key) if isinstance(inner, list) else key]
    inner[int(last) if isinstance(inner, list) else last] = value
    return plain
