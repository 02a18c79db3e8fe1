"""What can be read in a text."""

import pytest

from rules.typed_text import is_blank


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u202e\u2067", "\x00", "\ufeff \u200d"])
def test_spaces_and_characters_without_width_say_nothing(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["x", " . ", "\u202eא", "🔥", "—", "مرحبا"])
def test_one_character_that_can_be_read_says_something(text: str) -> None:
    assert not is_blank(text)
