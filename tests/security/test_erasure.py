"""Nothing of a scope is left in the database after its erasure, in any table."""

from psycopg import sql

from spectron import Spectron
from spectron_server.domain.scope import Scope
from tests.conftest import Server, StartServer, eventually

WORD = "Quetzalheim"


async def tables_that_hold(server: Server, text: str) -> set[str]:
    """Returns the tables, the queue's among them, of which a row holds a text in any column."""
    found: set[str] = set()
    async with server.application.store.database.pool.connection() as connection:
        names = await (
            await connection.execute(
                "SELECT table_name AS name FROM information_schema.tables "
                "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        ).fetchall()
        for name in (row["name"] for row in names):
            query = sql.SQL(
                "SELECT count(*) AS rows FROM {table} AS r WHERE strpos(r::text, %s) > 0"
            ).format(table=sql.Identifier(name))
            row = await (await connection.execute(query, (text,))).fetchone()
            assert row is not None
            if row["rows"]:
                found.add(name)
    return found


async def test_erasure_leaves_nothing_in_any_table(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    scope = {"user": f"carol {WORD}"}
    scope_key = Scope.of(scope).key(fresh_name)
    memory = client.memory(context_id=fresh_name)
    session = await memory.sessions.create(scope=scope, metadata={"title": WORD})
    turn = await session.turn("user", f"I live in {WORD}. I might move to Lisbon.")
    await turn.extraction()
    await memory.record_fact(scope, "employer", WORD, request_id="fact")
    [doubt] = await memory.unknowns.list(scope)
    await memory.unknowns.resolve(doubt.id, accept=f"{WORD}burg", request_id="resolve")
    await memory.forget(scope, attribute_key="employer", request_id="forget")
    await memory.context(WORD, scope=scope)
    before = await tables_that_hold(server, scope_key)
    assert before >= {"scopes", "sessions", "turns", "attributes", "unknowns", "embeddings"}
    assert before >= {"audit", "requests"}
    assert await tables_that_hold(server, WORD) >= {"turns", "attributes", "requests"}

    await client.admin.erase_scope(scope, context_id=fresh_name, request_id="erase")

    assert await tables_that_hold(server, WORD) == set()

    async def is_gone() -> bool:
        # A finished job leaves the queue a moment after its last turn is done.
        return await tables_that_hold(server, scope_key) == set()

    await eventually(is_gone)
    assert not (await memory.profile(scope)).attributes
    assert not (await memory.context(WORD, scope=scope)).items


async def test_erasure_leaves_nothing_in_memory(start_server: StartServer) -> None:
    scope = {"user": "carol"}
    async with start_server() as server, server.client() as client:
        caches = server.application.telemetry.metrics.reader.caches
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope=scope)
        await (await session.turn("user", f"I live in {WORD}.")).extraction()
        assert WORD in (await memory.profile(scope)).summary
        assert (await memory.context(WORD, scope=scope)).items
        assert [caches[name]().entries for name in ("beliefs", "indexes")] == [1, 1]
        answers = server.application._answers
        assert answers.nbytes > 0

        await client.admin.erase_scope(scope, context_id="c")

        async def are_empty() -> bool:
            return not any(reading().entries for reading in caches.values())

        await eventually(are_empty)
        assert answers.nbytes == 0


async def test_the_statistics_of_the_database_hold_nothing_of_users(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    """They would outlive an erasure: ANALYZE copies values, and runs when it likes."""
    word = f"{WORD}ling"
    memory = client.memory(context_id=fresh_name)
    for number in range(12):
        scope = {"user": f"{number % 3} {word}"}
        session = await memory.sessions.create(scope=scope, metadata={"title": word})
        turn = await session.turn("user", f"I live in {word}. I might move to {word}burg.")
        await turn.extraction()
        await memory.record_fact(scope, "likes", f"{word} {number % 2}")
        await memory.forget(scope, attribute_key=word, entity_type=word)
    tables = await tables_that_hold(server, word)
    assert tables >= {"scopes", "sessions", "turns", "attributes", "unknowns", "requests"}
    async with server.application.store.database.pool.connection() as connection:
        await connection.execute("ANALYZE")
        rows = await (
            await connection.execute(
                "SELECT tablename AS name, attname AS column FROM pg_stats "
                "WHERE schemaname = 'public' AND strpos(pg_stats::text, %s) > 0",
                (word,),
            )
        ).fetchall()
        taken = await (
            await connection.execute(
                "SELECT count(*) AS columns FROM pg_stats WHERE tablename = 'turns'"
            )
        ).fetchone()
    assert [(row["name"], row["column"]) for row in rows] == []
    # What statements look for is still sampled.
    assert taken is not None
    assert taken["columns"] > 5


async def test_the_audit_holds_no_text_that_selected_what_to_forget(
    client: Spectron, fresh_name: str
) -> None:
    scope = {"user": "carol"}
    memory = client.memory(context_id=fresh_name)
    await memory.record_fact(scope, "employer", "Acme")
    await memory.forget(scope, entity_type=f"my {WORD}", entity_name=WORD)
    await memory.forget(scope, attribute_key=f"where {WORD} is")
    await memory.forget(scope, attribute_key="employer", entity_type="Person")
    entries = await client.admin.audit(scope, context_id=fresh_name)
    assert WORD not in str(list(entries))
    [last, *_] = entries
    assert last.details["attribute_key"] == "employer"
    assert last.details["entity_type"] == "Person"
