"""Text without any markup: labels, titles and menus of Slack, and the terminal."""

from collections.abc import Callable
from datetime import date

from handlers.text.translation import name_of_person, reader_timezone, sentence_of
from rules.text import Code, Day, Moment, Person, Text, Value


def render_plain(text: Text | str) -> str:
    return render_with(render_value, text)


def render_with(render: Callable[[Value], str], text: Text | str) -> str:
    """The sentence, each value as `render` shows it. A plain string stays as it is: no markup is drawn there."""
    if isinstance(text, str):
        return text
    return sentence_of(text).format_map({name: render(value) for name, value in text.values.items()})


def render_value(value: Value) -> str:
    match value:
        case Text():
            return render_plain(value)
        case Moment(at):
            local = at.astimezone(reader_timezone())
            return f"{_day_text(local.date())} {local:%H:%M}"
        case Day(date):
            return _day_text(date)
        case Code(text):
            return text
        case Person(id_):
            return name_of_person(id_) or id_
        case _:
            return str(value)


def _day_text(day: date) -> str:
    """Mon 23 Nov 2026."""
    return f"{day:%a} {day.day} {day:%b %Y}"
