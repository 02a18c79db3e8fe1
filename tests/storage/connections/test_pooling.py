"""Behind a pooler that lends connections by transaction nothing is prepared; what is direct is prepared as ever."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.engine import make_url

from bot.cli.check import FindingState, setup_findings
from bot.offline import open_database
from bot.runtime.leader import Leader
from bot.settings import make_settings
from rules.intake.requests import TicketRequest
from services.config import open_desk
from services.desk import Desk
from services.tickets import tickets
from storage.connections.pooling import is_pooled
from storage.database import Database, parse_database_url
from storage.schema.tickets import Workspace
from storage.tickets.tickets import get_ticket
from tests.desks import OFFICE
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
OFTEN = 12  # psycopg prepares what it has run five times
VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
CONFIGURATION = """
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
logfile = {folder}/log
"""


@pytest.fixture
def pooled_url(database_url: str, databases: Path) -> Iterator[str]:
    """The same database behind a real pgbouncer, where the machine has one."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("pgbouncer is not installed")
    url, folder = make_url(database_url), Path(tempfile.mkdtemp(dir=databases))
    folder.chmod(0o777)  # root's pooler runs as another user
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    host, file = str(url.query["host"]), folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(host=host, port=port, folder=folder))
    other_user = ["-u", Path(host).owner()] if os.geteuid() == 0 else []
    address = url.set(host="127.0.0.1", port=port, query={}, username="postgres")
    with subprocess.Popen(["pgbouncer", "--quiet", *other_user, str(file)]) as process:
        try:
            _wait_for_answer(address.set(drivername="postgresql").render_as_string(hide_password=False), process)
            yield address.render_as_string(hide_password=False)
        finally:
            process.terminate()
    shutil.rmtree(folder)


def _wait_for_answer(address: str, pooler: subprocess.Popen[bytes]) -> None:
    end = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            assert pooler.poll() is None
            assert monotonic() < end
        else:
            return


def prepared_statements(connection: Connection) -> int:
    for _ in range(OFTEN):
        connection.scalars(select(Workspace.workspace_id)).all()
    return int(connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one())


async def prepared_by(database: Database) -> list[int]:
    database.start()
    ways = (database.read, database.read_in_worker, database.write)
    counts = [await way(prepared_statements) for way in ways]
    await database.stop()
    return counts


async def test_a_pooled_database_prepares_no_statement_and_a_direct_one_does(database_url: str) -> None:
    assert await prepared_by(Database(database_url, is_pooled=True)) == [0, 0, 0]
    assert 0 not in await prepared_by(Database(database_url))


async def test_a_direct_connection_is_known_as_such(database_url: str) -> None:
    assert not is_pooled(parse_database_url(database_url))


async def test_behind_a_pooler_everything_is_read_and_written_and_one_process_leads(pooled_url: str) -> None:
    async with open_database(make_settings(database_url=pooled_url)) as database:
        desk = Desk(database, workspace="T0LOCAL")
        await open_desk(desk, initial=OFFICE)
        numbers = [await desk.execute(tickets.create_ticket, VPN) for _ in range(3)] * OFTEN
        leaders = [Leader(database, "T0LOCAL") for _ in range(2)]

        read, aside, _ = await asyncio.gather(
            asyncio.gather(*(desk.read(get_ticket, number) for number in numbers)),
            asyncio.gather(*(desk.read_in_worker(get_ticket, number) for number in numbers)),
            asyncio.gather(*(desk.execute(tickets.take, number, by="U0AGENT1") for number in numbers)),
        )

        assert [ticket.number for ticket in (*read, *aside)] == numbers * 2
        assert [await leader.try_to_lead() for leader in leaders] == [True, False]
        for leader in leaders:
            await leader.resign()


async def test_a_check_says_that_a_pooler_is_in_between(pooled_url: str) -> None:
    findings = [finding async for finding in setup_findings(make_settings(database_url=pooled_url))]

    notes = [str(finding.sentence) for finding in findings if finding.state is FindingState.NOTE]
    assert any("through a pooler in transaction mode" in note for note in notes)
