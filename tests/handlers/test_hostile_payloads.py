"""Whatever a signed payload holds: it is answered, or refused as no payload of Slack's; nothing ever breaks by it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from bot.emulator.events import payloads
from bot.emulator.state import messages
from bot.emulator.state.workspace import Channel, User, Workspace
from bot.emulator.types import Json
from bot.slack.signatures import AsgiMessage, SlackEndpoint, slack_signature
from handlers.routes import build_registry
from handlers.slack.ids import Button, Shortcut, SlackEvent
from tests.databases import copied
from tests.desks import HeldClock, Office
from tests.handlers.matrix import BUTTONS, COMMANDS, FORMS, UNDER_MORE
from tests.handlers.prepared import Prepared, prepare, wider_office
from tests.handlers.vpn import BEN, EVA, GENERAL, LEO, MIA

SECRET, NOW = "local-secret", 1_700_000_000
GONE = object()
ANSWERING = ("baton.handlers", "baton.background", "baton.bolt")  # who logs what breaks while people are answered
FILLED_IN = ("value", "private_metadata", "text", "selected_user")
STRINGS = ["", " ", "x" * 4000, "12.x", "²", "9" * 30, "-1", "1.²", "a|b|c", "|||", "U0AGENT1:9", "{", "[]", "1:2:3"]
STRINGS += [
    "0001-01-01",
    "9999-12-31",
    "25:61",
    "23:59",
    "\x00",
    "\ud800",
    "\u3164",
    "<!channel>",
    "@here !high",
    "<@U1>",
]
STRINGS += [
    "network|99999999999999999999|pause",
    "0|d|U0EXPERT2|U0EXPERT1|",
    '{"files": [[1]]}',
    '{"files": 7}',
    "mine:0:",
]
JUNK = st.one_of(
    st.just(GONE),
    st.none(),
    st.sampled_from(STRINGS),
    st.sampled_from([0, -1, 2**70, 1.5, True, [], [None], {}, {"id": None}, {"id": "U1"}, [[]], "null"]),
    st.text(max_size=20),
)
Post = Callable[[object], Coroutine[Any, Any, tuple[int, str]]]


@pytest.fixture(scope="module")
def prepared(module_database_url: str) -> Prepared:
    return asyncio.run(prepare(module_database_url))


@pytest.fixture
def posted(prepared: Prepared, databases: Path) -> Iterator[tuple[Office, Callable[[object], tuple[int, str]]]]:
    """The office, and a way to post to its endpoint; each example of a law runs in the same event loop."""
    with asyncio.Runner() as runner, copied(prepared.database_url, folder=databases) as url:
        opened = served_office(url, HeldClock(prepared.now))
        office, post = runner.run(opened.__aenter__())
        yield office, lambda payload: runner.run(post(payload))
        runner.run(opened.__aexit__(None, None, None))


@asynccontextmanager
async def served_office(url: str, clock: HeldClock) -> AsyncIterator[tuple[Office, Post]]:
    async with wider_office(url, clock) as office:
        await office.baton.delivery.stop()
        endpoint = SlackEndpoint(office.baton.app.async_dispatch, secret=SECRET, clock=lambda: NOW)

        async def post(payload: object) -> tuple[int, str]:
            body, told = json.dumps(payload).encode(), list[AsgiMessage]()

            async def receive() -> AsgiMessage:
                return {"type": "http.request", "body": body}

            async def send(message: AsgiMessage) -> None:
                told.append(message)

            headers = {"content-type": "application/json", "x-slack-request-timestamp": str(NOW)}
            headers["x-slack-signature"] = slack_signature(SECRET.encode(), str(NOW).encode(), body).decode()
            encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
            await endpoint({"method": "POST", "path": "/slack/events", "headers": encoded}, receive, send)
            await office.desk.background_tasks.wait_until_done()
            return int(told[0]["status"]), b"".join(one.get("body", b"") for one in told).decode()

        yield office, post
        office.emulator.refusals.clear()  # Slack refuses what names no channel, no trigger, nobody


@dataclass(frozen=True, slots=True)
class Sender:
    """Payloads as Slack would send them of one person at the office."""

    office: Office
    user: str

    @property
    def workspace(self) -> Workspace:
        return self.office.emulator.workspace

    @property
    def person(self) -> User:
        return self.workspace.users[self.user]

    @property
    def channel(self) -> Channel:
        return self.workspace.channels[GENERAL]

    def press(self, name: str, value: str) -> Json:
        message = messages.post_ephemeral(self.workspace, self.channel, self.user, {"text": "before"})
        body = payloads.message_action_payload(self.workspace, self.person, self.channel, message, {})
        action: Json = {"type": "button", "action_id": name, "block_id": "b", "value": value}
        return body | {"actions": [action | {"selected_option": {"value": value}, "selected_user": self.user}]}

    def form(self, name: str, about: str, answers: Mapping[str, str]) -> Json:
        field = {"type": "plain_text_input", "selected_date": None, "selected_option": None}
        view: Json = {"id": self.workspace.new_id("V"), "type": "modal", "callback_id": name, "private_metadata": about}
        view["blocks"] = [{"type": "input", "block_id": one} for one in answers]
        view["state"] = {"values": {one: {one: field | {"value": value}} for one, value in answers.items()}}
        return payloads.view_submission_payload(self.workspace, self.person, view)

    def command(self, name: str, text: str) -> Json:
        return payloads.command_payload(self.workspace, self.person, self.channel, name, text)

    def event(self, kind: str, **fields: Any) -> Json:
        ts = self.workspace.new_ts()
        said: Json = {"type": kind, "user": self.user, "channel": GENERAL, "ts": ts, "event_ts": ts, "team": "T0LOCAL"}
        return payloads.event_payload(self.workspace, said | fields)

    def shortcut(self) -> Json:
        return payloads.global_shortcut_payload(self.workspace, self.person, Shortcut.NEW_TICKET)

    def message_shortcut(self) -> Json:
        message: Json = {"type": "message", "user": self.user, "ts": self.workspace.new_ts(), "text": "VPN is slow"}
        message["files"] = [{"id": "F1", "name": "log.txt"}]
        name = Shortcut.FROM_MESSAGE
        return payloads.message_shortcut_payload(self.workspace, self.person, name, self.channel, message)

    def suggestion(self, name: str) -> Json:
        about = {"action_id": name, "block_id": "b", "value": "net"}
        return payloads.suggestion_payload(self.workspace, self.person, {}, about)


PROFILE = {"id": LEO, "team_id": "T0LOCAL", "tz": "UTC", "profile": {"real_name": "Leo", "status_expiration": 0}}
GROUP = {"id": "S0GROUP", "name": "g", "users": [LEO], "user_count": 1, "date_update": 1}
TEXT = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": LEO}, {"type": "text", "text": "Hi"}]}
BLOCKS = [{"type": "rich_text", "elements": [TEXT]}, {"type": "section", "text": {"type": "mrkdwn", "text": "Hi"}}]
POST: Json = {"user": LEO, "ts": "2.0", "thread_ts": "1.0", "text": "Hi", "blocks": BLOCKS}
EDITED = POST | {"edited": {"user": LEO, "ts": "3.0"}, "attachments": [{"fallback": "f", "fields": [{"title": "t"}]}]}
CHANGED: dict[str, Any] = {"subtype": "message_changed", "message": EDITED, "previous_message": POST}
DELETED: dict[str, Any] = {"subtype": "message_deleted", "deleted_ts": "2.0", "previous_message": POST}
SAID = "<@U0BATON> the printer is dead !high"


def all_kinds(values: Mapping[str, str]) -> list[Callable[[Sender], Json]]:
    """One of each kind and name that there is."""
    return [
        *(partial(Sender.press, name=name, value=values[name]) for name in BUTTONS),
        *(partial(Sender.press, name=Button.MORE_MENU, value=values[name]) for name in UNDER_MORE),
        *(partial(Sender.form, name=name, about=values[name], answers=way.answers) for name, way in FORMS.items()),
        *(partial(Sender.command, name=name, text=text) for name, text in COMMANDS),
        Sender.shortcut,
        Sender.message_shortcut,
        *(partial(Sender.suggestion, name=name) for name in ("of_nobody", *build_registry().routes["options"])),
        partial(Sender.event, kind=SlackEvent.MENTION, text=SAID, thread_ts="1.0", blocks=BLOCKS),
        partial(Sender.event, kind=SlackEvent.MESSAGE, text=SAID, thread_ts="1.0"),
        partial(
            Sender.event, kind=SlackEvent.MESSAGE, subtype="message_changed", message=EDITED, previous_message=POST
        ),
        partial(
            Sender.event, kind=SlackEvent.MESSAGE, subtype="message_deleted", deleted_ts="2.0", previous_message=POST
        ),
        partial(Sender.event, kind=SlackEvent.HOME_OPENED, tab="home"),
        partial(Sender.event, kind=SlackEvent.USER_CHANGED, user=PROFILE),
        partial(Sender.event, kind=SlackEvent.USER_GROUP_CHANGED, subteam=GROUP),
        partial(Sender.event, kind=SlackEvent.DO_NOT_DISTURB_CHANGED, dnd_status={"dnd_enabled": True}),
        partial(Sender.event, kind="reaction_added", item={"channel": GENERAL}),
    ]


def places(value: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a payload, from the outside in."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in rows:
        yield (*at, name)
        yield from places(inner, (*at, name))


def changed(payload: dict[str, Any], place: tuple[Any, ...], junk: object) -> dict[str, Any]:
    payload = deepcopy(payload)
    holder: Any = payload
    for name in place[:-1]:
        holder = holder[name]
    if junk is GONE:
        del holder[place[-1]]
    elif isinstance(junk, str) and (place[-1] in ("trigger_id", "event_id") or place == ("view", "id")):
        holder[place[-1]] = f"{junk}{token_hex(8)}"  # Slack gives none of these twice
    else:
        holder[place[-1]] = junk
    return payload


@contextmanager
def no_breakage() -> Iterator[None]:
    """Nothing unexpected is logged meanwhile, but that Slack refuses a call that names nothing."""
    broken: list[logging.LogRecord] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None and not isinstance(error, SlackApiError):
                broken.append(record)

    keeper, loggers = Keeper(logging.WARNING), [logging.getLogger(name) for name in ANSWERING]
    for logger in loggers:
        logger.addHandler(keeper)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(keeper)
    if broken:
        assert broken[0].exc_info
        raise AssertionError(broken[0].getMessage()) from broken[0].exc_info[1]


def test_no_payload_of_any_kind_breaks_anything(
    prepared: Prepared, posted: tuple[Office, Callable[[object], tuple[int, str]]]
) -> None:
    office, post = posted
    ways = BUTTONS | UNDER_MORE | FORMS
    values = {name: prepared.values.get(name, "1.1") for name in ways}
    kinds = all_kinds(values)

    @settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def is_answered_or_refused(data: st.DataObject) -> None:
        body = data.draw(st.sampled_from(kinds))(Sender(office, data.draw(st.sampled_from([LEO, MIA, EVA, BEN]))))
        for _ in range(data.draw(st.integers(1, 3))):
            anywhere = list(places(body))
            by_person = [place for place in anywhere if place[-1] in FILLED_IN] or anywhere
            place = data.draw(st.one_of(st.sampled_from(by_person), st.sampled_from(anywhere)))
            body = changed(body, place, data.draw(JUNK))
        with no_breakage():
            status, answer = post(body)

        assert status in (200, 400), answer
        assert "Something went wrong" not in answer

    is_answered_or_refused()


@pytest.mark.parametrize("body", [None, True, 7, "text", [], [{}], {}, {"type": None}, {"type": "no_such_type"}])
def test_what_is_no_payload_at_all_is_refused(
    posted: tuple[Office, Callable[[object], tuple[int, str]]], body: object
) -> None:
    assert posted[1](body)[0] == 400


@pytest.mark.parametrize("user", ["U1", "U0NOBODY9", "W0NOBODY9", "USLACKBOT", "U0BATON", "T0LOCAL", "x" * 60])
def test_events_of_somebody_whom_slack_does_not_know_are_answered_and_not_asked_for_again(
    posted: tuple[Office, Callable[[object], tuple[int, str]]], user: str, caplog: pytest.LogCaptureFixture
) -> None:
    office, post = posted
    sender = Sender(office, user)
    events = [
        sender.event(SlackEvent.HOME_OPENED, tab="home"),
        sender.event(SlackEvent.HOME_OPENED, tab="messages"),
        sender.event(SlackEvent.MENTION, text=SAID),
        sender.event(SlackEvent.MENTION, text="<@U0BATON>", thread_ts="1.0"),
        sender.event(SlackEvent.MESSAGE, text="Hi", channel_type="im"),
    ]

    assert [post(event)[0] for event in events] == [200] * len(events)
    assert [
        one.getMessage() for one in caplog.records if one.name == "baton.handlers" and one.levelname == "ERROR"
    ] == []
