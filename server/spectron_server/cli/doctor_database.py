"""What `spectron doctor` asks a database with the right schema. It only reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final

import psycopg

from spectron_server.cli.finding import Check, fail, good, warn
from spectron_server.cli.output import count, day, one_line
from spectron_server.domain.clock import Clock
from spectron_server.index.minilm import DIMENSION
from spectron_server.index.weights import MODEL_NAME
from spectron_server.service.embedding import SETTING, claimed_by
from spectron_server.settings import Settings
from spectron_server.storage import access, deployment
from spectron_server.storage.backlog import Backlog, backlog
from spectron_server.storage.line import Line, LineConnection
from spectron_server.storage.statement import Connection

_CONNECT_S: Final = 5
_LATE: Final = timedelta(minutes=5)
_SOON: Final = timedelta(days=14)
_NEARLY: Final = 0.9
_NAMED_KEYS: Final = 3
_HOW_TO_WORK: Final = (
    "Start `spectron worker`, or `spectron serve` with SPECTRON_WORKER=true, on this database."
)


def database_checks(
    url: str, settings: Settings, clock: Clock, *, expect_server: bool
) -> list[Check]:
    """Checks what servers left in a database, and what they find there.

    Args:
        url: The database, with this version's schema.
        settings: Those of the server.
        clock: The clock.
        expect_server: Whether a server should be at work on it. Nobody is on an embedded database
            that was started for this check.
    """

    async def look() -> list[Check]:
        async with _connected(url) as connection:
            found = [
                await _embedder_claim(connection),
                *_queue(await backlog(connection), clock.now(), expect_server=expect_server),
                await _keys(connection, clock.now()),
            ]
            if not settings.embedded:
                found.append(await _pool(connection, settings))
            if expect_server:
                found.append(await _versions(connection))
            return found

    try:
        return asyncio.run(look())
    except psycopg.Error as error:
        return [
            fail(
                "contents",
                f"cannot be read: {type(error).__name__}",
                "Give the user in SPECTRON_DATABASE_URL its rights back: it must own the tables.",
                why="A server would fail in the same way.",
            )
        ]


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    connection = await LineConnection.connect(
        url,
        autocommit=True,
        connect_timeout=_CONNECT_S,
        application_name="spectron-doctor",
    )
    async with connection, Line(connection) as line:
        yield line


async def _embedder_claim(connection: Connection) -> Check:
    name = "vectors"
    claimed = await access.setting(connection, SETTING)
    if claimed is None:
        return good(name, "there are none yet: the first start claims them for its embedder")
    if claimed_by(claimed) == f"{MODEL_NAME} ({DIMENSION} dimensions)":
        return good(name, f"made by {one_line(claimed)}, as this server would")
    return fail(
        name,
        f"made by {one_line(claimed)}, and this server uses {MODEL_NAME}",
        "Stop all servers and run `spectron migrate --re-embed`.",
        why="Vectors of two embedders cannot be compared: a server refuses to start on them.",
    )


def _queue(found: Backlog, now: datetime, *, expect_server: bool) -> list[Check]:
    checks = [_backlog(found, now, expect_server=expect_server)]
    if found.failed:
        checks.append(
            warn(
                "failed turns",
                f"the extraction of {count(found.failed, 'turn')} was given up",
                "`ListTurns` with the status failed tells which and why; with the cause mended, "
                "`RetryExtraction` (in Python: `await turn.retry_extraction()`) queues each again.",
                why="Their text is kept and found, but nothing was learned from them.",
            )
        )
    else:
        checks.append(good("failed turns", "none"))
    if not found.stalled:
        checks.append(good("jobs", f"{found.waiting} waiting, {found.running} running"))
    elif expect_server:
        checks.append(
            warn(
                "jobs",
                f"{count(found.stalled, 'job')} of a dead worker",
                "Any server or worker puts them back within 20 seconds: if they stay, none runs. "
                + _HOW_TO_WORK,
                why="Nobody extracts those scopes until then.",
            )
        )
    else:
        stalled = count(found.stalled, "job")
        checks.append(good("jobs", f"{stalled} was broken off: the next start goes on with it"))
    return checks


def _backlog(found: Backlog, now: datetime, *, expect_server: bool) -> Check:
    name = "backlog"
    if not found.pending or found.oldest is None:
        return good(name, "no turn waits to be extracted")
    age = max(now - found.oldest, timedelta())
    waits = "waits" if found.pending == 1 else "wait"
    message = f"{count(found.pending, 'turn')} {waits}, the oldest since {_time(age)}"
    why = "What users say is kept and its text found, but not yet in their profiles."
    if not expect_server:
        return good(name, f"{message}: the next start extracts them")
    if not found.workers:
        return fail(name, f"{message}, and no worker runs", _HOW_TO_WORK, why=why)
    if age > _LATE:
        advice = (
            "If nobody is loading history: raise SPECTRON_WORKER_CONCURRENCY, or start more with "
            "`spectron worker`; the server's log tells if the extractor fails."
        )
        return warn(name, message, advice, why=why)
    return good(name, message)


async def _keys(connection: Connection, now: datetime) -> Check:
    name = "key expiry"
    found = await deployment.expiring_keys(connection, now=now, until=now + _SOON)
    if not found:
        return good(name, f"no key expires within {_SOON.days} days")
    named = [
        f"{each.id}{f' ({one_line(each.label)})' if each.label else ''} on {day(each.expires_at)}"
        for each in found[:_NAMED_KEYS]
    ]
    more = f" and {len(found) - _NAMED_KEYS} more" if len(found) > _NAMED_KEYS else ""
    expire = "expires" if len(found) == 1 else "expire"
    return warn(
        name,
        f"{count(len(found), 'key')} {expire} soon: {', '.join(named)}{more}",
        "Make the next with `spectron keys create --expires-in 365d` and --context NAME, or --all "
        "as that one, and give it to the application.",
        why="Calls with an expired key are refused.",
    )


async def _pool(connection: Connection, settings: Settings) -> Check:
    name = "connections"
    room = await deployment.connection_room(connection)
    # One more listens for news of other servers.
    wanted = settings.database_connections + 1
    advice = "Raise max_connections in PostgreSQL, or lower SPECTRON_DATABASE_CONNECTIONS."
    why = "A server that gets no connection answers UNAVAILABLE after five seconds."
    message = f"{room.used} of PostgreSQL's {room.most} in use; one server may open {wanted}"
    if wanted > room.most:
        return fail(name, message, advice, why=why)
    if room.used > room.most * _NEARLY:
        return warn(name, message, advice, why=why)
    return good(name, message)


async def _versions(connection: Connection) -> Check:
    name = "versions"
    ours = version("spectron")
    found = await deployment.server_versions(connection)
    if not found:
        return good(name, "no server or worker is connected")
    if found == [ours]:
        return good(name, f"all that are connected are of {ours}, as this command")
    return warn(
        name,
        f"connected are servers or workers of {', '.join(map(one_line, found))}; this command is "
        f"of {ours}",
        "Finish the upgrade: restart each of them with the same version of spectron.",
        why="While versions differ, a caller's answers depend on the server that it reaches.",
    )


def _time(age: timedelta) -> str:
    seconds = age.total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return count(int(seconds // length), unit)
    return count(int(seconds), "second")
