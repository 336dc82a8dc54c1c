"""TransferService."""

from collections.abc import AsyncIterator
from typing import Final

from spectron.v1 import transfer_service_pb2 as pb
from spectron_server.domain.access import KeyRole
from spectron_server.rpc.admission import Call, needs
from spectron_server.rpc.records import from_record, to_record
from spectron_server.service.transfer import Record, TransferService


class TransferRpc:
    """Handlers of TransferService."""

    SERVICE: Final = pb.DESCRIPTOR.services_by_name["TransferService"]

    def __init__(self, transfer: TransferService) -> None:
        self._transfer = transfer

    @needs(KeyRole.ADMIN)
    async def export_context(
        self, _request: pb.ExportContextRequest, call: Call
    ) -> AsyncIterator[pb.ExportContextResponse]:
        """Streams everything that a context holds."""
        async for record in self._transfer.export(call.caller):
            yield pb.ExportContextResponse(record=to_record(record))

    @needs(KeyRole.ADMIN)
    async def import_context(
        self, requests: AsyncIterator[pb.ImportContextRequest], call: Call
    ) -> pb.ImportContextResponse:
        """Takes an export into an empty context."""
        counts = await self._transfer.import_(call.caller, _records(requests))
        return pb.ImportContextResponse(
            session_count=counts.sessions,
            turn_count=counts.turns,
            attribute_count=counts.attributes,
            unknown_count=counts.unknowns,
        )


async def _records(requests: AsyncIterator[pb.ImportContextRequest]) -> AsyncIterator[Record]:
    number = 0
    async for request in requests:
        if request.HasField("record"):
            number += 1
            yield from_record(request.record, number)
