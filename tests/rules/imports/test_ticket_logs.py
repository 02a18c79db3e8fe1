"""Two exports of one ticket's log, put together."""

from rules.imports.ticket_logs import NO_LOG, TicketLog, merge_logs

COLUMNS = ("state", "changed")
NEW, WORK, DONE = ("New", "09:00"), ("Work", "10:00"), ("Done", "11:00")


def log(*rows: tuple[str, ...], first_line: int = 2, columns: tuple[str, ...] = COLUMNS) -> TicketLog:
    return TicketLog(columns, tuple(enumerate(rows, start=first_line)))


def test_a_newer_export_that_holds_the_known_rows_counts_as_it_is() -> None:
    newer = log(NEW, WORK, DONE, first_line=40)

    assert merge_logs(log(NEW, DONE), newer) == newer


def test_an_export_that_begins_later_goes_on_from_the_known_rows() -> None:
    merged = merge_logs(log(NEW, WORK), log(DONE, first_line=7))

    assert merged == TicketLog(COLUMNS, ((2, NEW), (3, WORK), (7, DONE)))


def test_an_export_that_overlaps_brings_its_new_rows() -> None:
    merged = merge_logs(log(NEW, WORK), log(WORK, DONE, first_line=7))

    assert merged == TicketLog(COLUMNS, ((2, NEW), (3, WORK), (8, DONE)))


def test_an_older_export_says_nothing_new() -> None:
    assert merge_logs(log(NEW, WORK, DONE), log(NEW, WORK)) is None


def test_a_column_that_was_not_read_before_makes_no_row_a_new_one() -> None:
    with_title = ("state", "changed", "title")

    assert merge_logs(log(NEW, WORK), log((*NEW, "Mail"), columns=with_title)) is None
    merged = merge_logs(log(NEW), log((*DONE, "Mail"), columns=with_title))
    assert merged == TicketLog(with_title, ((2, (*NEW, "")), (2, (*DONE, "Mail"))))


def test_where_no_rows_were_kept_the_file_counts() -> None:
    assert merge_logs(NO_LOG, log(NEW)) == log(NEW)
