"""What the speed benchmark fills a database with: made-up sentences, from a seed.

Turns go in through the API, as an application's would. Their vectors are random and written
straight into the table, so that a scope of 50,000 turns is there in seconds: what a search costs
does not depend on what the vectors mean.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from spectron import Memory, NewTurn, Role
from spectron_server.domain.scope import Scope
from spectron_server.system import UlidIds

CONTEXT: Final = "bench"
SMALL_TURNS: Final = 8
SMALL_ATTRIBUTES: Final = 4
_BATCH: Final = 500
_DIMENSION: Final = 384
_SYLLABLES: Final = "ba be bi bo da de di do ka ke ki ko la le li lo ma me mi mo na ne ra re sa se"


class Words:
    """Sentences of made-up words, some common and most rare, as in any language."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        syllables = _SYLLABLES.split()
        self._words = [
            "".join(self._chance.choices(syllables, k=self._chance.randint(2, 4)))
            for _ in range(5_000)
        ]
        # Zipf's law: the word of rank r is 1/r as frequent as the first.
        self._weights = [1 / rank for rank in range(1, len(self._words) + 1)]

    def sentence(self, least: int = 8, most: int = 20) -> str:
        """Returns a sentence."""
        count = self._chance.randint(least, most)
        words = self._chance.choices(self._words, self._weights, k=count)
        return " ".join(words).capitalize() + "."

    def question(self) -> str:
        """Returns a short question."""
        return self.sentence(5, 9).removesuffix(".") + "?"


def sized_user(turns: int) -> str:
    """Returns the user whose scope holds so many turns."""
    return f"size{turns}"


async def record(memory: Memory, user: str, turns: int, words: Words) -> None:
    """Records turns of a user and their assistant in one session."""
    session = await memory.sessions.create(scope={"user": user})
    roles = (Role.USER, Role.ASSISTANT)
    for start in range(0, turns, _BATCH):
        await session.turns(
            [
                NewTurn(role=roles[number % 2], content=words.sentence())
                for number in range(start, min(start + _BATCH, turns))
            ],
            timeout_s=60,
        )


async def settle(connection: psycopg.AsyncConnection[Any], seed: int) -> None:
    """Gives every turn without a vector a random one, and calls all turns extracted."""
    cursor = await connection.execute(
        "SELECT scope_key, turn_id FROM turns t WHERE NOT EXISTS (SELECT FROM embeddings e "
        "WHERE e.scope_key = t.scope_key AND e.item_id = t.turn_id)"
    )
    ids = [(row[0], row[1]) for row in await cursor.fetchall()]
    await _add_vectors(connection, ids, seed)
    await connection.execute(
        "UPDATE turns SET extraction_status = 'done' WHERE extraction_status = 'pending'"
    )
    await connection.execute("DELETE FROM procrastinate_jobs")
    await _tidy(connection)


async def add_small_scopes(
    connection: psycopg.AsyncConnection[Any], count: int, words: Words, seed: int
) -> list[str]:
    """Writes many scopes, each with one session, a few turns and a few beliefs.

    Returns:
        Their users.
    """
    ids, now = UlidIds(), datetime.now(UTC) - timedelta(days=1)
    users = [f"small{number}" for number in range(count)]
    scopes = [Scope((("user", user),)) for user in users]
    keys = [scope.key(CONTEXT) for scope in scopes]
    sessions = [ids.scoped("session", key) for key in keys]
    turns = [[ids.scoped("turn", key) for _ in range(SMALL_TURNS)] for key in keys]
    facts = [[ids.scoped("attribute", key) for _ in range(SMALL_ATTRIBUTES)] for key in keys]
    numbers = range(count)
    async with connection.transaction():
        await _copy(
            connection,
            "scopes (scope_key, context_id, dimensions, revision, belief_revision, turn_count, "
            "created_at)",
            [
                (keys[n], CONTEXT, Jsonb(scopes[n].as_dict()), 2, 2, SMALL_TURNS, now)
                for n in numbers
            ],
        )
        await _copy(
            connection,
            "sessions (scope_key, session_id, metadata, created_at, turn_count)",
            [(keys[n], sessions[n], Jsonb({}), now, SMALL_TURNS) for n in numbers],
        )
        await _copy(
            connection,
            "turns (scope_key, turn_id, session_id, sequence, position, role, content, "
            "observed_at, recorded_at, hidden, revision, extraction_status)",
            [
                (
                    keys[n],
                    turn,
                    sessions[n],
                    at,
                    at,
                    "user",
                    words.sentence(),
                    now,
                    now,
                    False,
                    1,
                    "done",
                )
                for n in numbers
                for at, turn in enumerate(turns[n], start=1)
            ],
        )
        await _copy(
            connection,
            "attributes (scope_key, attribute_id, entity_type, entity_name, category, key, value, "
            "confidence, valid_from, recorded_at, last_validated_at, status, revision)",
            [
                (
                    keys[n],
                    fact,
                    "Person",
                    users[n],
                    "knowledge",
                    f"thing_{at}",
                    words.sentence(2, 4),
                    0.9,
                    now,
                    now,
                    now,
                    "active",
                    2,
                )
                for n in numbers
                for at, fact in enumerate(facts[n])
            ],
        )
        await _add_vectors(
            connection,
            [(keys[n], item) for n in numbers for item in [*turns[n], *facts[n]]],
            seed,
        )
    await _tidy(connection)
    return users


async def _tidy(connection: psycopg.AsyncConnection[Any]) -> None:
    """Does at once what PostgreSQL would do after such a filling while calls are timed."""
    await connection.execute("VACUUM ANALYZE")


async def _add_vectors(
    connection: psycopg.AsyncConnection[Any], ids: Sequence[tuple[str, str]], seed: int
) -> None:
    chance = np.random.default_rng(seed)
    for start in range(0, len(ids), 10_000):
        part = ids[start : start + 10_000]
        vectors = chance.standard_normal((len(part), _DIMENSION), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        halves = vectors.astype("<f2")
        await _copy(
            connection,
            "embeddings (scope_key, item_id, vector)",
            [(key, item, half.tobytes()) for (key, item), half in zip(part, halves, strict=True)],
        )


async def _copy(
    connection: psycopg.AsyncConnection[Any], target: str, rows: Sequence[tuple[object, ...]]
) -> None:
    # The names of tables and columns are written in this module.
    async with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {target} FROM STDIN") as copy,
    ):
        for row in rows:
            await copy.write_row(row)
