"""The title of a ticket that is made from a message."""

import pytest

from rules.intake.titles import TITLE_LENGTH, short_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("VPN is down", "VPN is down"),
        ("iPhone is lost", "iPhone is lost"),
        (
            "Hi, my badge does not open the door on floor 3. It worked yesterday. Can somebody help?",
            "My badge does not open the door on floor 3.",
        ),
        ("Hello Baton team! the VPN is down on floor 3\nSince 8:10.", "The VPN is down on floor 3"),
        ("hi all my mail bounces since Monday", "My mail bounces since Monday"),
        ("Help! The printer burns.", "Help! The printer burns."),
        ("三楼的打印机从今天早上开始一直打印空白页。请帮忙看看。", "三楼的打印机从今天早上开始一直打印空白页。"),
        ("Hi!", "Hi!"),
        ("", ""),
    ],
)
def test_a_message_gets_a_short_title(text: str, title: str) -> None:
    assert short_title(text) == title


@pytest.mark.parametrize("text", ["the gateway of floor 3 " * 10, "印" * 200])
def test_a_long_sentence_is_cut(text: str) -> None:
    title = short_title(text)

    assert len(title) <= TITLE_LENGTH
    assert title.endswith("…")


def test_words_stay_whole_where_a_title_is_cut() -> None:
    title = short_title("the gateway of floor 3 " * 10)

    assert title.removesuffix("…").split()[-1] in ("the", "gateway", "of", "floor", "3")
