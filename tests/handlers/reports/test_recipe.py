"""CONTRIBUTING's recipe for a word of `/report` works as it is written there."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any

from handlers.reports import open_work, reports
from handlers.reports.cards import daily
from handlers.slack.ids import Command
from handlers.slack.router import Router
from rules.reports.queries import ReportQuery
from tests.desks import Office

PAGE = Path(__file__).parents[3] / "CONTRIBUTING.md"


async def test_the_new_word_is_registered_and_answers_with_the_figure(office: Office) -> None:
    await office.file("VPN is down")
    recipe, router = module_of_recipe("## A word of `/report`"), Router()

    recipe["register"](router)
    message = await recipe["answer_backlog"](office.desk, "U0MANAGER1", ReportQuery())

    assert list(router.words_of(Command.REPORT)) == ["backlog"]
    assert message.text == "1 tickets are open."


def module_of_recipe(heading: str) -> dict[str, Any]:
    """The first snippet below the heading, with the imports that its neighbours have."""
    section = PAGE.read_text(encoding="utf-8").partition(heading)[2]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found
    names = names_of(daily) | names_of(reports) | names_of(open_work)
    exec(compile(found[1], str(PAGE), "exec"), names)
    return names


def names_of(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}
