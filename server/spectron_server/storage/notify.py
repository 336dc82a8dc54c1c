"""Word of changes between servers: which scope has news or was erased, over LISTEN and NOTIFY."""

import asyncio
from collections.abc import Callable
from typing import Final

import psycopg
import structlog
from sqlalchemy import bindparam, func, select

from spectron_server.storage.database import watchful
from spectron_server.storage.statement import Connection, Statement

_CHANNEL: Final = "spectron_scope"
_NOTIFY: Final = Statement(select(func.pg_notify(_CHANNEL, bindparam("news"))))
_ERASED: Final = "erased "
_RECONNECT_S: Final = 1.0

_log = structlog.get_logger(__name__)


async def notify(connection: Connection, scope_key: str) -> None:
    """Tells all servers, when the transaction commits, that a scope has news."""
    await _NOTIFY.run(connection, news=scope_key)


async def notify_erased(connection: Connection, scope_key: str) -> None:
    """Tells all servers, when the transaction commits, that a scope is no more."""
    await notify(connection, scope_key)
    await _NOTIFY.run(connection, news=f"{_ERASED}{scope_key}")


async def listen(
    url: str, heard: Callable[[str | None], None], erased: Callable[[str], None]
) -> None:
    """Calls back with each scope that has news, until cancelled.

    Args:
        url: The database's address; the connection is one of its own.
        heard: Called with the scope's key; with None after each (re)connection, when news may
            have been missed.
        erased: Called with the key of a scope that was erased.
    """
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(watchful(url), autocommit=True)
            async with connection:
                await connection.execute(f"LISTEN {_CHANNEL}")
                heard(None)
                async for notice in connection.notifies():
                    if notice.payload.startswith(_ERASED):
                        erased(notice.payload.removeprefix(_ERASED))
                    else:
                        heard(notice.payload)
        except psycopg.Error as error:
            _log.warning("listener_reconnects", error=type(error).__name__)
        await asyncio.sleep(_RECONNECT_S)
