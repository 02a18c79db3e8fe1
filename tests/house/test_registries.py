"""Nothing is registered without what belongs to it: a kind of message has its renderer."""

import re
from pathlib import Path

from handlers.routes import build_registry

TOP = Path(__file__).parents[2]
_KIND = re.compile(r"^[A-Z_]+ = (?:outbox\.)?MessageKind\(\"(\w+)\"", re.MULTILINE)


def test_every_kind_of_message_is_declared_once_and_has_a_renderer() -> None:
    sources = [
        path.read_text(encoding="utf-8") for layer in ("storage", "services") for path in (TOP / layer).rglob("*.py")
    ]

    assert sorted(name for source in sources for name in _KIND.findall(source)) == sorted(build_registry().renderers)
