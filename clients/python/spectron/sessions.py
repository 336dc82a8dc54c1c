"""Conversations: opening them, recording their turns, and asking for context within them."""

import builtins
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from spectron.conversation import NewTurn, SessionInfo
from spectron.convert import kind_to, new_turn_to, scope_to, session_info_of
from spectron.enums import ExtractionStatus, Role, SessionState
from spectron.listing import DEFAULT_LIMIT, Listing
from spectron.models import ContextResult
from spectron.retrieval import get_context
from spectron.transport import Transport
from spectron.turns import Turn, turn_of
from spectron.v1 import session_pb2, turn_pb2
from spectron.v1.memory_service_pb2 import GetContextRequest
from spectron.v1.session_service_pb2 import (
    CloseSessionRequest,
    CreateSessionRequest,
    GetSessionRequest,
    ListSessionsRequest,
)
from spectron.v1.turn_service_pb2 import ListTurnsRequest, RecordTurnRequest, RecordTurnsRequest


class Session:
    """One conversation. Memory is kept by scope: all sessions of a scope feed one memory.

    Attributes:
        id: The session's id.
        info: What the server said of it when it was created, got or listed; None if it was only
            opened by its id.
    """

    def __init__(
        self, *, transport: Transport, context_id: str, session_id: str, info: SessionInfo | None
    ) -> None:
        self.id = session_id
        self.info = info
        self._transport = transport
        self._context_id = context_id

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
            observed_at: When it was said, timezone-aware; None: now. Past times load history.
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


class Sessions:
    """The sessions of a context."""

    def __init__(self, *, transport: Transport, context_id: str) -> None:
        self._transport = transport
        self._context_id = context_id

    async def create(
        self,
        *,
        scope: Mapping[str, str],
        metadata: Mapping[str, str] | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Session:
        """Opens a new session.

        Args:
            scope: Whose memory it feeds, such as `{"user": "alice"}`. Empty: the memory that
                everyone in the context sees.
            metadata: The application's own labels.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The session.
        """
        request = CreateSessionRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            scope=scope_to(scope),
            metadata=metadata,
        )
        response = await self._transport.unary(
            lambda stubs: stubs.sessions.CreateSession, request, timeout_s=timeout_s
        )
        return self._session_of(response.session)

    def open(self, session_id: str) -> Session:
        """Returns a session by its id, without asking the server."""
        return Session(
            transport=self._transport,
            context_id=self._context_id,
            session_id=session_id,
            info=None,
        )

    async def get(self, session_id: str, *, timeout_s: float | None = None) -> Session:
        """Returns a session with what the server knows of it.

        Args:
            session_id: The session's id.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The session, with `info`.

        Raises:
            NotFound: There is no such session.
        """
        request = GetSessionRequest(context_id=self._context_id, session_id=session_id)
        response = await self._transport.unary(
            lambda stubs: stubs.sessions.GetSession, request, timeout_s=timeout_s
        )
        return self._session_of(response.session)

    def list(
        self,
        *,
        scope: Mapping[str, str],
        state: SessionState | str | None = None,
        limit: int = DEFAULT_LIMIT,
        timeout_s: float | None = None,
    ) -> Listing[Session]:
        """Lists the sessions that a scope sees, newest first.

        Args:
            scope: The scope. Empty: only sessions with the empty scope.
            state: Only sessions in this state; None: all.
            limit: At most this many.
            timeout_s: The deadline of each page; None: the client's default.

        Returns:
            The sessions: await it for a list, or walk it with `async for`.
        """
        wire_scope = scope_to(scope)
        wire_state = kind_to(SessionState, session_pb2.SessionState, state, name="state")

        async def fetch(page_size: int, page_token: str) -> tuple[builtins.list[Session], str]:
            request = ListSessionsRequest(
                context_id=self._context_id,
                scope=wire_scope,
                state=wire_state,
                page_size=page_size,
                page_token=page_token,
            )
            response = await self._transport.unary(
                lambda stubs: stubs.sessions.ListSessions, request, timeout_s=timeout_s
            )
            return [self._session_of(each) for each in response.sessions], response.next_page_token

        return Listing(fetch, limit=limit)

    def _session_of(self, message: session_pb2.Session) -> Session:
        info = session_info_of(message)
        return Session(
            transport=self._transport,
            context_id=self._context_id,
            session_id=info.id,
            info=info,
        )
