"""`baton routes`: the table of contents of the conversation."""

from pathlib import Path

from bot.cli.routes import REPOSITORY_ROOT, route_rows


def test_each_line_names_the_place_where_the_function_stands() -> None:
    for line in route_rows():
        file, number = line.place.split(":")
        source = (REPOSITORY_ROOT / Path(file)).read_text(encoding="utf-8").splitlines()[int(number) - 1 :]
        assert any(f"def {line.function}(" in one for one in source[:3]), line


def test_the_three_commands_and_their_words_are_there() -> None:
    commands = {line.name for line in route_rows() if line.kind == "command"}

    assert {"/ticket", "/report", "/desk", "/desk next", "/report times", "/ticket list"} <= commands
