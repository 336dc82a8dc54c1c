"""A session to chat in, and how to read what comes of it."""

from dataclasses import dataclass

import grpc
from google.protobuf.duration_pb2 import Duration

from spectron import Memory, Session
from spectron.v1 import chat_service_pb2 as pb
from spectron.v1.error_reason_pb2 import ErrorReason
from tests.conftest import Server
from tests.server.chat_stream import ChatStream, opened


@dataclass(frozen=True, kw_only=True)
class Room:
    """A session, and how to reach it."""

    server: Server
    channel: grpc.aio.Channel
    context_id: str
    memory: Memory
    session: Session

    async def opened(self, **options: object) -> ChatStream:
        return await opened(
            self.channel,
            self.server.admin_key,
            self.session.id,
            context_id=self.context_id,
            **options,
        )

    async def turns(self) -> list[tuple[str, str]]:
        return [(turn.role.value, turn.content) for turn in await self.session.history()]


def seconds(value: float) -> Duration:
    return Duration(seconds=int(value), nanos=int(value % 1 * 1e9))


def reason(failed: pb.ChatFailed) -> tuple[int, str]:
    name = ErrorReason.Name(failed.failure.reason)
    return failed.failure.code, name.removeprefix("ERROR_REASON_")
