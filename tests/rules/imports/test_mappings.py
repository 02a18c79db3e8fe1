"""A mapping file says how a foreign log is read, or is refused with its place and remedy."""

from typing import Any

import pytest

from rules.errors import Refused
from rules.imports.mappings import RowMeaning, RowOrder, parse_mapping
from rules.model.tickets import Priority, Status
from tests.rules.logs import LOG, PLAIN


def test_the_words_of_the_log_mean_states_and_priorities() -> None:
    assert (LOG.states["wait"], LOG.priorities["1"]) == (Status.WAITING, Priority.CRITICAL)
    assert (LOG.rows, LOG.order, LOG.encoding, LOG.delimiter) == (RowMeaning.CHANGE, RowOrder.WRITTEN, "utf-8", ",")


def test_the_log_must_have_every_column_that_is_named_once() -> None:
    assert LOG.required_columns.count("kind") == 1
    assert "about" in LOG.required_columns


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colums": {}}, "A mapping file knows no `colums`. Did you mean `columns`?"),
        ({"system": ""}, "`system` names the log"),
        ({"system": "a:b"}, "without a colon"),
        ({"columns": {"number": "id"}}, "`columns` must say which column is `state`, `changed_at`."),
        ({"columns": {**PLAIN["columns"], "asignee": "x"}}, "Did you mean `assignee`?"),
        ({"words": {"state": {"New": "fresh"}}}, "`words: state: New` is `fresh`; it must be one of new,"),
        ({"words": {"priority": {"1": "critical"}}}, "`words` must say what each state of the log means"),
        ({"words": {"state": {"New": "new"}}}, "`words` must say what each priority of the log means"),
        ({"words": {"state": "New"}}, "pairs the log's words with Baton's"),
        (
            {"words": {**PLAIN["words"], "state": {"On Hold": "waiting", "on  hold": "in_progress"}}},
            "`On Hold` and `on  hold` in `words: state` are one word with two meanings: leave one of them out.",
        ),
        (
            {"words": {**PLAIN["words"], "priority": {"High": "high", "HIGH": "critical"}}},
            "`High` and `HIGH` in `words: priority` are one word",
        ),
        ({"words": {**PLAIN["words"], "team": {"A": "x", "a": "y"}}}, "`A` and `a` in `words: team` are one word"),
        ({"times": {"format": "%d.%m. %H:%M"}}, "it must tell day, month, year, hour and minute"),
        ({"times": {"timezone": "Warsaw"}}, "`Warsaw` is not a time zone"),
        ({"file": {"encoding": "latin-99"}}, "`file: encoding` is `latin-99`, which is none"),
        ({"file": {"delimiter": ";;"}}, "`file: delimiter` is `;;`; it must be one sign"),
        ({"file": {"rows": "events"}}, "`file: rows` is `events`; it must be one of change, ticket"),
        ({"title": "kind"}, "`title` is a list"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_mapping(PLAIN | change)

    assert said in str(refusal.value)


def test_two_spellings_with_one_meaning_are_one_word() -> None:
    log = parse_mapping(PLAIN | {"words": {**PLAIN["words"], "state": {"On Hold": "waiting", "on hold": "waiting"}}})

    assert log.states == {"on hold": Status.WAITING}


@pytest.mark.parametrize("plain", [None, [], "servicenow"])
def test_something_else_is_no_mapping(plain: object) -> None:
    with pytest.raises(Refused, match="A mapping file is a list of names"):
        parse_mapping(plain)


def test_a_log_with_one_row_for_each_ticket_needs_no_time_of_change() -> None:
    columns = {name: column for name, column in PLAIN["columns"].items() if name != "changed_at"}

    log = parse_mapping(PLAIN | {"columns": columns, "file": {"rows": "ticket"}})

    assert log.rows is RowMeaning.TICKET
