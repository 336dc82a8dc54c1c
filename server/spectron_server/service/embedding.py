"""Which embedder the vectors in the database are of, and making them anew for another one."""

import re
from collections.abc import Callable
from typing import Final

import structlog

from spectron_extraction.ontology import Ontology
from spectron_server.domain.context_text import embedded_text
from spectron_server.index.embedder import Embedder
from spectron_server.storage import access, beliefs, scopes, turns
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

SETTING: Final = "embedder"
"""Where the database notes whose vectors it holds."""
_PAGE: Final = 256
_ROUNDING: Final = re.compile(r"/(?:int8|fp32)(?= \()")

_log = structlog.get_logger(__name__)


class EmbedderMismatchError(Exception):
    """The vectors in the database were made by another embedder."""


async def claim_embedder(database: Database, embedder: Embedder) -> None:
    """Checks that the database's vectors are of this embedder, and notes it if there are none.

    Raises:
        EmbedderMismatchError: They are of another.
    """
    async with database.read() as connection:
        known = await access.setting(connection, SETTING)
        if known is None:
            await access.put_setting(connection, SETTING, _name(embedder))
        elif claimed_by(known) != _name(embedder):
            raise EmbedderMismatchError(
                f"The vectors in the database were made by {known}, and this server uses "
                f"{_name(embedder)}: they cannot be compared. Stop all servers and run "
                "`spectron migrate --re-embed`, or go back to the former embedder."
            )


def claimed_by(claim: str) -> str:
    """Returns whose vectors a database says it holds.

    Earlier versions noted with the model how its weights were rounded, which is no matter.
    """
    return _ROUNDING.sub("", claim)


async def embed_again(
    database: Database,
    embedder: Embedder,
    ontology: Ontology,
    progress: Callable[[int], None],
) -> None:
    """Makes every vector anew; no server may be running.

    Args:
        database: The database.
        embedder: The embedder to use from now on.
        ontology: The known keys.
        progress: Called with the number of vectors made since the last call.
    """
    async with database.read() as connection:
        await access.put_setting(connection, SETTING, "none: re-embedding was broken off")
        for context in await _contexts(connection):
            after = ""
            while page := await scopes.page(
                connection, context_id=context, after=after, limit=_PAGE
            ):
                for state in page:
                    await _scope(connection, state, embedder, ontology, progress)
                after = page[-1].key
        await access.put_setting(connection, SETTING, _name(embedder))
    _log.info("embedded_again", embedder=_name(embedder))


async def _contexts(connection: Connection) -> list[str]:
    names: list[str] = []
    while page := await access.contexts(connection, after=names[-1] if names else "", limit=_PAGE):
        names += [context.id for context in page]
    return names


async def _scope(
    connection: Connection,
    state: scopes.ScopeState,
    embedder: Embedder,
    ontology: Ontology,
    progress: Callable[[int], None],
) -> None:
    texts: list[tuple[str, str]] = []
    subject = state.scope.subject()
    rows = await beliefs.since(connection, state.key, -1)
    texts += [(row.id, embedded_text(row, ontology, subject)) for row in rows.attributes]
    after = 0
    while page := await turns.scope_page(connection, state.key, after=after, limit=_PAGE):
        texts += [(turn.id, turn.content) for turn, _ in page if not turn.hidden]
        after = page[-1][0].position
        while len(texts) >= _PAGE:
            await _write(connection, state.key, texts[:_PAGE], embedder)
            progress(_PAGE)
            del texts[:_PAGE]
    if texts:
        await _write(connection, state.key, texts, embedder)
        progress(len(texts))


async def _write(
    connection: Connection, scope_key: str, texts: list[tuple[str, str]], embedder: Embedder
) -> None:
    matrix = await embedder.embed([text for _, text in texts])
    vectors = {item: vector for (item, _), vector in zip(texts, matrix, strict=True)}
    await beliefs.put_embeddings(connection, scope_key, vectors)


def _name(embedder: Embedder) -> str:
    return f"{embedder.name} ({embedder.dimension} dimensions)"
