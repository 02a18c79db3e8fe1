"""The snippets of STYLE.md are in the code."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGE = (TOP / "STYLE.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"^```(?P<info>.*)\n(?P<text>(?:.*\n)*?)^```$", re.MULTILINE)
FENCES = [(fence["info"], fence["text"]) for fence in _FENCE.finditer(PAGE)]


@pytest.mark.parametrize(("info", "text"), FENCES, ids=[info for info, _ in FENCES])
def test_a_snippet_is_in_the_file_that_its_fence_names(info: str, text: str) -> None:
    language, _, path = info.partition(" ")

    assert language == "python"
    assert (TOP / path).is_file(), f"Name the file of the snippet behind ```python: {path!r} is none."
    assert missing(text, (TOP / path).read_text(encoding="utf-8")) == []


def test_the_guidelines_keep_the_numbers_that_other_pages_cite() -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE)]

    assert numbers == list(range(1, 27))


def test_a_snippet_may_leave_out_lines_but_change_none() -> None:
    code = "def take(tx):\n    check(tx)\n    save(tx)\n    tell(tx)\n"

    assert missing("def take(tx):\n    ...\n    tell(tx)\n", code) == []
    assert missing("def take(tx):\n    save(tx)\n", code) == ["def take(tx): save(tx)"]
    assert missing("tell(tx)\n...\ncheck(tx)\n", code) == ["check(tx)"]


def missing(snippet: str, code: str) -> list[str]:
    """The pieces between the `...` that the code does not have in this order; white space does not count."""
    rest, lost = squeeze(code), []
    for piece in filter(None, map(squeeze, re.split(r"\.\.\.", snippet))):
        before, found, after = rest.partition(piece)
        rest = after if found else before
        lost += [] if found else [piece]
    return lost


def squeeze(text: str) -> str:
    return " ".join(text.split())
