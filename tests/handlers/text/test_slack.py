"""Sentences as Slack shows them."""

from datetime import UTC, datetime

from handlers.text.slack import render
from rules.text import Channel, Duration, Moment, Person, _


def test_people_channels_and_moments_are_drawn_and_typed_text_is_harmless() -> None:
    moment = Moment(datetime(2026, 3, 2, 9, tzinfo=UTC))
    text = _(
        "{who} & {title} in {where}, {at}, {long}",
        who=Person("U123"),
        title="<!channel> <@U9>\nx",
        where=Channel("C1"),
        at=moment,
        long=Duration(60),
    )

    assert render(text) == (
        "<@U123> &amp; &lt;!channel&gt; &lt;@U9&gt; x in <#C1>, "
        "<!date^1772442000^\u200b{date_short_pretty} {time}|2026-03-02 09:00 UTC>, 1 min"
    )


def test_people_of_imported_history_are_names() -> None:
    assert render(_("{who} & co", who=Person("Ana <x>"))) == "Ana &lt;x&gt; &amp; co"


def test_marks_that_people_typed_are_not_drawn_and_names_with_underscores_stay() -> None:
    assert render(_("{title}", title="*bold* _it_ ~gone~ `code` a_b_c 2*3*4")) == (
        "∗bold∗ ˍitˍ ∼gone∼ `code` a_b_c 2*3*4"
    )
