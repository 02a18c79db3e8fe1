"""Every parser that meets the outside: whatever the text is, it is read or refused in a sentence, and soon."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.progress import Progress

from bot.cli.ical import read_ical_file
from bot.cli.import_log import load_mapping, read_ticket_log
from bot.config_file import load_desk_file
from bot.logs import redact_secrets
from bot.time_limits import time_limit
from handlers.slack.markup import mentioned_users, unescape_text
from handlers.tickets.lists import parse_listing
from rules.calendars.durations import parse_duration
from rules.errors import Refused
from rules.intake.commands import parse_ticket_command
from rules.people.memberships import parse_membership_command
from rules.presence.leave_parsing import parse_leave
from rules.presence.shift_parsing import parse_shift
from rules.reassignment import parse_ticket_filter
from rules.reports.queries import parse_report_query
from rules.skills import parse_skill_command
from tests.rules.office import DESK as POLICY

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
LENGTH = 40_000
# Of a pattern that takes quadratic time 40,000 characters take far longer; what is linear is done in a fraction of it.
PATIENCE_SECONDS = 5.0
LOG = load_mapping("servicenow")

TEXTS: dict[str, Callable[[str], object]] = {
    "Slack's text": unescape_text,
    "mentions": mentioned_users,
    "log line": redact_secrets,
    "/ticket": lambda text: parse_ticket_command(text, POLICY),
    "/report": lambda text: parse_report_query(text, POLICY),
    "/desk away": lambda text: parse_leave(text, NOW, "Europe/Warsaw"),
    "/desk shift": lambda text: parse_shift(text, NOW, "Europe/Warsaw"),
    "/desk skill": lambda text: parse_skill_command(text, POLICY),
    "/desk add": parse_membership_command,
    "/desk move": lambda text: parse_ticket_filter(POLICY, text),
    "list button": parse_listing,
    "duration": parse_duration,
}
FILES: dict[str, Callable[[Path], object]] = {
    "desk.yml": load_desk_file,
    "mapping": lambda path: load_mapping(str(path)),
    "calendar": lambda path: read_ical_file(path, NOW, "Europe/Warsaw"),
    "log": lambda path: read_ticket_log(LOG, path, NOW, Progress(disable=True)),
}
FRAME = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:a\nDTSTART:20261012T090000Z\n{}\n"
    "END:VEVENT\nEND:VCALENDAR"
)

LETTERS = list("<>@#!|^&;:.,-_=+/\\'\"`*~()[]{}%$?0123456789azAZ \t\n\r\x00é密\u064b\u202e\u3164")
WORDS = """<@U0ANA| <!date^1 <#C1 <a| &amp; xoxb- https://hooks. a@b. 1234567. token= &a *a {a:
RRULE:FREQ=DAILY; DTSTART: UID: BEGIN:VEVENT until 9999-12-31 12-16 from #1 type: 1d""".split()  # noqa: SIM905 - read as words are typed
pieces = st.text(st.sampled_from(LETTERS), max_size=6) | st.sampled_from([*WORDS, "BEGIN:VEVENT\n", "- ", ": "])
texts = st.text(max_size=200) | st.lists(pieces, max_size=12).map("".join)
thorough = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def check_answered(parse: Callable[[str], object], text: str) -> None:
    """As it is and repeated to LENGTH, the text is read, or refused in a sentence; anything else is raised here."""
    for whole in (text, (text * LENGTH)[:LENGTH]):
        try:
            with time_limit(PATIENCE_SECONDS):
                parse(whole)
        except Refused as refusal:
            assert str(refusal)


def parsed_as_file(parse: Callable[[Path], object], folder: Path, frame: str = "{}") -> Callable[[str], object]:
    path = folder / "outside"

    def parse_file(text: str) -> object:
        path.write_bytes(frame.format(text).encode("utf-8", "surrogatepass"))
        return parse(path)

    return parse_file


@pytest.mark.parametrize("name", TEXTS)
@thorough
@given(text=texts)
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    check_answered(TEXTS[name], text)


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_that_is_repeated_takes_long(name: str) -> None:
    for unit in (*LETTERS, *WORDS, *(f"{word} " for word in WORDS)):
        check_answered(TEXTS[name], unit)


@pytest.mark.parametrize("name", FILES)
@thorough
@given(text=texts)
def test_any_file_is_read_or_refused(name: str, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    check_answered(parsed_as_file(FILES[name], tmp_path_factory.getbasetemp()), text)


@thorough
@given(text=texts)
def test_any_event_of_a_calendar_is_read_or_named(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()

    check_answered(parsed_as_file(FILES["calendar"], folder, FRAME), text)
