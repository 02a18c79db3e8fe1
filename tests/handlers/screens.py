"""A screen: how many lines an answer takes in Slack's window, as wide as it is on a laptop."""

import re
from math import ceil
from typing import Any

SCREEN = 25
WIDTH = 120
_PERSON = re.compile(r"<@\w+>")
_MOMENT = re.compile(r"<!date[^>]*>")


def lines_of(answer: dict[str, Any]) -> list[str]:
    """Every line that is shown; one that is too long for the window counts as often as it goes on."""
    shown = [line for block in answer["blocks"] for line in _lines(block)]
    return [line[at * WIDTH : (at + 1) * WIDTH] for line in shown for at in range(max(1, ceil(len(line) / WIDTH)))]


def _lines(block: dict[str, Any]) -> list[str]:
    if block["type"] == "section":
        return _rendered(block["text"]["text"]).split("\n")
    if block["type"] == "context":
        return [line for one in block["elements"] for line in _rendered(one["text"]).split("\n")]
    return [block["type"]]


def _rendered(text: str) -> str:
    text = _MOMENT.sub("Yesterday at 10:30 AM", _PERSON.sub("@Somebody Withaname", text))
    return text.replace("*", "").replace("`", "").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
