"""TurnService."""

from collections.abc import Mapping
from typing import Final

from spectron.v1 import turn_pb2
from spectron.v1 import turn_service_pb2 as pb
from spectron_server.domain.access import KeyRole
from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import ExtractionStatus
from spectron_server.domain.scope import Scope
from spectron_server.rpc import convert, tokens, validation
from spectron_server.rpc.admission import Call, needs
from spectron_server.service.directory import Directory
from spectron_server.service.turns import TurnService

_STATUSES: Final[Mapping[int, ExtractionStatus | None]] = {
    turn_pb2.EXTRACTION_STATUS_UNSPECIFIED: None,
    turn_pb2.EXTRACTION_STATUS_PENDING: ExtractionStatus.PENDING,
    turn_pb2.EXTRACTION_STATUS_DONE: ExtractionStatus.DONE,
    turn_pb2.EXTRACTION_STATUS_FAILED: ExtractionStatus.FAILED,
}


class TurnRpc:
    """Handlers of TurnService."""

    SERVICE: Final = pb.DESCRIPTOR.services_by_name["TurnService"]

    def __init__(self, turns: TurnService, directory: Directory, clock: Clock) -> None:
        self._turns = turns
        self._directory = directory
        self._clock = clock

    @needs(KeyRole.WRITE, asks=True)
    async def record_turn(self, request: pb.RecordTurnRequest, call: Call) -> pb.RecordTurnResponse:
        """Records one turn."""
        session_id = validation.record_id(request.session_id, "session_id")
        new = validation.new_turn(request.turn, "turn", self._clock.now())
        [turn] = await self._turns.record(call.caller, session_id, [new], call.once)
        return pb.RecordTurnResponse(turn=convert.turn(turn))

    @needs(KeyRole.WRITE, asks=True)
    async def record_turns(
        self, request: pb.RecordTurnsRequest, call: Call
    ) -> pb.RecordTurnsResponse:
        """Records several turns."""
        session_id = validation.record_id(request.session_id, "session_id")
        new = validation.new_turns(list(request.turns), self._clock.now())
        turns = await self._turns.record(call.caller, session_id, new, call.once)
        return pb.RecordTurnsResponse(turns=[convert.turn(turn) for turn in turns])

    @needs(KeyRole.READ)
    async def list_turns(self, request: pb.ListTurnsRequest, call: Call) -> pb.ListTurnsResponse:
        """Lists the turns of a session."""
        if request.extraction_status not in _STATUSES:
            validation.refuse("extraction_status", "must be PENDING, DONE, FAILED or unspecified")
        page = await self._turns.list(
            call.caller,
            validation.record_id(request.session_id, "session_id"),
            status=_STATUSES[request.extraction_status],
            size=tokens.page_size(request.page_size),
            cursor=tokens.decode_number(request, request.page_token),
        )
        return pb.ListTurnsResponse(
            turns=[convert.turn(turn) for turn in page.items],
            next_page_token=tokens.encode(request, page.next_cursor),
        )

    @needs(KeyRole.READ)
    async def get_extraction(
        self, request: pb.GetExtractionRequest, call: Call
    ) -> pb.GetExtractionResponse:
        """Returns what was learned from a turn."""
        turn_id = validation.record_id(request.turn_id, "turn_id")
        wait = validation.wait(request.wait.seconds + request.wait.nanos / 1e9)
        until = min(self._clock.now() + wait, call.until) if wait else None
        extraction = await self._turns.extraction(call.caller, turn_id, until=until)
        scopes = await self._scopes(call, turn_id)
        return pb.GetExtractionResponse(extraction=convert.extraction(extraction, scopes))

    @needs(KeyRole.WRITE)
    async def retry_extraction(
        self, request: pb.RetryExtractionRequest, call: Call
    ) -> pb.RetryExtractionResponse:
        """Queues a failed extraction again."""
        turn_id = validation.record_id(request.turn_id, "turn_id")
        extraction = await self._turns.retry(call.caller, turn_id, call.once)
        scopes = await self._scopes(call, turn_id)
        return pb.RetryExtractionResponse(extraction=convert.extraction(extraction, scopes))

    async def _scopes(self, call: Call, turn_id: str) -> dict[str, Scope]:
        place = await self._directory.place_of(call.caller, turn_id, "turn")
        return {place.key: place.scope} if place else {}
