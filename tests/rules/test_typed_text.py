"""What can be read in a text."""

import pytest

from rules.typed_text import is_blank


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u202e\u2067", "\x00", "\ufeff \u200d"])
def test_spaces_and_characters_without_width_say_nothing(text: str) -> None:
    assert is_blank(text)


HIDDEN = ["\u3164", "\uffa0", "\u115f\u1160", "\u2800", "\u034f", "\u17b4\u17b5", "\u180e", "\ufe0f"]
HIDDEN += ["\u00ad", "\u061c", "\u2066\u2069", "\U000e0041\U000e007f", "\U0001d159", "\u00a0\u3000"]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_characters_that_draw_nothing_say_nothing(hidden: str) -> None:
    assert is_blank(f" {hidden}\n")
    assert not is_blank(f"{hidden}x")


@pytest.mark.parametrize("text", ["x", " . ", "\u202eא", "🔥", "—", "مرحبا"])
def test_one_character_that_can_be_read_says_something(text: str) -> None:
    assert not is_blank(text)
