"""Sentences in stored JSON: their English, and their values by name and kind."""

from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

from rules.text import Channel, Code, Day, Duration, Moment, NearDay, Person, Text, TicketNumber, Value, WorkTime


def text_to_json(text: Text) -> dict[str, Any]:
    values = {name: _value_to_json(value) for name, value in text.values.items()}
    return {"message": text.message, "values": values} | ({"plural": text.plural} if text.plural else {})


def text_from_json(stored: Mapping[str, Any]) -> Text:
    values = {name: _value_from_json(value) for name, value in stored["values"].items()}
    return Text(stored["message"], values, stored.get("plural", ""))


def _value_to_json(value: Value) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str | int):
        return value
    if isinstance(value, Text):
        return {"text": text_to_json(value)}
    (content,) = astuple(value)
    return {type(value).__name__.lower(): content.isoformat() if isinstance(content, date) else content}


def _value_from_json(stored: Any) -> Value:  # noqa: ANN401 - JSON
    if isinstance(stored, dict):
        ((kind, value),) = stored.items()
        return _FROM_JSON[kind](value)
    plain: Value = stored
    return plain


_FROM_JSON: dict[str, Callable[[Any], Value]] = {
    "text": text_from_json,
    "moment": lambda at: Moment(datetime.fromisoformat(at)),
    "ticketnumber": TicketNumber,
    "day": lambda day: Day(date.fromisoformat(day)),
    "nearday": lambda day: NearDay(date.fromisoformat(day)),
    "duration": Duration,
    "worktime": WorkTime,
    "person": Person,
    "channel": Channel,
    "code": Code,
}
