"""Keys on the database itself, without a server: how a deployment gets its first one.

It uses the services that the server uses, as an administrator of all contexts.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, TypeVar

from spectron import Key as ClientKey
from spectron import KeyRole as ClientRole
from spectron import NewKey
from spectron_server import logs
from spectron_server.cli.errors import CommandError
from spectron_server.domain.access import ALL_CONTEXTS, Key, KeyRole
from spectron_server.domain.errors import ContextNotFoundError
from spectron_server.main import open_store
from spectron_server.rpc import validation
from spectron_server.service.administration import AdministrationService
from spectron_server.service.caller import Caller
from spectron_server.service.once import Idempotency
from spectron_server.settings import Settings
from spectron_server.storage.embedded import DataDirectoryInUseError
from spectron_server.system import SystemClock, UlidIds

_PAGE: Final = 500

_Result = TypeVar("_Result")


def create(
    *, context_id: str, role: ClientRole, label: str, expires_at: datetime | None
) -> tuple[NewKey, bool]:
    """Makes a key, and its context if need be.

    Args:
        context_id: The context it is bound to, or `*` for all.
        role: What it may do.
        label: What it is for.
        expires_at: When it stops working; None: never.

    Returns:
        The key with its secret, and whether the context was made.

    Raises:
        InvalidFieldError: The context's name or the label is malformed.
        CommandError: A server runs on the data.
    """
    if context_id != ALL_CONTEXTS:
        validation.context_name(context_id)
    validation.label(label)

    async def work(service: AdministrationService, caller: Caller) -> tuple[NewKey, bool]:
        async def make() -> NewKey:
            key, secret = await service.create_key(
                caller,
                context_id=context_id,
                role=KeyRole(role.value),
                label=label,
                expires_at=expires_at,
                once=None,
            )
            return NewKey(key=_client_key(key), secret=secret)

        try:
            return await make(), False
        except ContextNotFoundError:
            await service.create_context(caller, context_id, None)
            return await make(), True

    return _run(work)


def list_keys(context_id: str | None) -> tuple[list[ClientKey], list[ClientKey]]:
    """Returns the keys of a context, those bound to all (`*`), or, for None, every key.

    Args:
        context_id: The context.

    Returns:
        The keys, and the others that are bound to all contexts.
    """

    async def work(
        service: AdministrationService, caller: Caller
    ) -> tuple[list[ClientKey], list[ClientKey]]:
        wide = await _keys(service, caller, ALL_CONTEXTS)
        if context_id == ALL_CONTEXTS:
            return wide, []
        if context_id:
            return await _keys(service, caller, context_id), wide
        found = wide
        for name in await _contexts(service, caller):
            found += await _keys(service, caller, name)
        return found, []

    return _run(work)


async def _keys(service: AdministrationService, caller: Caller, context_id: str) -> list[ClientKey]:
    found: list[ClientKey] = []
    cursor: str | None = None
    while True:
        page = await service.keys(caller, context_id, size=_PAGE, cursor=cursor)
        found += [_client_key(key) for key in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def revoke(key_id: str) -> ClientKey:
    """Revokes a key."""

    async def work(service: AdministrationService, caller: Caller) -> ClientKey:
        return _client_key(await service.revoke_key(caller, key_id, None))

    return _run(work)


async def _contexts(service: AdministrationService, caller: Caller) -> list[str]:
    names: list[str] = []
    cursor: str | None = None
    while True:
        page = await service.contexts(caller, size=_PAGE, cursor=cursor)
        names += [context.id for context in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return names


def _run(work: Callable[[AdministrationService, Caller], Awaitable[_Result]]) -> _Result:
    async def run() -> _Result:
        async with _administration() as (service, caller):
            return await work(service, caller)

    return asyncio.run(run())


@asynccontextmanager
async def _administration() -> AsyncIterator[tuple[AdministrationService, Caller]]:
    settings = Settings()
    # What an administrator does by hand is told by the command itself.
    logs.configure(level="warning", form=settings.log_format)
    clock = SystemClock()
    ourselves = Key(
        id="key:local",
        context_id=ALL_CONTEXTS,
        role=KeyRole.ADMIN,
        label="the command line",
        created_at=clock.now(),
    )
    try:
        async with open_store(settings) as store:
            service = AdministrationService(
                database=store.database,
                clock=clock,
                ids=UlidIds(),
                idempotency=Idempotency(store.database, clock),
            )
            yield service, Caller(key=ourselves, context_id=ALL_CONTEXTS)
    except DataDirectoryInUseError as error:
        raise CommandError(f"{error} Or ask that server: leave out --local.") from error


def _client_key(key: Key) -> ClientKey:
    return ClientKey(
        id=key.id,
        context_id=key.context_id,
        role=ClientRole(key.role.value),
        label=key.label,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )
