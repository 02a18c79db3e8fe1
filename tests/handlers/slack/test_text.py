"""What people typed comes out as they meant it."""

import pytest

from handlers.slack.text import mentioned_users, unescape_text


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
        ("<!here> <!channel> <!subteam^S0DESK|@desk> <!subteam^S0DESK>", "@here @channel @desk @subteam"),
        ("<!date^1392734382^{date}|18 February>", "@18 February"),
    ],
)
def test_slacks_escapes_are_undone_once(escaped: str, meant: str) -> None:
    assert unescape_text(escaped) == meant


def test_only_a_real_mention_names_somebody() -> None:
    assert mentioned_users("<@U0AGENT1|ana> &lt;@U0LEAD1&gt; @U0LEAD2") == ["U0AGENT1"]
