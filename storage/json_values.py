"""Frozen values as JSON: keys are the fields, moments are ISO 8601 with their offset."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

V = TypeVar("V")


def to_json(value: object) -> dict[str, Any]:
    """By way of JSON's own text: pydantic's JSON writes a moment's UTC as Z, where stored rows have +00:00."""
    by_field = _adapter(type(value)).dump_python(value)  # type: ignore[arg-type] # a type is hashable
    plain: dict[str, Any] = json.loads(json.dumps(by_field, default=lambda moment: moment.isoformat()))
    return plain


def from_json(kind: type[V], stored: Mapping[str, Any] | Sequence[Any]) -> V:
    """The value of that kind, from its fields by name or, from a list, in their order."""
    adapter: TypeAdapter[V] = _adapter(kind)  # type: ignore[arg-type] # a type is hashable
    if isinstance(stored, Sequence):
        stored = dict(zip((field.name for field in fields(kind)), stored, strict=True))  # type: ignore[arg-type]
    return adapter.validate_python(stored)


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
