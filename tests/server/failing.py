"""Failures that a test cannot wait for."""

from tests.conftest import Server


async def fail_extraction(server: Server, turn_id: str) -> None:
    """Marks a turn as given up, as five failed tries would."""
    async with server.application.store.database.pool.connection() as connection:
        await connection.execute(
            "UPDATE turns SET extraction_status = 'failed', extraction_error = 'test', diff = NULL"
            " WHERE scope_key = %s AND turn_id = %s",
            (turn_id.rpartition("-")[2], turn_id),
        )
