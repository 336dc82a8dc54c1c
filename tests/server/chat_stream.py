"""The Chat RPC spoken frame by frame, with the generated stubs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from spectron.v1 import chat_service_pb2 as pb
from spectron.v1.chat_service_pb2_grpc import ChatServiceStub


class ChatStream:
    """One open stream; what it reads is checked with a deadline."""

    def __init__(self, call: Any) -> None:
        self.call = call

    async def send(self, **frame: Any) -> None:
        """Sends one frame, named by its field."""
        await self.call.write(pb.ChatRequest(**frame))

    async def say(self, message_id: str, content: str) -> None:
        """Sends a message of the user."""
        await self.send(user_message=pb.ChatUserMessage(message_id=message_id, content=content))

    async def reply(self, call_id: str, content: str = "") -> None:
        """Answers a call."""
        await self.send(agent_reply=pb.ChatAgentReply(call_id=call_id, content=content))

    async def delta(self, call_id: str, text: str) -> None:
        """Sends a piece of an answer."""
        await self.send(agent_delta=pb.ChatAgentDelta(call_id=call_id, text=text))

    async def read(self, within_s: float = 20.0) -> pb.ChatResponse:
        """Returns the next frame; fails at the end of the stream."""
        frame = await asyncio.wait_for(self.call.read(), within_s)
        assert frame is not grpc.aio.EOF, await self.ending()
        return frame  # type: ignore[no-any-return]

    async def expect(self, kind: str, within_s: float = 20.0) -> Any:
        """Returns the next frame's content, which must be of one kind."""
        frame = await self.read(within_s)
        assert frame.WhichOneof("frame") == kind, frame
        return getattr(frame, kind)

    async def answered(self, message_id: str, content: str, reply: str) -> pb.ChatDone:
        """Says something, answers as the agent, and returns the outcome."""
        await self.say(message_id, content)
        await self.expect("recorded")
        call = await self.expect("agent_call")
        await self.reply(call.call_id, reply)
        await self.expect("recorded")
        done: pb.ChatDone = await self.expect("done")
        return done

    async def ending(self, within_s: float = 20.0) -> tuple[grpc.StatusCode, str]:
        """Waits for the end of the stream, and returns its status and details."""
        code = await asyncio.wait_for(self.call.code(), within_s)
        return code, await self.call.details()


@asynccontextmanager
async def channel_to(endpoint: str) -> AsyncIterator[grpc.aio.Channel]:
    """A connection of its own, so that streams do not share one."""
    async with grpc.aio.insecure_channel(
        endpoint, options=[("grpc.use_local_subchannel_pool", 1)]
    ) as channel:
        yield channel


def begin(channel: grpc.aio.Channel, key: str) -> ChatStream:
    """Begins a stream without opening it."""
    metadata = (("authorization", f"Bearer {key}"),)
    return ChatStream(ChatServiceStub(channel).Chat(metadata=metadata))


async def opened(
    channel: grpc.aio.Channel, key: str, session_id: str, **options: Any
) -> ChatStream:
    """Opens a stream on a session."""
    stream = begin(channel, key)
    await stream.send(open=pb.ChatOpen(session_id=session_id, **options))
    frame = await stream.expect("opened")
    assert frame.session.id == session_id
    return stream
