"""Rows as the version before wrote them are read, and written again in the same spelling."""

import json
from dataclasses import astuple
from typing import Any

import pytest

from rules.forecasts.forecasts import Forecast
from rules.forecasts.what_if import WhatIfAction
from rules.model.timers import TimerEvent
from rules.reassignment import CompletedMove
from rules.reports.summaries import PersonSummary, TeamSummary
from rules.workload.handling_time import Estimates
from storage.json_values import from_json, to_json

LOAD = '{"open": 1, "new": 2, "done": 3, "overdue": 0, "near": 0}'
TEAM_SUMMARY = (
    f'{{"team": "support", "day": "2026-10-05", "load": {LOAD}, "unassigned": 1, '
    f'"people": [{{"who": "U0AGENT1", "load": {LOAD}, "name": "Ana", "free": false}}], "helpers": []}}'
)
PERSON_SUMMARY = (
    f'{{"team": "support", "day": "2026-10-05", "load": {LOAD}, "soonest": ['
    '{"number": 4, "title": "VPN", "due_at": "2026-10-05T07:00:00+00:00"}, '
    '{"number": 5, "title": "Printer", "due_at": null}]}'
)
HELP = (
    '{"kind": "help", "tickets": [1, 2], "giver": null, "taker": "one more", '
    '"shifts": [{"start": 1, "end": 2, "share": 1.0}], "priority": null, "due_at": [], "before": 1.5, "after": 0.5}'
)
PAUSE = (
    '{"kind": "pause", "tickets": [], "giver": null, "taker": null, "shifts": [], "priority": "low", '
    '"due_at": [], "before": 1.5, "after": 0.5}'
)
FORECAST = (
    '{"chances": [{"number": 1, "made": 0.5, "if_later": null, "median_at": 1790000000, "p90_at": null, '
    '"due_at": 1790000000, "elapsed": null, "is_waiting": false}], "late": 1, '
    '"breaches": 2.5, "low": 1, "high": 4, "clears_at": 1790000000, '
    '"clears_p90_at": null, "loads": [{"person": null, "tickets": 2, "minutes": 30.5, "clears_at": null, '
    '"waiting_minutes": 0.0}]}'
)
SHORT_EVENT = (
    '{"at": "2026-10-05T07:00:00+00:00", "did": "paused", "due_at": "2026-10-05T08:00:00+00:00", "left_s": 600}'
)
LONG_EVENT = (
    '{"at": "2026-10-05T07:00:00.000001+00:00", "did": "moved", "due_at": "2026-10-05T08:00:00+00:00", "left_s": -5, '
    '"why": "new rules", "promise": "8h", "calendar": "office", "granted_s": 60, "was": "4h", "was_in": "always", '
    '"was_s": 14400, "used_s": 30, "new_hours": true}'
)
ESTIMATES = '{"types": [["", "network", 3, 600.0, 0.5]], "steps": [["fix", 2, 300.0, 0.25]], "prior": [0, 900.0, 1.0]}'


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (TeamSummary, TEAM_SUMMARY),
        (PersonSummary, PERSON_SUMMARY),
        (WhatIfAction, HELP),
        (WhatIfAction, PAUSE),
        (Forecast, FORECAST),
    ],
)
def test_a_row_keeps_its_keys_and_spellings(kind: type[Any], row: str) -> None:
    value = from_json(kind, json.loads(row))

    assert json.dumps(to_json(value)) == row
    assert hash(value) == hash(from_json(kind, to_json(value)))


@pytest.mark.parametrize(
    "row", ['[1, 5, "U0AGENT2", null, "waiting", "support"]', '[2, 3, null, "room", "new", "net"]']
)
def test_a_move_is_a_list_of_its_fields(row: str) -> None:
    move = from_json(CompletedMove, json.loads(row))

    assert json.dumps(list(astuple(move))) == row


@pytest.mark.parametrize(("kind", "row"), [(TimerEvent, SHORT_EVENT), (TimerEvent, LONG_EVENT), (Estimates, ESTIMATES)])
def test_what_is_written_by_hand_keeps_its_spelling_too(kind: type[Any], row: str) -> None:
    assert json.dumps(kind.from_json(json.loads(row)).to_json()) == row
