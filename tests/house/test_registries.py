"""What is registered is complete: each message has a renderer, each job and section of Home a place of its own."""

import re
from collections import Counter
from pathlib import Path

from bot.runtime.jobs import build_full_registry

TOP = Path(__file__).parents[2]
REGISTRY = build_full_registry(30)
_KIND = re.compile(r"^[A-Z_]+ = (?:outbox\.)?MessageKind\(\"(\w+)\"", re.MULTILINE)


def test_every_kind_of_message_is_declared_once_and_has_a_renderer() -> None:
    files = [file for layer in ("storage", "services") for file in (TOP / layer).rglob("*.py")]
    declared = [name for file in files for name in _KIND.findall(file.read_text(encoding="utf-8"))]

    assert sorted(declared) == sorted(REGISTRY.renderers)


def test_every_module_of_handlers_that_registers_something_is_in_the_table_of_contents() -> None:
    routes = (TOP / "handlers" / "routes.py").read_text(encoding="utf-8")
    files = [
        file
        for file in (TOP / "handlers").rglob("*.py")
        if re.search(r"^def register\(on: ", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    missing = [
        str(file)
        for file in files
        if not re.search(rf"^from handlers(\.{file.parent.name})? import .*\b{file.stem}\b", routes, re.MULTILINE)
    ]
    assert missing == []


def test_no_two_jobs_or_sections_of_home_have_the_same_place() -> None:
    for order in (
        Counter(job.order for job in REGISTRY.jobs.values()),
        Counter(s.order for s in REGISTRY.home_sections),
    ):
        assert [place for place, count in order.items() if count > 1] == []
