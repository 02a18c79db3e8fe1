"""What people typed comes out as they meant it."""

import pytest

from handlers.slack.markup import ids_in, mentioned_users, readable_text, unescape_text


@pytest.mark.parametrize(
    ("escaped", "meant"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;", "&lt;"),
        ("&lt;!channel&gt; &lt;@U0LEAD1&gt;", "<!channel> <@U0LEAD1>"),
        ("see <https://example.com|example.com>", "see example.com"),
        ("see <https://example.com/a|the log>", "see the log (https://example.com/a)"),
        ("see <https://example.com>", "see https://example.com"),
        ("write <mailto:ana@example.com|ana@example.com>", "write ana@example.com"),
        ("ask <@U0AGENT1|ana>", "ask @U0AGENT1"),
        ("in <#C0SUPPORT|support> or <#C0SECRET|>", "in #support or #C0SECRET"),
        ("<!here> <!channel> <!subteam^S0DESK|@desk> <!subteam^S0DESK>", "@here @channel @desk @group"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
    ],
)
def test_slacks_escapes_are_undone_once(escaped: str, meant: str) -> None:
    assert unescape_text(escaped) == meant


def test_only_a_real_mention_names_somebody() -> None:
    assert mentioned_users("<@U0AGENT1|ana> &lt;@U0LEAD1&gt; @U0LEAD2") == ["U0AGENT1"]


NAMES = {"U0BEN": "Ben Kowal", "C0NETWORK": "network", "S0OPS": "ops"}


@pytest.mark.parametrize(
    ("escaped", "read"),
    [
        ("ask <@U0BEN> in <#C0NETWORK> or <!subteam^S0OPS>", "ask @Ben Kowal in #network or @ops"),
        ("VPN down since <!date^1392734382^{date_short}^https://x.test|Feb 18>", "VPN down since Feb 18"),
        ("ask <@U0EVA|eva> or <@U0NOBODY>", "ask @eva or @U0NOBODY"),
        ("<!here>: <#C0SECRET|>", "@here: #C0SECRET"),
    ],
)
def test_whoever_reads_a_message_reads_names(escaped: str, read: str) -> None:
    assert readable_text(escaped, NAMES) == read


def test_names_are_looked_up_for_what_slack_gives_ids_alone() -> None:
    text = (
        "<@U0BEN> <#C0NETWORK|network> <#C0SECRET|> <!subteam^S0OPS> <!subteam^S0DESK|@desk> <!date^1^{date}|x> <!here>"
    )

    assert ids_in(text) == {"U0BEN", "C0SECRET", "S0OPS"}
