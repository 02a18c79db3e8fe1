"""Keys of desk.yml that have another name now: files and stored configurations with the earlier one are still read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Path = tuple[str | int, ...]

EACH: Final = "*"  # any key of that section
RENAMED_KEYS: Final[Mapping[Path, Mapping[str, str]]] = {
    ("teams", EACH): {"floor": "presence_board", "handover_after": "absence_cover_after"},
    ("alerts",): {
        "climb_after": "escalate_after",
        "at_once": "group_above",
        "extend_freely": "extend_without_approval",
    },
    ("escalations",): {"peer_check_below": "peer_review_below", "at_least": "min_answers"},
}


@dataclass(frozen=True, slots=True)
class RenamedKey:
    """`path` leads to the key as it is written; `current` is its name now."""

    path: Path
    current: str


def current_key(path: Path) -> str | None:
    """What the key at that place is called now; None where it has not been renamed."""
    *section, key = path
    return next((names[str(key)] for at, names in RENAMED_KEYS.items() if _leads_to(at, section, str(key))), None)


def renamed_keys(plain: object, path: Path = ()) -> list[RenamedKey]:
    """The earlier keys that are written where the current one is not."""
    found = list[RenamedKey]()
    if not isinstance(plain, Mapping):
        return found
    for key, value in plain.items():
        place = (*path, key)
        found += [RenamedKey(place, current) for current in _renamed(plain, place)]
        found += renamed_keys(value, place)
    return found


def with_current_keys(plain: Any, path: Path = ()) -> Any:  # noqa: ANN401 - JSON
    """The same configuration; a key stays where the current one is written beside it."""
    if not isinstance(plain, Mapping):
        return plain
    return {
        next(_renamed(plain, (*path, key)), key): with_current_keys(value, (*path, key)) for key, value in plain.items()
    }


def _renamed(plain: Mapping[Any, object], path: Path) -> Iterator[str]:
    current = current_key(path)
    if current is not None and current not in plain:
        yield current


def _leads_to(at: Path, section: list[str | int], key: str) -> bool:
    return len(at) == len(section) and key in RENAMED_KEYS[at] and all(map(_fits, at, section))


def _fits(wanted: str | int, key: str | int) -> bool:
    return wanted in (EACH, key)
