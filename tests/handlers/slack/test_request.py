"""Where somebody is when they speak to us, and from where."""

from typing import Any

import pytest

from handlers.slack.request import RequestContext, is_addressed_to_bot, typed_texts

IN_THREAD = {"channel_id": "C1", "message_ts": "2.0", "thread_ts": "1.0"}


def test_a_press_under_a_card_is_answered_in_its_thread() -> None:
    place = RequestContext.from_body({"user": {"id": "U1"}, "container": IN_THREAD, "trigger_id": "t"})

    assert place == RequestContext("U1", "C1", "1.0", "t")


def test_a_press_in_a_form_is_in_no_channel() -> None:
    body = {"user": {"id": "U1"}, "container": {"type": "view"}, "view": {"type": "modal"}, "trigger_id": "t"}

    assert RequestContext.from_body(body) == RequestContext("U1", trigger_id="t", in_form=True)


@pytest.mark.parametrize(
    ("event", "to_us"),
    [
        ({"type": "app_mention"}, True),
        ({"type": "app_home_opened"}, True),
        ({"type": "message", "channel_type": "im"}, True),
        ({"type": "message", "channel_type": "channel"}, False),
        ({"type": "user_change"}, False),
    ],
)
def test_what_is_said_to_us_is_told_from_what_people_say_to_each_other(event: dict[str, Any], to_us: bool) -> None:
    assert is_addressed_to_bot({"event": event}) is to_us


def test_what_was_written_is_told_from_what_was_chosen() -> None:
    state = {
        "title": {"title": {"type": "plain_text_input", "value": "VPN"}},
        "empty": {"empty": {"type": "plain_text_input", "value": None}},
        "priority": {"priority": {"type": "static_select", "selected_option": {"value": "high"}}},
    }

    assert typed_texts({"view": {"state": {"values": state}}}) == ["VPN"]
