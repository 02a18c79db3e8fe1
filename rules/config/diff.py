"""What differs between two configurations, in sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rules.config.renamed_keys import with_current_keys
from rules.model.policy import SLA_CONDITIONS
from rules.model.timers import TimerKind
from rules.text import Text, _, join_texts

_ENTRIES: Mapping[str, Callable[[str], Text]] = {
    "calendars": lambda name: _("Calendar {name}", name=name),
    "teams": lambda name: _("Team {name}", name=name),
    "types": lambda name: _("Type {name}", name=name),
    "companies": lambda name: _("Company {name}", name=name),
    "people": lambda name: _("Person {name}", name=name),
}
_PEOPLE = {"managers": _("Managers"), "observers": _("Observers"), "admins": _("Admins")}
_SETTINGS = {
    "warn_at": _("SLA warnings"),
    "pause_while": _("Pauses"),
    "alerts": _("Alerts"),
    "escalations": _("Escalations"),
}


def configuration_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Text]:
    """One sentence for each difference; both configurations are valid ones."""
    old, new = with_current_keys(before or {}), with_current_keys(after)
    return [
        *(text for key, named in _ENTRIES.items() for text in _entries(named, old.get(key) or {}, new.get(key) or {})),
        *(text for key, name in _PEOPLE.items() for text in _setting(name, old.get(key), new.get(key) or [])),
        *_list(_("SLA"), *([_sla_row(row) for row in plain.get("sla") or []] for plain in (old, new)), separator="; "),
        *(text for key, name in _SETTINGS.items() for text in _setting(name, old.get(key), new.get(key))),
    ]


def _entries(named: Callable[[str], Text], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Text]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key) or {}, new.get(key) or {}
        entry = named(str((after or before).get("name", key)))
        if key not in old:
            yield _("{entry} is new", entry=entry)
        elif key not in new:
            yield _("{entry} is removed", entry=entry)
        else:
            for each in dict.fromkeys((*before, *after)):
                setting = _("{entry}, {setting}", entry=entry, setting=each)
                yield from _setting(setting, before.get(each), after.get(each))


def _setting(name: Text, old: object, new: object) -> Iterator[Text]:
    if isinstance(new, list | tuple) and (old is None or isinstance(old, list | tuple)):
        yield from _list(name, old or (), new)
    elif old != new:
        yield _("{setting}: {before} → {after}", setting=name, before=_text(old), after=_text(new))


def _list(name: Text, old: Sequence[object], new: Sequence[object], *, separator: str = ", ") -> Iterator[Text]:
    added = join_texts([_text(each) for each in new if each not in old], separator)
    removed = join_texts([_text(each) for each in old if each not in new], separator)
    if added.values and removed.values:
        yield _("{setting}: added {added}; removed {removed}", setting=name, added=added, removed=removed)
    elif added.values:
        yield _("{setting}: added {added}", setting=name, added=added)
    elif removed.values:
        yield _("{setting}: removed {removed}", setting=name, removed=removed)
    elif list(old) != list(new):
        yield _("{setting}: in another order", setting=name)


def _sla_row(row: Mapping[str, Any]) -> Text:
    conditions = ", ".join(f"{key} {row[key]}" for key in SLA_CONDITIONS if row.get(key)) or _("all tickets")
    times = ", ".join(f"{key} {row[key]}" for key in (*TimerKind, "calendar") if row.get(key))
    return _("{conditions} ({times})", conditions=conditions, times=times)


def _text(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, Mapping):
        pairs = [_("{key} {value}", key=str(key), value=_text(each)) for key, each in value.items()]
        return join_texts(pairs, "; ")
    if isinstance(value, list | tuple):
        return join_texts([_text(each) for each in value], ", ")
    return _("none") if value is None else _("{value}", value=str(value))
