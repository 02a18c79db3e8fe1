"""Slack's dictionaries, read once: what was meant comes out, what is old is said to be old."""

import pytest

from handlers.slack.payloads import OldCard, Press, Submission, TypedCommand


def press(value: str) -> Press:
    return Press.from_body({"user": {"id": "U1"}, "trigger_id": "t1", "actions": [{"action_id": "a", "value": value}]})


def test_a_button_says_which_ticket_and_which_round() -> None:
    assert press("12").ticket == 12
    assert press("12.3").ticket_and_index == (12, 3)
    assert (press("wait:12").menu_choice, press("wait:12").ticket) == ("wait", 12)


@pytest.mark.parametrize("value", ["", "twelve", "12; drop table", "99999999999", "-1"])
def test_a_value_that_names_no_ticket_is_an_old_card(value: str) -> None:
    with pytest.raises(OldCard, match="older version"):
        _ = press(value).ticket


def test_a_form_gives_its_answers_by_field() -> None:
    state = {
        "title": {"title": {"type": "plain_text_input", "value": "VPN"}},
        "priority": {"priority": {"type": "static_select", "selected_option": {"value": "high"}}},
        "who": {"who": {"type": "users_select", "selected_user": "U2"}},
        "empty": {"empty": {"type": "plain_text_input", "value": None}},
    }
    view = {"id": "V1", "private_metadata": "12.1", "state": {"values": state}}

    sent = Submission.from_body({"user": {"id": "U1"}, "view": view})

    assert [sent[name] for name in ("title", "priority", "who", "empty", "absent")] == [
        "VPN",
        "high",
        "U2",
        "",
        "",
    ]
    assert sent.ticket_and_index == (12, 1)


def test_the_same_form_sent_twice_has_one_key() -> None:
    body = {"user": {"id": "U1"}, "view": {"id": "V1"}}

    assert Submission.from_body(body).key == Submission.from_body(body).key == "form:V1"


def test_a_command_keeps_slacks_own_escapes_for_whoever_reads_mentions() -> None:
    typed = TypedCommand.from_body({"user_id": "U1", "channel_id": "C1", "text": " down <@U2|ben> ", "trigger_id": "t"})

    assert typed.text == "down <@U2|ben>"


@pytest.mark.parametrize("text", ["Who network", " who  network ", "who\nnetwork", "who\tnetwork"])
def test_the_first_word_of_a_command_ends_at_a_space_a_tab_or_a_line_end(text: str) -> None:
    typed = TypedCommand.from_body({"user_id": "U1", "text": text})

    assert (typed.word, typed.rest) == ("who", "network")


def test_a_command_without_words_has_no_first_word() -> None:
    typed = TypedCommand.from_body({"user_id": "U1", "text": " "})

    assert (typed.word, typed.rest) == ("", "")
