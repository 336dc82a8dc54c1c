"""A real PostgreSQL, a real server on a real port, and the shipped client."""

import asyncio
import itertools
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

# As the command does: gRPC's handlers would crash the programs that the tests start.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import psycopg
import pytest

from spectron import Spectron
from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Extractor
from spectron_server.application import Application, Store
from spectron_server.domain.access import ALL_CONTEXTS, KeyRole, hash_secret
from spectron_server.index.embedder import MiniLmEmbedder
from spectron_server.main import open_chat_model, running
from spectron_server.service.administration import add_key
from spectron_server.settings import Settings
from spectron_server.storage import access, migrate
from spectron_server.storage.database import Database
from spectron_server.storage.embedded import EmbeddedPostgres
from spectron_server.system import SystemClock, UlidIds, new_secret

T = TypeVar("T")

ANOTHER_POSTGRES = "SPECTRON_TEST_DATABASE_URL"

_numbers = itertools.count(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begins with the files that take long, and leaves out what another PostgreSQL is not told.

    A file is given to one worker: a long one that is begun last would keep all others waiting.
    """
    if os.environ.get(ANOTHER_POSTGRES):
        repeated = [item for item in items if _depends_on_postgres(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in repeated])
        items[:] = repeated
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def _depends_on_postgres(item: pytest.Item) -> bool:
    """Tells whether a test uses the PostgreSQL that is named, and may see another in it."""
    used = isinstance(item, pytest.Function) and "postgres_url" in item.fixturenames
    return used and item.get_closest_marker("any_postgres") is None


@pytest.fixture
def data_directory() -> Iterator[Path]:
    """A directory for an embedded PostgreSQL: pytest's own are closed to the user that runs it."""
    with tempfile.TemporaryDirectory(prefix="spectron-test-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a server to make databases on: the embedded one, or one that is named."""
    named = os.environ.get(ANOTHER_POSTGRES)
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="spectron-test-", ignore_cleanup_errors=True) as path:
        embedded = EmbeddedPostgres.start(Path(path))
        with psycopg.connect(embedded.url, autocommit=True) as connection:
            # What is to survive a crash is tested on servers of its own. Here, each database that
            # is dropped would wait until all others are on disk.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield embedded.url
        embedded.stop()


@pytest.fixture(scope="session")
def template(postgres_url: str) -> str:
    """The name of a migrated database, to be cloned: cheaper than migrating for each test."""
    name = f"template_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    migrate.upgrade(sibling(postgres_url, name))
    return name


def sibling(url: str, database: str) -> str:
    """Returns the address of another database on the same server."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    host = parts.get("host", "")
    user = parts.get("user", "postgres")
    password = f":{parts['password']}" if parts.get("password") else ""
    port = f"&port={parts['port']}" if parts.get("port") else ""
    return f"postgresql://{user}{password}@/{database}?host={host}{port}"


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A database of the test's own, with the schema."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield sibling(postgres_url, name)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def embedder_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedder's graph is kept between the servers of a run."""
    return tmp_path_factory.mktemp("embedder")


@pytest.fixture(scope="session")
async def embedder(embedder_cache: Path) -> AsyncIterator[MiniLmEmbedder]:
    """The real embedder."""
    embedder = await asyncio.to_thread(MiniLmEmbedder.load, embedder_cache, threads=2)
    yield embedder
    await embedder.aclose()


@pytest.fixture
def server_directory(data_directory: Path, embedder_cache: Path, embedder: MiniLmEmbedder) -> Path:
    """A data directory with the embedder's graph, so that the first start takes no seconds more."""
    assert embedder.dimension
    made = data_directory / "data"
    made.mkdir()
    (made / "embedder").symlink_to(embedder_cache)
    return made


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    endpoint: str
    admin_key: str
    application: Application

    async def add_key(
        self,
        secret: str | None = None,
        context_id: str = ALL_CONTEXTS,
        role: str = "admin",
        **fields: object,
    ) -> str:
        """Makes a key, with a secret of its own or a given one, and returns the secret."""
        secret = secret or new_secret()
        async with self.application.store.database.read() as connection:
            await add_key(
                connection,
                secret,
                key_id=UlidIds().plain("key"),
                context_id=context_id,
                role=KeyRole(role),
                label="test",
                now=SystemClock().now(),
                **fields,  # type: ignore[arg-type]
            )
        return secret

    async def knows(self, secret: str) -> bool:
        """Tells whether there is a key with a secret."""
        async with self.application.store.database.read() as connection:
            return await access.key_by_hash(connection, hash_secret(secret)) is not None

    def client(self, key: str | None = None, timeout_s: float = 30.0) -> Spectron:
        """Returns a client of the server."""
        return Spectron(api_key=key or self.admin_key, endpoint=self.endpoint, timeout_s=timeout_s)


@asynccontextmanager
async def started(
    database_url: str,
    embedder: MiniLmEmbedder,
    extractor: Extractor | None = None,
    *,
    extractor_problem: Callable[[], Awaitable[str | None]] | None = None,
    **fields: object,
) -> AsyncIterator[Server]:
    """Runs a server in this process until the block is left."""
    key = new_secret()
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "listen": "127.0.0.1:0",
            "first_key": key,
            "drain_s": 5,
            **fields,
        }
    )
    database = await Database.open(database_url, max_connections=8)
    try:
        store = Store(database=database, url=database_url)
        ontology = Ontology.load()
        chat_model = open_chat_model(settings)
        application = Application(
            settings,
            store,
            embedder,
            extractor or BuiltinExtractor(ontology, embedder),
            ontology,
            chat_model=chat_model,
            extractor_problem=extractor_problem,
        )
        await application.queue.open()
        async with running(application) as serving:
            server = Server(
                endpoint=f"127.0.0.1:{serving.port}", admin_key=key, application=application
            )
            # The first key is made on a database without keys only.
            if not await server.knows(key):
                await server.add_key(key)
            yield server
        if chat_model is not None:
            await chat_model.aclose()
    finally:
        await database.close()


StartServer = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture
def start_server(database_url: str, embedder: MiniLmEmbedder) -> StartServer:
    """Starts servers on the test's own database."""

    def start(
        extractor: Extractor | None = None, **fields: Any
    ) -> AbstractAsyncContextManager[Server]:
        return started(database_url, embedder, extractor, **fields)

    return start


@pytest.fixture(scope="session")
async def server(
    postgres_url: str, template: str, embedder: MiniLmEmbedder
) -> AsyncIterator[Server]:
    """A server for all tests that leave it as it is; each uses a context or scope of its own."""
    name = f"shared_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    async with started(sibling(postgres_url, name), embedder) as running_server:
        yield running_server
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Spectron]:
    """A client of the shared server, with a key that may do everything."""
    async with server.client() as client:
        yield client


@pytest.fixture
def fresh_name() -> str:
    """A name that no other test of the run uses, for a context or a user."""
    return f"n{next(_numbers)}-{os.getpid()}"


async def eventually(
    check: Callable[[], Awaitable[T | None]], *, within_s: float = 20.0, pause_s: float = 0.02
) -> T:
    """Waits until a condition gives something true, and returns it; fails after the time."""
    async with asyncio.timeout(within_s):
        while True:
            result = await check()
            if result:
                return result
            await asyncio.sleep(pause_s)
