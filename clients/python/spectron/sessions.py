"""The sessions of a context: creating, opening, getting and listing them."""

import builtins
from collections.abc import Mapping

from spectron.agent import Agent, AgentFunction
from spectron.chat import DEFAULT_OPTIONS, ChatOptions
from spectron.convert import kind_to, scope_to, session_info_of
from spectron.enums import SessionState
from spectron.listing import DEFAULT_LIMIT, Listing
from spectron.session import Session
from spectron.transport import Transport
from spectron.v1 import session_pb2
from spectron.v1.session_service_pb2 import (
    CreateSessionRequest,
    GetSessionRequest,
    ListSessionsRequest,
)


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
        agent_fn: AgentFunction | None = None,
        top_k: int | None = None,
        history_limit: int | None = None,
        agent_timeout_s: float | None = None,
        extraction_timeout_s: float | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Session:
        """Opens a new session.

        Args:
            scope: Whose memory it feeds, such as `{"user": "alice"}`. Empty: the memory that
                everyone in the context sees.
            metadata: The application's own labels.
            agent_fn: Answers the messages of `chat`: a coroutine function, a plain function, which
                runs in a thread, or a generator function of either kind that yields pieces of the
                reply. It gets the conversation as a list of dictionaries with `role`, `content`
                and the scope as `<dimension>_id`; if it takes a second parameter, an `AgentCall`.
                None: the server's own chat model answers.
            top_k: How many context items `chat` retrieves for each message, up to 50; None: 10.
            history_limit: How many earlier turns the agent gets, up to 200; None: 20.
            agent_timeout_s: How long the agent may take for a reply, up to 600; None: 60.
            extraction_timeout_s: How long `chat` waits, after the reply, for what was learned, up
                to 600; 0: not at all; None: 30.
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The session.

        Raises:
            TypeError: `agent_fn` is no function that takes the messages.
        """
        options = ChatOptions(
            agent=Agent.of(agent_fn),
            top_k=top_k,
            history_limit=history_limit,
            agent_timeout_s=agent_timeout_s,
            extraction_timeout_s=extraction_timeout_s,
        )
        request = CreateSessionRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            scope=scope_to(scope),
            metadata=metadata,
        )
        response = await self._transport.unary(
            lambda stubs: stubs.sessions.CreateSession, request, timeout_s=timeout_s
        )
        return self._session_of(response.session, options)

    def open(
        self,
        session_id: str,
        *,
        agent_fn: AgentFunction | None = None,
        top_k: int | None = None,
        history_limit: int | None = None,
        agent_timeout_s: float | None = None,
        extraction_timeout_s: float | None = None,
    ) -> Session:
        """Returns a session by its id, without asking the server.

        Args:
            session_id: The session's id.
            agent_fn: As in `create`.
            top_k: As in `create`.
            history_limit: As in `create`.
            agent_timeout_s: As in `create`.
            extraction_timeout_s: As in `create`.

        Returns:
            The session, without `info`.

        Raises:
            TypeError: `agent_fn` is no function that takes the messages.
        """
        options = ChatOptions(
            agent=Agent.of(agent_fn),
            top_k=top_k,
            history_limit=history_limit,
            agent_timeout_s=agent_timeout_s,
            extraction_timeout_s=extraction_timeout_s,
        )
        return Session(
            transport=self._transport,
            context_id=self._context_id,
            session_id=session_id,
            info=None,
            chat_options=options,
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

    def _session_of(
        self, message: session_pb2.Session, chat_options: ChatOptions = DEFAULT_OPTIONS
    ) -> Session:
        info = session_info_of(message)
        return Session(
            transport=self._transport,
            context_id=self._context_id,
            session_id=info.id,
            info=info,
            chat_options=chat_options,
        )
