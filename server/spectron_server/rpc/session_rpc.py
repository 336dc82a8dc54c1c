"""SessionService."""

from typing import Final

from spectron.v1 import session_pb2
from spectron.v1 import session_service_pb2 as pb
from spectron_server.domain.access import KeyRole
from spectron_server.rpc import convert, tokens, validation
from spectron_server.rpc.admission import Call, needs
from spectron_server.service.sessions import SessionService

_STATES: Final = {
    session_pb2.SESSION_STATE_UNSPECIFIED: "any",
    session_pb2.SESSION_STATE_OPEN: "open",
    session_pb2.SESSION_STATE_CLOSED: "closed",
}


class SessionRpc:
    """Handlers of SessionService."""

    SERVICE: Final = pb.DESCRIPTOR.services_by_name["SessionService"]

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions

    @needs(KeyRole.WRITE)
    async def create_session(
        self, request: pb.CreateSessionRequest, call: Call
    ) -> pb.CreateSessionResponse:
        """Opens a new session."""
        session = await self._sessions.create(
            call.caller,
            validation.scope(request.scope),
            validation.metadata(request.metadata),
            call.once,
        )
        return pb.CreateSessionResponse(session=convert.session(session))

    @needs(KeyRole.READ)
    async def get_session(self, request: pb.GetSessionRequest, call: Call) -> pb.GetSessionResponse:
        """Returns one session."""
        session_id = validation.record_id(request.session_id, "session_id")
        session = await self._sessions.get(call.caller, session_id)
        return pb.GetSessionResponse(session=convert.session(session))

    @needs(KeyRole.READ)
    async def list_sessions(
        self, request: pb.ListSessionsRequest, call: Call
    ) -> pb.ListSessionsResponse:
        """Lists the sessions that a scope sees."""
        state = _STATES.get(request.state)
        if state is None:
            validation.refuse("state", "must be OPEN, CLOSED or unspecified")
        page = await self._sessions.list(
            call.caller,
            validation.scope(request.scope),
            state=state,
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode(request, request.page_token),
        )
        return pb.ListSessionsResponse(
            sessions=[convert.session(session) for session in page.items],
            next_page_token=tokens.encode(request, page.next_cursor),
        )

    @needs(KeyRole.WRITE)
    async def close_session(
        self, request: pb.CloseSessionRequest, call: Call
    ) -> pb.CloseSessionResponse:
        """Closes a session."""
        session_id = validation.record_id(request.session_id, "session_id")
        session = await self._sessions.close(call.caller, session_id, call.once)
        return pb.CloseSessionResponse(session=convert.session(session))
