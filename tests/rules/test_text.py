"""Sentences as values: plain English as a string, plurals by their number."""

from datetime import UTC, datetime

import pytest

from rules.errors import FieldErrors, Refused
from rules.text import Code, Duration, Moment, Person, TicketNumber, WorkTime, _, ngettext


def test_a_refusal_reads_as_plain_english_in_a_log() -> None:
    at = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    text = _(
        "{person} has {ticket} since {moment}, {team} waits. Type {command}.",
        person=Person("U1"),
        ticket=TicketNumber(12),
        moment=Moment(at),
        team="A & B",
        command=Code("/ticket 12"),
    )

    assert str(Refused(text)) == "U1 has #12 since 2026-03-02 09:05 UTC, A & B waits. Type `/ticket 12`."


@pytest.mark.parametrize(("n", "sentence"), [(0, "0 tickets wait."), (1, "1 ticket waits."), (2, "2 tickets wait.")])
def test_a_plural_follows_its_number(n: int, sentence: str) -> None:
    assert str(ngettext("{n} ticket waits.", "{n} tickets wait.", n)) == sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (19_500, "5 h 25 min"), (86_400, "1 d"), (183_600, "2 d 3 h")],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert str(Duration(seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (29, "29 s"), (90, "2 min"), (3_600, "1 h"), (7_500, "2 h 5 min"), (273_600, "76 h")],
)
def test_work_is_told_in_hours_and_never_in_days(seconds: int, words: str) -> None:
    assert str(WorkTime(seconds)) == words


def test_braces_in_what_people_typed_are_only_braces() -> None:
    assert str(_("It says {title}.", title="{person} {0}")) == "It says {person} {0}."


def test_the_refusal_of_several_fields_reads_as_one_sentence_after_the_other() -> None:
    assert str(FieldErrors({"title": _("Say what it is."), "due": "Name a day."})) == "Say what it is. Name a day."
