"""Text in a terminal or a file: what is to be typed is quoted, and moments name their time zone."""

from handlers.text.plain import render_value, render_with
from handlers.text.slack import strip_invisible
from handlers.text.translation import reader_timezone
from rules.text import Code, Moment, Text, Value


def render_terminal(text: Text | str) -> str:
    return render_with(_render_value, text)


def _render_value(value: Value) -> str:
    match value:
        case Text():
            return render_terminal(value)
        case Moment(at):
            return f"{render_value(value)} {at.astimezone(reader_timezone()):%Z}"
        case Code():
            return strip_invisible(str(value))
        case str():
            return strip_invisible(value)
        case _:
            return render_value(value)
