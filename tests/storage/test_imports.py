"""Which foreign records are tickets here already."""

from dataclasses import replace

from services import imports
from services.desk import Desk
from storage.imports import AT_ONCE, known
from tests.rules.logs import made, row


async def test_of_many_records_those_that_are_here_are_found(desk: Desk) -> None:
    record, _ = made(row("New", "09:00"))
    await desk.execute(imports.bring, [replace(record, source=f"other:{n}") for n in (1, AT_ONCE + 1)])

    found = await desk.read(known, [f"other:{n}" for n in range(AT_ONCE + 10)])

    assert found == {"other:1", f"other:{AT_ONCE + 1}"}
