"""A recorded turn, and waiting for what the server learned from it."""

import asyncio
from dataclasses import dataclass, field, fields
from typing import Final

from google.protobuf.duration_pb2 import Duration

from spectron.conversation import TurnRecord
from spectron.convert import extraction_of, turn_record_of
from spectron.enums import ErrorReason, ExtractionStatus
from spectron.errors import DeadlineExceeded, ExtractionFailed
from spectron.models import Extraction
from spectron.transport import Transport
from spectron.v1 import turn_pb2
from spectron.v1.turn_service_pb2 import GetExtractionRequest, RetryExtractionRequest

# The server waits at most a minute in one call; asking anew more often keeps connections through
# balancers with short idle limits alive.
_LONGEST_WAIT_S: Final = 25.0
# A server that answers "pending" before the time is over must not be asked in a tight loop.
_EARLY_ANSWER_PAUSE_S: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Turn(TurnRecord):
    """A recorded turn. It is on disk, and will be extracted whatever happens to the server."""

    _transport: Transport = field(repr=False, compare=False)
    _context_id: str = field(repr=False, compare=False)

    async def extraction(self, *, timeout_s: float | None = None) -> Extraction:
        """Waits until the turn has been extracted, and returns what was learned.

        Args:
            timeout_s: Wait at most this long; None: the client's default.

        Returns:
            The finished extraction.

        Raises:
            ExtractionFailed: The server gave up; `retry_extraction` queues the turn again.
            DeadlineExceeded: It was not finished in time. It goes on all the same.
        """
        deadline = self._transport.deadline(timeout_s)
        while not deadline.passed:
            remaining_s = deadline.remaining_s
            wait = Duration()
            wait.FromMicroseconds(int(min(remaining_s, _LONGEST_WAIT_S) * 1_000_000))
            request = GetExtractionRequest(context_id=self._context_id, turn_id=self.id, wait=wait)
            try:
                response = await self._transport.unary(
                    lambda stubs: stubs.turns.GetExtraction, request, timeout_s=remaining_s
                )
            except DeadlineExceeded:
                break
            extraction = extraction_of(response.extraction)
            if extraction.status == ExtractionStatus.DONE:
                return extraction
            if extraction.status == ExtractionStatus.FAILED:
                raise ExtractionFailed(
                    f"the extraction of {self.id} failed after {extraction.attempts} attempts: "
                    f"{extraction.error}",
                    reason=ErrorReason.EXTRACTION_FAILED,
                    metadata={"turn_id": self.id},
                )
            await asyncio.sleep(min(_EARLY_ANSWER_PAUSE_S, deadline.remaining_s))
        raise DeadlineExceeded(
            f"the extraction of {self.id} was not finished within {deadline.timeout_s:g} s; "
            "it goes on, so wait again or pass a larger timeout_s",
            reason=ErrorReason.DEADLINE_EXCEEDED,
            metadata={"turn_id": self.id},
        )

    async def retry_extraction(
        self, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> Extraction:
        """Queues a failed extraction again.

        Args:
            request_id: Makes repeated calls one; None: a new one.
            timeout_s: The deadline; None: the client's default.

        Returns:
            The extraction, pending again.

        Raises:
            FailedPrecondition: It has not failed.
        """
        request = RetryExtractionRequest(
            context_id=self._context_id,
            request_id=self._transport.request_id(request_id),
            turn_id=self.id,
        )
        response = await self._transport.unary(
            lambda stubs: stubs.turns.RetryExtraction, request, timeout_s=timeout_s
        )
        return extraction_of(response.extraction)


def turn_of(message: turn_pb2.Turn, *, transport: Transport, context_id: str) -> Turn:
    """Converts a turn, and gives it the connection through which it asks for its extraction."""
    record = turn_record_of(message)
    given = {each.name: getattr(record, each.name) for each in fields(record)}
    return Turn(**given, _transport=transport, _context_id=context_id)
