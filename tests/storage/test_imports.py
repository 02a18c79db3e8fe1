"""Which foreign records are tickets here already."""

from dataclasses import replace

from services import imports
from services.desk import Desk
from storage.database import VALUES_PER_QUERY
from storage.imports import known_tickets
from tests.rules.logs import made, row


async def test_of_many_records_those_that_are_here_are_found(desk: Desk) -> None:
    record, _ = made(row("New", "09:00"))
    await desk.execute(
        imports.import_tickets, [replace(record, source=f"other:{n}") for n in (1, VALUES_PER_QUERY + 1)]
    )

    found = await desk.read(known_tickets, [f"other:{n}" for n in range(VALUES_PER_QUERY + 10)])

    assert found.keys() == {"other:1", f"other:{VALUES_PER_QUERY + 1}"}
