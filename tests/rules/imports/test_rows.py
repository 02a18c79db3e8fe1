"""A row of a foreign log is read, or refused with a reason."""

from dataclasses import replace

import pytest

from rules.imports.mappings import RowMeaning
from rules.imports.rows import RowError
from rules.model.tickets import Priority, Status
from tests.rules.logs import CELLS, LOG, at, parsed


def test_a_row_is_read_in_the_desks_own_words_and_in_utc() -> None:
    row = parsed(LOG, 2, CELLS)

    assert (row.status, row.priority, row.at, row.by) == (Status.NEW, Priority.NORMAL, at("09:00"), "Ann")
    assert (row.team, row.assignee, row.title) == ("Desk", "", "Mail · Outlook")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "?"}, "it has no number in `id`"),
        ({"id": "9" * 101}, "its number in `id` is longer than 100 characters: name another column"),
        ({"state": "Odd"}, "`Odd` in `state` is a status that the mapping does not name"),
        ({"state": "?"}, "`` in `state` is a status that the mapping does not name"),
        ({"urgency": "7"}, "`7` in `urgency` is a priority that the mapping does not name"),
        ({"opened": "?"}, "it has no time in `opened`"),
        ({"changed": ""}, "it has no time in `changed`"),
        ({"changed": "2026-09-01 09:00"}, "`2026-09-01 09:00` in `changed` is not a time like %d.%m.%Y %H:%M"),
        ({"changed": "31.09.2026 09:00"}, "is not a time like"),
        ({"changed": "06.10.2026 09:00"}, "is in the future"),
        ({"opened": "01.09.0206 09:00"}, "is before 1970"),
        ({"solved": "31.08.2026 09:00"}, "in `solved` is before the ticket was created, `01.09.2026 09:00`"),
        ({"closed": "31.08.2026 09:00"}, "in `closed` is before the ticket was created"),
        ({"again": "often"}, "`often` in `again` is not a whole number"),
        ({"again": "-1"}, "is not a whole number"),
    ],
)
def test_a_row_that_cannot_be_believed_is_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(RowError) as refusal:
        parsed(LOG, 2, CELLS | change)

    assert reason in str(refusal.value)


def test_an_unknown_priority_is_normal() -> None:
    assert parsed(LOG, 2, CELLS | {"urgency": "?"}).priority is Priority.NORMAL


def test_spaces_capitals_and_signs_that_no_database_takes_do_not_matter() -> None:
    row = parsed(LOG, 2, CELLS | {"state": " new ", "who": "Ann\0  Lee"})

    assert (row.status, row.by) == (Status.NEW, "Ann Lee")


def test_teams_and_people_may_have_other_names_here() -> None:
    log = replace(LOG, renames={"person": {"ann": "U0AGENT1"}, "team": {"desk": "support"}})

    row = parsed(log, 2, CELLS | {"agent": "ANN"})

    assert (row.by, row.assignee, row.team) == ("U0AGENT1", "U0AGENT1", "support")


def test_a_row_for_a_whole_ticket_stands_at_its_latest_time() -> None:
    log = replace(LOG, rows=RowMeaning.TICKET)
    times = {"solved": "01.09.2026 11:00", "closed": "01.09.2026 15:00", "changed": "?"}

    assert parsed(log, 2, CELLS | times | {"state": "Shut"}).at == at("15:00")
    assert parsed(log, 2, CELLS | times | {"state": "Done"}).at == at("11:00")
    assert parsed(log, 2, CELLS | times | {"state": "Work"}).at == at("09:00")


def test_a_resolved_ticket_that_says_not_when_is_refused() -> None:
    with pytest.raises(RowError, match="it is resolved, and no column says when"):
        parsed(replace(LOG, rows=RowMeaning.TICKET), 2, CELLS | {"state": "Done", "changed": "?"})


def test_iso_times_bring_their_own_zone() -> None:
    log = replace(LOG, time_format="iso")
    times = {"opened": "2026-09-01T09:00:00+02:00", "changed": "2026-09-01T09:30:00"}

    row = parsed(log, 2, CELLS | times)

    assert (row.opened_at, row.at) == (at("09:00"), at("09:30"))
