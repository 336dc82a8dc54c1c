"""The durable side of a chat: its messages are turns that carry the message's id.

A message has at most one turn of the user and one reply, whichever process writes them: the
scope is locked while it is looked up and written, and an index holds it.
"""

from dataclasses import dataclass

import psycopg

from spectron_extraction.protocol import Role
from spectron_server.domain.conversation import NewTurn, Session, Turn, TurnExtraction
from spectron_server.domain.errors import MessageIdReusedError, SpectronError
from spectron_server.service.caller import Caller, key_gone
from spectron_server.service.directory import Place, session_not_found
from spectron_server.service.turns import TurnService, turn_not_found
from spectron_server.storage import extractions, scopes, sessions, turns
from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageKey:
    """Names a message: its scope, its session, and the client's own id of it."""

    place: Place
    session_id: str
    message_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedMessage:
    """What is recorded of a message: the user's turn, and the reply once there is one."""

    user: Turn
    reply: Turn | None


class ChatLog:
    """Writes and reads the messages of chats."""

    def __init__(self, database: Database, turn_service: TurnService) -> None:
        self._database = database
        self._turns = turn_service

    async def record_message(self, caller: Caller, key: MessageKey, content: str) -> LoggedMessage:
        """Records what the user said, unless it is recorded already.

        Raises:
            RevokedKeyError: The caller's key has ended.
            MessageIdReusedError: The id was used for another content.
            SessionNotFoundError, SessionClosedError: The session takes no turn.
        """

        async def work(connection: Connection) -> LoggedMessage:
            found = await self._found(connection, key)
            user = found.get(Role.USER)
            if user is None:
                user = await self._add(connection, caller, key, Role.USER, content)
            elif user.content != content:
                raise message_id_reused()
            return LoggedMessage(user=user, reply=found.get(Role.ASSISTANT))

        return await self._database.write(work, _key_gone)

    async def record_reply(self, caller: Caller, key: MessageKey, content: str) -> Turn:
        """Records the reply, unless there is one already; returns the one recorded.

        Raises:
            RevokedKeyError: The caller's key has ended while the agent was at work.
            SessionNotFoundError, SessionClosedError: The session takes no turn.
        """

        async def work(connection: Connection) -> Turn:
            found = await self._found(connection, key)
            return found.get(Role.ASSISTANT) or await self._add(
                connection, caller, key, Role.ASSISTANT, content
            )

        return await self._database.write(work, _key_gone)

    async def history(self, key: MessageKey, before: Turn, limit: int) -> list[Turn]:
        """Returns the last turns before one that are not forgotten, oldest first."""
        async with self._database.read() as connection:
            found = await turns.earlier(
                connection,
                key.place.key,
                session_id=key.session_id,
                before=before.sequence,
                limit=limit,
            )
        return [turn for turn in found if not turn.hidden]

    async def outcome(self, key: MessageKey, turn_id: str) -> tuple[TurnExtraction, Session]:
        """Returns how far the extraction of a turn has come, and the session as it is now."""
        async with self._database.read() as connection:
            extraction = await extractions.get(connection, key.place.key, turn_id)
            session = await sessions.get(connection, key.place.key, key.session_id)
        if session is None:
            raise session_not_found()
        if extraction is None:
            raise turn_not_found()
        return extraction, session

    async def _found(self, connection: Connection, key: MessageKey) -> dict[Role, Turn]:
        await scopes.lock(connection, key.place.key)
        return await turns.of_message(connection, key.place.key, key.session_id, key.message_id)

    async def _add(
        self, connection: Connection, caller: Caller, key: MessageKey, role: Role, content: str
    ) -> Turn:
        new = NewTurn(role=role, content=content, message_id=key.message_id)
        [turn] = await self._turns.write(
            connection, key.place, key.session_id, [new], for_key=caller.key.id
        )
        return turn


def _key_gone(error: psycopg.Error) -> SpectronError | None:
    # The session was found to be good.
    return key_gone() if turns.placeless(error) else None


def message_id_reused() -> MessageIdReusedError:
    """Returns the error for a message id that names two messages."""
    return MessageIdReusedError(
        "This message_id was used in the session for a message with another content. Use a new "
        "message_id for a new message."
    )
