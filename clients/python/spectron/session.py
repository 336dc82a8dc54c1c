"""One conversation: recording its turns, asking for context within it, and chatting."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from spectron.chat import DEFAULT_OPTIONS, ChatDone, ChatEvent, ChatOptions, ChatResult
from spectron.chats import Chats
from spectron.conversation import NewTurn, SessionInfo
from spectron.convert import kind_to, new_turn_to, session_info_of
from spectron.enums import ExtractionStatus, Role
from spectron.listing import DEFAULT_LIMIT, Listing
from spectron.models import ContextResult
from spectron.retrieval import get_context
from spectron.transport import Transport
from spectron.turns import Turn, turn_of
from spectron.v1 import turn_pb2
from spectron.v1.memory_service_pb2 import GetContextRequest
from spectron.v1.session_service_pb2 import CloseSessionRequest
from spectron.v1.turn_service_pb2 import ListTurnsRequest, RecordTurnRequest, RecordTurnsRequest


class Session:
    """One conversation. Memory is kept by scope: all sessions of a scope feed one memory.

    Attributes:
        id: The session's id.
        info: What the server said of it when it was created, got or listed; None if it was only
            opened by its id.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        context_id: str,
        session_id: str,
        info: SessionInfo | None,
        chat_options: ChatOptions = DEFAULT_OPTIONS,
    ) -> None:
        self.id = session_id
        self.info = info
        self._transport = transport
        self._context_id = context_id
        self._chats = Chats(
            transport=transport,
            context_id=context_id,
            session_id=session_id,
            options=chat_options,
        )

    def __repr__(self) -> str:
        return f"Session(id={self.id!r}, scope={self.scope!r})"

    @property
    def scope(self) -> Mapping[str, str] | None:
        """Whose memory it feeds; None if it was only opened by its id."""
        return self.info.scope if self.info else None

    async def turn(
        self,
        role: Role | str,
        content: str,
        *,
        observed_at: datetime | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Turn:
        """Records one turn and returns as soon as it is on disk; extraction follows.

        Args:
            role: Who says it: `user`, `assistant`, `system` or `tool`.
            content: What is said, up to 32 KiB.
            observed_at: When it was said, timezone-aware; None: now. Past times load history. Only
                the moment is sent: words such as "yesterday" count from its day in UTC.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The turn; `await turn.extraction()` waits for what was learned.

        Raises:
            ValueError: The role is none, or the time has no timezone.
            SessionClosed: The session takes no more turns.
        """
        new = NewTurn(role=role, content=content, observed_at=observed_at)
        request = RecordTurnRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            session_id=self.id,
            turn=new_turn_to(new),
        )
        response = await self._transport.unary(
            lambda stubs: stubs.turns.RecordTurn, request, timeout_s=timeout_s
        )
        return self._turn_of(response.turn)

    async def turns(
        self,
        turns: Iterable[NewTurn | Mapping[str, Any]],
        *,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> list[Turn]:
        """Records several turns in one transaction: all of them or none.

        Args:
            turns: 1 to 500 turns, in order, of together at most 2 MiB; each a `NewTurn`, or a
                mapping with `role`, `content` and perhaps `observed_at`.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The turns, in the same order.

        Raises:
            ValueError: A role is none, or a time has no timezone.
            SessionClosed: The session takes no more turns.
        """
        request = RecordTurnsRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            session_id=self.id,
            turns=[
                new_turn_to(each if isinstance(each, NewTurn) else NewTurn(**each))
                for each in turns
            ],
        )
        response = await self._transport.unary(
            lambda stubs: stubs.turns.RecordTurns, request, timeout_s=timeout_s
        )
        return [self._turn_of(each) for each in response.turns]

    async def context(
        self,
        query: str,
        *,
        top_k: int | None = None,
        max_tokens: int | None = None,
        as_of: datetime | None = None,
        include_history: bool = False,
        min_turn: str | None = None,
        timeout_s: float | None = None,
    ) -> ContextResult:
        """Returns the facts and turns of the session's scope that bear on a query.

        Args:
            query: What to look for, usually the user's message.
            top_k: At most this many items, up to 50; None: 10.
            max_tokens: The budget of `formatted`; None: 1,000.
            as_of: The beliefs and turns of this moment, timezone-aware; None: now.
            include_history: Whether to return values that no longer hold.
            min_turn: Wait until the turn of this id has been extracted.
            timeout_s: The deadline; None: the client's default.

        Returns:
            What bears on the query, best first.
        """
        return await get_context(
            self._transport,
            GetContextRequest(context_id=self._context_id, session_id=self.id),
            query=query,
            top_k=top_k,
            max_tokens=max_tokens,
            as_of=as_of,
            include_history=include_history,
            min_turn=min_turn,
            timeout_s=timeout_s,
        )

    def history(
        self,
        *,
        extraction_status: ExtractionStatus | str | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[Turn]:
        """Lists the turns of the session, in order.

        Args:
            extraction_status: Only turns whose extraction has this status; None: all.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The turns: await it for a list, or walk it with `async for`.
        """
        status = kind_to(
            ExtractionStatus,
            turn_pb2.ExtractionStatus,
            extraction_status,
            name="extraction_status",
        )

        async def fetch(page_size: int, page_token: str) -> tuple[Sequence[Turn], str]:
            request = ListTurnsRequest(
                context_id=self._context_id,
                session_id=self.id,
                extraction_status=status,
                page_size=page_size,
                page_token=page_token,
            )
            response = await self._transport.unary(
                lambda stubs: stubs.turns.ListTurns, request, timeout_s=timeout_s
            )
            return [self._turn_of(each) for each in response.turns], response.next_page_token

        return Listing(fetch, limit=limit)

    async def chat(
        self, content: str, *, message_id: str | None = None, timeout_s: float | None = None
    ) -> ChatResult:
        """Sends a message of the user, has it answered, and returns the reply and what was learned.

        The server records the message, retrieves memory, calls the session's agent back, records
        the reply and extracts. Without an agent, the server's own chat model answers. Cancelling
        the call gives the message up; what was recorded stays. Several messages may be under way.

        Args:
            content: What the user said, up to 32 KiB.
            message_id: Names the message in its session, for good: the same id and content again
                go on with the message, or return its outcome; None: a new one.
            timeout_s: The deadline of it all; None: what the agent and the extraction may take,
                and the client's default for the rest.

        Returns:
            The outcome.

        Raises:
            AgentFailed: The agent raised an error, which is its cause, or answered nothing.
            AgentTimeout: The agent took too long.
            NoChatModel: There is no agent, and the server has no chat model.
            SessionClosed: The session takes no more turns.
            DeadlineExceeded: It was not finished in time.
        """
        result: ChatResult | None = None
        events = self.chat_stream(content, message_id=message_id, timeout_s=timeout_s)
        async for event in events:
            if isinstance(event, ChatDone):
                result = event.result
        assert result is not None
        return result

    async def chat_stream(
        self, content: str, *, message_id: str | None = None, timeout_s: float | None = None
    ) -> AsyncGenerator[ChatEvent, None]:
        """Sends a message as `chat` does, and yields what happens as it comes.

        Leaving the loop early gives the message up; what was recorded stays.

        Args:
            content: As in `chat`.
            message_id: As in `chat`.
            timeout_s: As in `chat`.

        Yields:
            `ChatRecorded` for turns that are on disk, `ChatDelta` for pieces of the reply, and at
            the end `ChatDone` with the outcome.

        Raises:
            SpectronError: As `chat`.
        """
        async with aclosing(self._chats.converse(content, message_id, timeout_s)) as events:
            async for event in events:
                if isinstance(event, ChatDone):
                    self.info = event.result.session
                yield event

    async def aclose(self) -> None:
        """Ends the connection that `chat` holds; messages under way fail.

        It is closed by itself when it is idle, and with the client. The session stays open, and
        `chat` connects again.
        """
        await self._chats.aclose()

    async def close(
        self, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> SessionInfo:
        """Closes the session: it takes no more turns. Closing it again changes nothing.

        Args:
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The session as it is now; also kept as `info`.
        """
        request = CloseSessionRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            session_id=self.id,
        )
        response = await self._transport.unary(
            lambda stubs: stubs.sessions.CloseSession, request, timeout_s=timeout_s
        )
        self.info = session_info_of(response.session)
        return self.info

    def _turn_of(self, message: turn_pb2.Turn) -> Turn:
        return turn_of(message, transport=self._transport, context_id=self._context_id)
