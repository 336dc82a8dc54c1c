"""Starting `spectron serve`: what it refuses, with one sentence and exit status 1, and TLS."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from spectron import RetryPolicy, Spectron, errors
from spectron_server.storage import migrate
from spectron_server.storage.embedded import EmbeddedPostgres
from spectron_server.system import new_secret
from tests.conftest import Server, eventually, sibling
from tests.patience import within
from tests.server.process import ServerProcess, environment, launch

CERTIFICATES = Path(__file__).parents[1] / "client" / "certificates"
TLS = {
    "SPECTRON_TLS_CERTIFICATE": str(CERTIFICATES / "loopback.pem"),
    "SPECTRON_TLS_KEY": str(CERTIFICATES / "loopback.key"),
}
# Never served on: each test checks that it is refused.
EVERYWHERE = "0.0.0.0:0"
ONCE = RetryPolicy(max_attempts=1)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """How a server that did not start ended."""

    status: int
    said: str

    def explains(self, *parts: str) -> bool:
        """Tells whether it ended with status 1 and a sentence, not with a trace."""
        assert self.status == 1, self.said
        assert "Traceback" not in self.said, self.said
        assert self.said.count("Error: ") == 1, self.said
        sentence = " ".join(self.said.partition("Error: ")[2].split())
        missing = [part for part in parts if part not in sentence]
        assert not missing, sentence
        return True


@pytest.fixture
def data(server_directory: Path) -> Path:
    return server_directory


async def refused(data: Path, **settings: str) -> Refusal:
    """Runs a server that is expected to refuse, to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "spectron_server",
        "serve",
        env=environment(data, **settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    assert "is serving" not in output.decode()
    return Refusal(status=process.returncode, said=output.decode())


@asynccontextmanager
async def serving(data: Path, **settings: Any) -> AsyncIterator[ServerProcess]:
    """Runs a server until the block is left, and checks that it ends well."""
    server = await launch(data, **settings)
    try:
        yield server
        assert await server.stop() == 0, "".join(server.output)
    finally:
        if server.process.returncode is None:
            await server.kill()


@pytest.mark.any_postgres
async def test_a_port_in_use(data: Path, database_url: str, server: Server) -> None:
    refusal = await refused(
        data,
        SPECTRON_LISTEN=server.endpoint,
        SPECTRON_DATABASE_URL=database_url,
        SPECTRON_FIRST_KEY=new_secret(),
    )
    assert refusal.explains(server.endpoint, "the port is in use", "--listen HOST:PORT")
    async with server.client() as client:
        await client.admin.contexts.list()


async def test_data_of_a_newer_server(data: Path) -> None:
    postgres = await asyncio.to_thread(EmbeddedPostgres.start, data)
    try:
        await asyncio.to_thread(migrate.upgrade, postgres.url)
        with psycopg.connect(postgres.url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    finally:
        await asyncio.to_thread(postgres.stop)

    refusal = await refused(data)
    assert refusal.explains("schema 9999_later", "a newer server wrote them", "backup")
    assert not (data / "postgres" / "postmaster.pid").exists()


async def test_a_second_server_on_the_same_data(data: Path) -> None:
    async with serving(data) as first:
        refusal = await refused(data)
        assert refusal.explains(
            f"process {first.process.pid}", str(data), "another directory with SPECTRON_DATA_DIR"
        )
        # The first is not disturbed.
        async with Spectron(first.key, endpoint=first.endpoint) as client:
            await client.memory(context_id="c").profile({"user": "a"})


async def test_a_database_that_cannot_be_reached(data: Path) -> None:
    refusal = await refused(
        data, SPECTRON_DATABASE_URL=f"postgresql://nobody@/none?host={data}&port=1"
    )
    assert refusal.explains(
        "The database cannot be reached", "No such file or directory", "SPECTRON_DATABASE_URL"
    )


async def test_a_database_that_says_nothing(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        refusal = await refused(data, SPECTRON_DATABASE_URL=f"postgresql://me@127.0.0.1:{port}/x")
    assert refusal.explains("The database cannot be reached", "timeout", "SPECTRON_DATABASE_URL")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://a/b",
        "postgres://me:secret@db:notaport/x",
        "postgresql://me:secret%zz@db/x",
        "postgresql://me:secret@[::1/x",
    ],
)
async def test_an_address_of_a_database_that_makes_no_sense(data: Path, url: str) -> None:
    refusal = await refused(data, SPECTRON_DATABASE_URL=url)
    assert refusal.explains("SPECTRON_DATABASE_URL must be an address such as postgresql://")
    assert "secret" not in refusal.said


async def test_a_database_without_the_schema(
    data: Path, postgres_url: str, fresh_name: str
) -> None:
    name = fresh_name.replace("-", "_")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        refusal = await refused(data, SPECTRON_DATABASE_URL=sibling(postgres_url, name))
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    assert refusal.explains("lacks", "spectron migrate")


@pytest.mark.any_postgres
async def test_other_machines_are_not_served_in_clear(data: Path, database_url: str) -> None:
    refusal = await refused(
        data,
        SPECTRON_LISTEN=EVERYWHERE,
        SPECTRON_DATABASE_URL=database_url,
        SPECTRON_FIRST_KEY=new_secret(),
    )
    assert refusal.explains("other machines", "SPECTRON_TLS_CERTIFICATE", "--allow-plaintext")


@pytest.mark.any_postgres
@pytest.mark.parametrize("embedded", [True, False])
async def test_other_machines_are_not_served_without_keys(
    data: Path, database_url: str, embedded: bool
) -> None:
    database = {} if embedded else {"SPECTRON_DATABASE_URL": database_url}
    refusal = await refused(data, SPECTRON_LISTEN=EVERYWHERE, **TLS, **database)
    assert refusal.explains("There is no key yet", "spectron keys create --local")
    # It made none by itself, and showed none.
    assert "sk-" not in refusal.said


@pytest.mark.any_postgres
async def test_a_first_key_that_can_be_guessed_is_not_served_to_other_machines(
    data: Path, database_url: str
) -> None:
    refusal = await refused(
        data,
        SPECTRON_LISTEN=EVERYWHERE,
        SPECTRON_DATABASE_URL=database_url,
        SPECTRON_FIRST_KEY="secret",
        **TLS,
    )
    assert refusal.explains("SPECTRON_FIRST_KEY has 6 characters", "at least 32")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SPECTRON_LISTEN": "here"}, "SPECTRON_LISTEN must be HOST:PORT"),
        ({"SPECTRON_LISTEN": "127.0.0.1:99999"}, "HOST:PORT"),
        (
            {"SPECTRON_TLS_KEY": "/key.pem"},
            "SPECTRON_TLS_CERTIFICATE and SPECTRON_TLS_KEY go together",
        ),
        ({"SPECTRON_FIRST_KEY": "schlüssel"}, "SPECTRON_FIRST_KEY must be"),
        ({"SPECTRON_FIRST_KEY": " sk-1 "}, "SPECTRON_FIRST_KEY must be"),
        ({"SPECTRON_DRAIN_S": "soon"}, "SPECTRON_DRAIN_S"),
    ],
)
async def test_settings_that_make_no_sense(
    data: Path, settings: dict[str, str], sentence: str
) -> None:
    assert (await refused(data, **settings)).explains(sentence)


@pytest.mark.any_postgres
async def test_a_certificate_that_cannot_be_read(data: Path, database_url: str) -> None:
    refusal = await refused(
        data,
        SPECTRON_DATABASE_URL=database_url,
        SPECTRON_FIRST_KEY=new_secret(),
        SPECTRON_TLS_CERTIFICATE=str(data / "missing.pem"),
        SPECTRON_TLS_KEY=TLS["SPECTRON_TLS_KEY"],
    )
    assert refusal.explains("Cannot read", "missing.pem")


@pytest.mark.any_postgres
@pytest.mark.parametrize("broken", ["SPECTRON_TLS_CERTIFICATE", "SPECTRON_TLS_KEY"])
async def test_a_certificate_or_key_that_is_none(
    data: Path, database_url: str, broken: str
) -> None:
    (data / "broken.pem").write_text("not a certificate")
    refusal = await refused(
        data,
        SPECTRON_DATABASE_URL=database_url,
        SPECTRON_FIRST_KEY=new_secret(),
        **{**TLS, broken: str(data / "broken.pem")},
    )
    assert refusal.explains("broken.pem", "SPECTRON_TLS_CERTIFICATE and SPECTRON_TLS_KEY")


@pytest.mark.any_postgres
async def test_tls_with_a_certificate_of_ones_own(data: Path, database_url: str) -> None:
    key = new_secret()
    async with serving(
        data, SPECTRON_DATABASE_URL=database_url, SPECTRON_FIRST_KEY=key, **TLS
    ) as server:
        assert "-plaintext" not in "".join(server.output)
        root = CERTIFICATES / "loopback.pem"
        async with Spectron(key, endpoint=server.endpoint, root_certificates=root) as client:
            session = await client.memory(context_id="c").sessions.create(scope={"user": "a"})
            assert (await session.turn("user", "Hello.")).sequence == 1
        # One who speaks in clear, or does not trust the certificate, is told what to do.
        for tls, advice in ((False, "tls=True"), (True, "SPECTRON_TLS_ROOT_CERTIFICATES")):
            async with Spectron(key, endpoint=server.endpoint, tls=tls, retry=ONCE) as stranger:
                with pytest.raises(errors.Unavailable) as caught:
                    await stranger.memory(context_id="c").profile({"user": "a"})
            assert server.endpoint in caught.value.message
            assert advice in caught.value.message
            assert key not in caught.value.message


@pytest.mark.any_postgres
async def test_a_client_that_expects_tls_of_a_server_without(server: Server) -> None:
    async with Spectron(server.admin_key, endpoint=server.endpoint, tls=True, retry=ONCE) as client:
        with pytest.raises(errors.Unavailable, match="does not use TLS: pass tls=False"):
            await client.memory(context_id="c").profile({"user": "a"})


async def test_a_first_key_of_ones_own(data: Path, database_url: str) -> None:
    key = new_secret()
    async with serving(data, SPECTRON_DATABASE_URL=database_url, SPECTRON_FIRST_KEY=key) as server:
        assert server.key is None
        assert key not in "".join(server.output)
        async with Spectron(key, endpoint=server.endpoint) as client:
            [only] = await client.admin.keys.list(context_id="*")
        assert (only.label, only.role) == ("first key", "admin")
    # It is the first key only: another one in the settings opens nothing later on.
    other = new_secret()
    async with (
        serving(data, SPECTRON_DATABASE_URL=database_url, SPECTRON_FIRST_KEY=other) as server,
        Spectron(other, endpoint=server.endpoint, retry=ONCE) as client,
    ):
        with pytest.raises(errors.Unauthenticated):
            await client.admin.contexts.list()


@pytest.mark.any_postgres
async def test_a_start_that_fails_leaves_no_key_that_nobody_saw(data: Path, server: Server) -> None:
    outcome = await refused(data, SPECTRON_LISTEN=server.endpoint)
    assert outcome.explains("Cannot listen")
    async with serving(data) as again:
        assert again.key is not None


@pytest.mark.parametrize("sign", ["postgres/base/1/PG_VERSION", "postgres/log"])
async def test_the_first_start_interrupted_at_the_terminal(data: Path, sign: str) -> None:
    """Ctrl-C goes to all processes of the command: those that make and start the database too."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spectron_server", "serve"),
        env=environment(data),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        await eventually(lambda: asyncio.to_thread((data / sign).exists), pause_s=0.005)
        os.killpg(process.pid, signal.SIGINT)
        async with within(60, "stopping"):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = output.decode()
    assert process.returncode == 0, said
    assert "Error" not in said, said
    assert "initdb" not in said, said
    assert not (data / "postgres" / "postmaster.pid").exists()
    async with serving(data):
        pass
