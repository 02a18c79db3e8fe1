"""The title of a ticket that is made from a message."""

import re

TITLE_LENGTH = 80
SHORTEST_TITLE = 15  # what is shorter takes the next sentence too, such as "Help!"
_GREETING = re.compile(
    r"\A(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b"
    r"(?:(?: +[^\s,.!?:]+){0,3} *[,.!?:]+|(?: +(?:all|everyone|everybody|folks|team|there))+(?=\s))?\s*",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\s*\n\s*")


def short_title(text: str) -> str:
    """The first sentence without a greeting, cut at a word."""
    said = text.strip()
    body = _GREETING.sub("", said) or said
    title = ""
    for sentence in filter(None, _SENTENCE_END.split(body)):
        title = f"{title} {sentence}".strip()
        if len(title) >= SHORTEST_TITLE:
            break
    title = " ".join(title.split())
    return _cut_at_word(title if body == said else title[:1].upper() + title[1:])


def _cut_at_word(title: str) -> str:
    if len(title) <= TITLE_LENGTH:
        return title
    kept = title[: TITLE_LENGTH - 1]
    at_word = kept.rpartition(" ")[0]
    return (at_word if len(at_word) > TITLE_LENGTH // 2 else kept).rstrip(" ,;:") + "…"
