"""A message is what people see of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.messages.content import ids_of_message, message_text

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Disk* full &amp; slow on <https://h.test|db1>"}}
FIELDS = {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Host*"}, {"type": "plain_text", "text": "db1"}]}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": "Ask "}, {"type": "user", "user_id": "U0BEN"}],
        },
        {
            "type": "rich_text_list",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://h.test", "text": "two"}]},
            ],
        },
    ],
}


HEADER = {"type": "header", "text": {"type": "plain_text", "text": "Disk full"}}
BUTTON = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "OK"}}]}
SHARED = {"is_share": True, "from_url": "x", "author_name": "Ana", "text": "No mail"}
UNFURLED = {"is_msg_unfurl": True, "message_blocks": [{"message": {"blocks": [SECTION]}}]}
PREVIEW = {"from_url": "https://h.test", "title": "H"}


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        ({"text": "VPN &lt;down&gt;"}, "VPN <down>"),
        ({"text": "", "blocks": [SECTION, FIELDS]}, "*Disk* full & slow on db1 (https://h.test)\n*Host*\ndb1"),
        ({"text": "", "blocks": [RICH]}, "Ask @Ben\n• one\n• two (https://h.test)"),
        ({"text": "ask <@U0BEN>", "blocks": [RICH]}, "ask @Ben"),
        ({"text": "Alert", "bot_id": "B1", "blocks": [SECTION]}, "Alert\n*Disk* full & slow on db1 (https://h.test)"),
        ({"text": "Disk full", "bot_id": "B1", "blocks": [HEADER]}, "Disk full"),
        (
            {"attachments": [{"title": "CPU high", "text": "on db1", "fields": [{"title": "Load", "value": "17"}]}]},
            "CPU high\non db1\nLoad: 17",
        ),
        ({"attachments": [{"fallback": "CPU high on db1"}]}, "CPU high on db1"),
        (
            {"text": "please", "attachments": [SHARED]},
            "please\nAna\nNo mail",
        ),
        (
            {"text": "", "attachments": [UNFURLED]},
            "*Disk* full & slow on db1 (https://h.test)",
        ),
        ({"text": "see <https://h.test>", "attachments": [PREVIEW]}, "see https://h.test"),
        ({"text": None, "blocks": None, "attachments": None}, ""),
        ({"blocks": ["x", {"type": "new_2027", "text": {"type": "mrkdwn", "text": "still read"}}]}, "still read"),
        ({"blocks": [BUTTON]}, ""),
        ({"blocks": [{"type": "image", "alt_text": "A red curve"}]}, "A red curve"),
    ],
)
def test_what_is_seen_of_it(message: dict[str, Any], seen: str) -> None:
    assert message_text(message, {"U0BEN": "Ben"}) == seen


def test_names_are_looked_up_wherever_they_stand() -> None:
    message = {"text": "<#C0A>", "blocks": [RICH], "attachments": [{"text": "<@U0EVA> <!subteam^S0B>"}]}

    assert ids_of_message(message) == {"C0A", "U0BEN", "U0EVA", "S0B"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "blocks", "elements", "fields", "attachments", "message_blocks", "title"]),
            inner | st.sampled_from(["rich_text", "rich_text_list", "mrkdwn", "user", "section", "link"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(message=st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "bot_id", "subtype"]), anything))
def test_whatever_slack_sends_is_text(message: dict[str, Any]) -> None:
    assert isinstance(message_text(message), str)
    assert isinstance(ids_of_message(message), set)
