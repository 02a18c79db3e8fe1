"""What differs between two configurations, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.model.policy import SLA_CONDITIONS
from rules.model.timers import TimerKind

_ENTRIES = {"calendars": "Calendar", "teams": "Team", "types": "Type", "companies": "Company", "people": "Person"}
_PEOPLE = {"managers": "Managers", "observers": "Observers", "admins": "Admins"}
_SETTINGS = {"warn_at": "Warnings", "pause_while": "Pauses", "alerts": "Alerts", "escalations": "Escalations"}


def configuration_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """One sentence for each difference; both configurations are valid ones."""
    old = before or {}
    return [
        *(text for key, kind in _ENTRIES.items() for text in _entries(kind, old.get(key) or {}, after.get(key) or {})),
        *(text for key, name in _PEOPLE.items() for text in _setting(name, old.get(key), after.get(key) or [])),
        *_list("Promises", *([_sla_row(row) for row in plain.get("sla") or []] for plain in (old, after))),
        *(text for key, name in _SETTINGS.items() for text in _setting(name, old.get(key), after.get(key))),
    ]


def _entries(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key) or {}, new.get(key) or {}
        name = f"{kind} {(after or before).get('name', key)}"
        if key not in old:
            yield f"{name} is new"
        elif key not in new:
            yield f"{name} is removed"
        else:
            for each in dict.fromkeys((*before, *after)):
                yield from _setting(f"{name}: {each}", before.get(each), after.get(each))


def _setting(name: str, old: object, new: object) -> Iterator[str]:
    if isinstance(new, list | tuple) and (old is None or isinstance(old, list | tuple)):
        yield from _list(name, old or (), new)
    elif old != new:
        yield f"{name} {_text(old)} → {_text(new)}"


def _list(name: str, old: Sequence[object], new: Sequence[object]) -> Iterator[str]:
    added, removed = [each for each in new if each not in old], [each for each in old if each not in new]
    if added or removed:
        yield f"{name} {', '.join([*(f'+ {_text(one)}' for one in added), *(f'- {_text(one)}' for one in removed)])}"
    elif list(old) != list(new):
        yield f"{name} in another order"


def _sla_row(row: Mapping[str, Any]) -> str:
    conditions = " and ".join(f"{key} {row[key]}" for key in SLA_CONDITIONS if row.get(key)) or "everything"
    return f"{conditions} ({', '.join(f'{key} {row[key]}' for key in (*TimerKind, 'calendar') if row.get(key))})"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_text(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return "nothing" if value is None else str(value)
