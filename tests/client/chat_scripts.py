"""The server's side of the Chat RPC, as a script plays it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from spectron.v1 import memory_pb2, session_pb2, turn_pb2
from spectron.v1.chat_service_pb2 import (
    CHAT_AGENT_SERVER,
    ChatAgentCall,
    ChatDelta,
    ChatDone,
    ChatFailed,
    ChatFailure,
    ChatMessage,
    ChatOpened,
    ChatRecorded,
    ChatRequest,
    ChatResponse,
)
from spectron.v1.error_reason_pb2 import ErrorReason


class Peer:
    """The client at the other end of a stream; keeps all frames that came."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.frames: list[ChatRequest] = []

    async def read(self) -> ChatRequest | None:
        """Returns the next frame; None after half-close."""
        frame = await self.context.read()
        if not isinstance(frame, ChatRequest):
            return None
        self.frames.append(frame)
        return frame

    async def expect(self, kind: str) -> Any:
        """Returns the next frame, which must be of a kind."""
        async with asyncio.timeout(10):
            frame = await self.read()
        assert frame is not None, f"half-close instead of {kind}"
        assert frame.WhichOneof("frame") == kind, frame
        return getattr(frame, kind)

    async def reply(self) -> str:
        """Returns the agent's whole reply."""
        text = ""
        async with asyncio.timeout(10):
            while (frame := await self.read()) and frame.HasField("agent_delta"):
                text += frame.agent_delta.text
        assert frame is not None
        assert frame.HasField("agent_reply"), frame
        return text or str(frame.agent_reply.content)

    async def send(self, *frames: ChatResponse) -> None:
        for frame in frames:
            await self.context.write(frame)

    async def open(self) -> Any:
        """Accepts the stream, and returns how it was opened."""
        frame = await self.expect("open")
        await self.send(opened(frame.session_id))
        return frame

    async def call(self, message_id: str, attempt: int = 1, **fields: Any) -> None:
        """Calls the agent."""
        await self.send(agent_call(message_id, attempt, **fields))


ChatScript = Callable[[Peer], Awaitable[None]]


def session(session_id: str = "session:1", turn_count: int = 0) -> session_pb2.Session:
    made = session_pb2.Session(
        id=session_id, state=session_pb2.SESSION_STATE_OPEN, turn_count=turn_count
    )
    made.scope.dimensions["user"] = "alice"
    return made


def turn(sequence: int, content: str) -> turn_pb2.Turn:
    role = turn_pb2.ROLE_USER if sequence % 2 else turn_pb2.ROLE_ASSISTANT
    return turn_pb2.Turn(id=f"turn:{sequence}", sequence=sequence, role=role, content=content)


def opened(session_id: str = "session:1") -> ChatResponse:
    return ChatResponse(opened=ChatOpened(session=session(session_id)))


def recorded(message_id: str, *turns: turn_pb2.Turn) -> ChatResponse:
    return ChatResponse(recorded=ChatRecorded(message_id=message_id, turns=turns))


def delta(message_id: str, text: str) -> ChatResponse:
    return ChatResponse(delta=ChatDelta(message_id=message_id, text=text))


def agent_call(
    message_id: str, attempt: int = 1, messages: Sequence[ChatMessage] = (), **fields: Any
) -> ChatResponse:
    said = ChatMessage(role="user", content="hi", metadata={"user_id": "alice"})
    call = ChatAgentCall(
        call_id=f"{message_id}/{attempt}",
        message_id=message_id,
        messages=messages or [said],
        profile=memory_pb2.Profile(summary="The user is Alice."),
        **fields,
    )
    call.timeout.FromSeconds(60)
    return ChatResponse(agent_call=call)


def done(message_id: str, response: str, **fields: Any) -> ChatResponse:
    return ChatResponse(
        done=ChatDone(
            message_id=message_id, response=response, session=session(turn_count=2), **fields
        )
    )


def failed(message_id: str, code: int, reason: str, message: str = "scripted") -> ChatResponse:
    failure = ChatFailure(
        code=code, reason=ErrorReason.Value(f"ERROR_REASON_{reason}"), message=message
    )
    return ChatResponse(failed=ChatFailed(message_id=message_id, failure=failure))


async def obliging(peer: Peer) -> None:
    """Answers as a server does that records and learns nothing: calls the agent if there is one."""
    opening = await peer.open()
    own_agent = opening.agent == CHAT_AGENT_SERVER
    texts: dict[str, str] = {}
    while frame := await peer.read():
        match frame.WhichOneof("frame"):
            case "user_message" if own_agent:
                await peer.send(done(frame.user_message.message_id, "the server's"))
            case "user_message":
                await peer.call(frame.user_message.message_id)
            case "agent_delta":
                delta = frame.agent_delta
                texts[delta.call_id] = texts.get(delta.call_id, "") + delta.text
            case "agent_reply":
                reply = frame.agent_reply
                text = reply.content or texts[reply.call_id]
                await peer.send(done(reply.call_id.rpartition("/")[0], text))
            case "agent_failure":
                message_id = frame.agent_failure.call_id.rpartition("/")[0]
                await peer.send(failed(message_id, 10, "AGENT_FAILED"))
            case "cancel":
                await peer.send(failed(frame.cancel.message_id, 1, "MESSAGE_CANCELLED"))


async def answer_one(peer: Peer) -> None:
    """Answers one more message."""
    said = await peer.expect("user_message")
    await peer.call(said.message_id)
    reply = await peer.expect("agent_reply")
    await peer.send(done(said.message_id, reply.content))
