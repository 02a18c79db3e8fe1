"""What is not Slack's never reaches Bolt."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.metrics import render_metrics
from bot.slack.shapes import payload_kind
from bot.slack.signatures import MAX_BODY_BYTES, AsgiMessage, SlackEndpoint, slack_signature
from tests.bot.written import written

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_700_000_000
TYPED = {"command": "/ticket", "text": "VPN is down", "user_id": "U0ANA"}
COMMAND = urlencode(TYPED).encode()
FORM = "application/x-www-form-urlencoded"


class Bolt:
    """Stands where Bolt does, and keeps what gets there."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []

    async def __call__(self, request: AsyncBoltRequest) -> BoltResponse:
        self.received.append(request.body)
        return BoltResponse(status=200)


class Knock:
    """One request at the edge: what was answered, what got through, and how much was read."""

    def __init__(self) -> None:
        self.bolt = Bolt()
        self.read = 0
        self.sent: list[AsgiMessage] = []

    async def __call__(
        self,
        headers: dict[str, str],
        *pieces: bytes,
        without_end: bytes = b"",
        method: str = "POST",
        query: bytes = b"",
    ) -> int:
        coming = list(pieces or ([] if without_end else [COMMAND]))

        async def receive() -> AsgiMessage:
            if not coming and not without_end:
                return {"type": "http.disconnect"}
            piece = coming.pop(0) if coming else without_end
            self.read += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(coming or without_end)}

        async def send(message: AsgiMessage) -> None:
            self.sent.append(message)

        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": "/slack/events",
            "query_string": query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        await SlackEndpoint(self.bolt, secret=SECRET, clock=lambda: NOW)(scope, receive, send)
        return int(self.sent[0]["status"])


@pytest.fixture
def knock() -> Knock:
    return Knock()


def headers(body: bytes = COMMAND, *, at: object = NOW, kind: str = FORM, secret: str = SECRET) -> dict[str, str]:
    """What Slack sends along with that body."""
    signature = slack_signature(secret.encode(), str(at).encode(), body).decode()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}


def test_the_signature_is_slacks_own() -> None:
    """The example in Slack's documentation of request signatures."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )

    assert slack_signature(SECRET.encode(), b"1531420618", body) == (
        b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


async def test_a_signed_request_reaches_bolt_as_it_was_sent(knock: Knock) -> None:
    assert await knock(headers()) == 200
    assert knock.bolt.received == [TYPED]


async def test_a_request_in_pieces_reaches_bolt_whole(knock: Knock) -> None:
    assert await knock(headers(), COMMAND[:7], COMMAND[7:], b"") == 200
    assert knock.bolt.received == [TYPED]


async def test_whoever_writes_of_a_payload_is_heard(knock: Knock) -> None:
    typed = TYPED | {"text": "The payload is lost"}
    body = urlencode(typed).encode()

    assert await knock(headers(body), body) == 200
    assert knock.bolt.received == [typed]


@pytest.mark.parametrize("at", ["", "soon", "-5", "1_700_000_000", "1.7e9", "١٧٠٠٠٠٠٠٠٠", "1" * 40])
async def test_a_time_that_is_no_number_is_refused_unread(knock: Knock, at: str) -> None:
    assert await knock(headers(at=at)) == 401
    assert knock.read == 0


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, 0])
async def test_a_request_from_another_time_is_refused_unread(knock: Knock, at: int) -> None:
    assert await knock(headers(at=at)) == 401
    assert knock.read == 0


@pytest.mark.parametrize("at", [NOW - 300, NOW + 300])
async def test_five_minutes_of_difference_are_admitted(knock: Knock, at: int) -> None:
    assert await knock(headers(at=at)) == 200


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
async def test_a_request_without_signature_or_time_is_refused_unread(knock: Knock, missing: str) -> None:
    incomplete = {name: value for name, value in headers().items() if name != missing}

    assert await knock(incomplete) == 401
    assert knock.read == 0


@pytest.mark.parametrize("signature", ["v0=", "v0=" + "0" * 64, "v1=abc", "ö" * 10])
async def test_a_wrong_signature_is_refused(knock: Knock, signature: str) -> None:
    assert await knock(headers() | {"X-Slack-Signature": signature}) == 401
    assert knock.bolt.received == []


async def test_a_signature_with_another_secret_is_refused(knock: Knock) -> None:
    assert await knock(headers(secret="another")) == 401


async def test_a_signature_of_another_body_is_refused(knock: Knock) -> None:
    assert await knock(headers(), COMMAND + b"&user_id=U0LEAD") == 401


@pytest.mark.parametrize("length", [str(MAX_BODY_BYTES + 1), "9" * 5000, "-1", "many", ""])
async def test_a_body_that_says_it_is_too_large_is_refused_unread(knock: Knock, length: str) -> None:
    assert await knock(headers() | {"Content-Length": length}) == 413
    assert knock.read == 0


async def test_a_body_without_end_is_not_read_to_its_end(knock: Knock) -> None:
    assert await knock(headers(), without_end=b"x" * 1024) == 413
    assert knock.read == MAX_BODY_BYTES + 1024


async def test_a_body_of_just_the_limit_is_admitted(knock: Knock) -> None:
    body = COMMAND + b"&more=" + b"x" * (MAX_BODY_BYTES - len(COMMAND) - 6)

    assert await knock(headers(body) | {"Content-Length": str(len(body))}, body) == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"type": ', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"null", "application/json; charset=utf-8"),
        (b'"\xff"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{", FORM),
        (b"payload=%7Bbroken", FORM),
        (b"payload=7", FORM),
        (b"no form at all", FORM),
        (b"text=\xff\xfe", FORM),
    ],
)
async def test_a_signed_body_that_nobody_can_read_is_refused(knock: Knock, body: bytes, kind: str) -> None:
    assert await knock(headers(body, kind=kind), body) == 400
    assert knock.bolt.received == []


USER = {"id": "U0ANA", "team_id": "T0DESK"}
TAKE = {"action_id": "ticket.take", "block_id": "b", "value": "1"}
PRESS = {"type": "block_actions", "user": USER, "actions": [TAKE]}
SAID = {"type": "message", "user": "U0ANA", "channel": "C0GENERAL", "ts": "1.0", "text": "Hello"}
MODAL = {"id": "V1", "type": "modal", "callback_id": "f"}
FORM_SENT = {"type": "view_submission", "user": USER, "view": MODAL | {"blocks": []}}
MALFORMED: list[tuple[object, str]] = [
    ([PRESS], "it is no object"),
    ("text", "it is no object"),
    ({}, "its type is unknown"),
    ({"type": ["block_actions"]}, "its type is unknown"),
    (PRESS | {"actions": []}, "actions"),
    (PRESS | {"actions": [None]}, "actions"),
    (PRESS | {"actions": [{"value": "1"}]}, "actions"),
    (PRESS | {"user": None}, "user"),
    (PRESS | {"user": {"id": ""}}, "user.id"),
    (PRESS | {"container": "C0GENERAL"}, "container"),
    (FORM_SENT | {"view": None}, "view"),
    (FORM_SENT | {"view": MODAL}, "view.blocks"),
    (FORM_SENT | {"view": MODAL | {"blocks": [], "state": {"values": []}}}, "view.state"),
    ({"type": "message_action", "user": USER, "callback_id": "c", "channel": {"id": "C1"}}, "message"),
    ({"type": "shortcut", "user": USER}, "callback_id"),
    ({"type": "block_suggestion", "user": USER}, "action_id"),
    ({"type": "event_callback"}, "event"),
    ({"type": "event_callback", "event": None}, "event"),
    ({"type": "event_callback", "event": SAID | {"ts": "soon"}}, "ts"),
    ({"type": "event_callback", "event": {"type": "app_home_opened"}}, "user"),
    ({"type": "event_callback", "event": SAID, "authorizations": {}}, "authorizations"),
    ({"type": "event_callback", "event": {"type": "user_change", "user": "U0ANA"}}, "user"),
    ({"type": "url_verification"}, "challenge"),
    (PRESS | {"state": json.loads("[" * 60 + "]" * 60)}, "it is nested too deep"),
    ({"type": "event_callback", "event": SAID | {"message": "Hello"}}, "message"),
    ({"command": "/ticket", "text": "VPN is down"}, "user_id"),
]


@pytest.mark.parametrize(("payload", "place"), MALFORMED)
async def test_a_signed_payload_that_lacks_something_is_refused_and_the_log_says_what(
    knock: Knock, payload: object, place: str
) -> None:
    body = json.dumps(payload).encode()

    with written("INFO") as page:
        assert await knock(headers(body, kind="application/json"), body) == 400

        assert f"This is no payload of Slack's: {place}" in page()
    assert knock.bolt.received == []


@pytest.mark.parametrize("payload", [PRESS, FORM_SENT, {"type": "event_callback", "event": SAID}])
async def test_null_is_the_same_as_nothing_and_what_no_database_takes_is_left_out(
    knock: Knock, payload: dict[str, Any]
) -> None:
    hostile = payload | {"team": None, "container": None, "response_url": "a\x00\ud800b"}
    body = json.dumps(hostile).encode()

    assert await knock(headers(body, kind="application/json"), body) == 200
    assert knock.bolt.received == [payload | {"response_url": "ab"}]


@pytest.mark.parametrize("signed", [True, False])
async def test_slacks_check_of_our_certificate_is_answered(knock: Knock, signed: bool) -> None:
    body = b"ssl_check=1&token=abc"
    unsigned = {"Content-Type": FORM, "Content-Length": str(len(body))}

    assert await knock(headers(body) if signed else unsigned, body) == 200
    assert knock.bolt.received == []


async def test_the_check_may_be_a_get(knock: Knock) -> None:
    assert await knock({}, method="GET", query=b"ssl_check=1&token=abc") == 200


async def test_an_unsigned_body_that_is_no_check_is_refused(knock: Knock) -> None:
    assert await knock({"Content-Type": FORM, "Content-Length": str(len(COMMAND))}) == 401
    assert knock.bolt.received == []


async def test_slack_that_holds_back_events_is_answered_logged_and_counted(knock: Knock) -> None:
    body = json.dumps({"type": "app_rate_limited", "team_id": "T0DESK", "minute_rate_limited": 1518467820}).encode()

    def counted() -> float:
        name = b"baton_rate_limited_minutes_total "
        return float(render_metrics().partition(b"\n" + name)[2].split()[0])

    before = counted()
    with written("WARNING") as page:
        assert await knock(headers(body, kind="application/json"), body) == 200

        assert "Slack holds back events" in page()
    assert counted() == before + 1


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE"])
async def test_only_a_post_is_for_slack(knock: Knock, method: str) -> None:
    assert await knock(headers(), method=method) == 405
    assert knock.read == 0


async def test_a_refused_connection_is_closed(knock: Knock) -> None:
    await knock({})

    assert (b"connection", b"close") in knock.sent[0]["headers"]


async def test_nothing_of_a_refused_request_is_logged(knock: Knock) -> None:
    with written("DEBUG") as page:
        await knock(headers(b"text=ben+wrote+this", secret="another"), b"text=ben+wrote+this")

        assert "Request refused status=401" in page()
        assert "ben" not in page()
        assert "v0=" not in page()


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"command": "/ticket"}, "command"),
        ({"type": "block_actions"}, "action"),
        ({"type": "view_submission"}, "view"),
        ({"type": "message_action"}, "shortcut"),
        ({"type": "shortcut"}, "shortcut"),
        ({"type": "block_suggestion"}, "options"),
        ({"type": "event_callback"}, "event"),
        ({"type": "something new"}, "other"),
    ],
)
def test_requests_are_counted_by_what_they_are(payload: dict[str, Any], kind: str) -> None:
    assert payload_kind(payload) == kind
