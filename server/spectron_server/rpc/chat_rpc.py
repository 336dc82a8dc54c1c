"""ChatService: frames to calls of a conversation, and its events to frames."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration

from spectron.v1 import chat_service_pb2 as pb
from spectron_server.domain.access import KeyRole
from spectron_server.domain.errors import (
    DatabaseUnavailableError,
    InvalidFieldError,
    InvalidFrameError,
    WaitTimeoutError,
)
from spectron_server.domain.ids import scope_key_of
from spectron_server.domain.scope import Scope
from spectron_server.rpc import convert, validation
from spectron_server.rpc.admission import needs
from spectron_server.rpc.calls import Admit
from spectron_server.rpc.errors import failure_of
from spectron_server.service.chat import ChatService, Conversation
from spectron_server.service.chat_events import AgentCall, Called, Delta, Done, Event, Recorded
from spectron_server.service.chat_run import ChatOptions

MAX_IDLE_S: Final = 3_600.0
_AGENT_TIMEOUT: Final = timedelta(seconds=60)
_EXTRACTION_TIMEOUT: Final = timedelta(seconds=30)
_MAX_TIMEOUT: Final = timedelta(minutes=10)
_MAX_FAILURE: Final = 1_000


class ChatRpc:
    """Handlers of ChatService."""

    SERVICE: Final = pb.DESCRIPTOR.services_by_name["ChatService"]

    def __init__(self, chats: ChatService) -> None:
        self._chats = chats

    @needs(KeyRole.WRITE)
    async def chat(
        self, requests: AsyncIterator[pb.ChatRequest], admit: Admit
    ) -> AsyncGenerator[pb.ChatResponse, None]:
        """Holds a chat."""
        request = await anext(requests, None)
        if request is None or request.WhichOneof("frame") != "open":
            raise InvalidFrameError("The first frame must be `open`.")
        opening = request.open
        session_id = validation.record_id(opening.session_id, "open.session_id")
        options = _options(opening)
        call = await admit(opening)
        conversation = await self._chats.open(call.caller, session_id, options)
        reading = asyncio.create_task(_read(requests, opening, admit, conversation))
        try:
            yield pb.ChatResponse(
                opened=pb.ChatOpened(session=convert.session(conversation.session))
            )
            while event := await _next(conversation):
                yield _frame(event, conversation.session.scope)
            # A frame that could not be taken ends the stream with its error.
            if reading.done():
                reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            conversation.leave()


async def _next(conversation: Conversation) -> Event | None:
    while True:
        try:
            async with asyncio.timeout(MAX_IDLE_S):
                return await conversation.outbox.take()
        except TimeoutError:
            if conversation.idle:
                raise WaitTimeoutError(
                    "Nothing was sent for an hour. Open the stream again when there is a message."
                ) from None


async def _read(
    requests: AsyncIterator[pb.ChatRequest],
    opening: pb.ChatOpen,
    admit: Admit,
    conversation: Conversation,
) -> None:
    """Takes frames until the client sends no more."""
    try:
        async for request in requests:
            # A client that does not read the answers is not read either.
            await conversation.outbox.room()
            await _take(request, opening, admit, conversation)
    except BaseException:
        conversation.end(None)
        raise
    conversation.half_close()


async def _take(
    request: pb.ChatRequest, opening: pb.ChatOpen, admit: Admit, conversation: Conversation
) -> None:
    frame = request.WhichOneof("frame")
    if frame == "user_message":
        await _say(request.user_message, opening, admit, conversation)
    elif frame == "agent_delta":
        conversation.answer_piece(request.agent_delta.call_id, request.agent_delta.text)
    elif frame == "agent_reply":
        conversation.answer(request.agent_reply.call_id, request.agent_reply.content)
    elif frame == "agent_failure":
        failure = request.agent_failure
        conversation.answer_failed(failure.call_id, failure.failure.message[:_MAX_FAILURE])
    elif frame == "cancel":
        conversation.cancel(request.cancel.message_id)
    elif frame == "open":
        raise InvalidFrameError("The stream is open already. Open another one.")
    else:
        raise InvalidFrameError("The frame is empty, or of a kind that this server does not know.")


async def _say(
    message: pb.ChatUserMessage, opening: pb.ChatOpen, admit: Admit, conversation: Conversation
) -> None:
    message_id = ""
    try:
        message_id = validation.message_id(message.message_id, "user_message.message_id")
        content = validation.content(message.content, "user_message.content")
        # The key may have expired or been revoked since the stream was opened: that ends it.
        call = await admit(opening)
    except (InvalidFieldError, DatabaseUnavailableError) as error:
        conversation.refuse(message_id, error)
    else:
        conversation.say(call.caller, message_id, content)


def _options(opening: pb.ChatOpen) -> ChatOptions:
    if opening.agent not in pb.ChatAgent.values():
        validation.refuse("open.agent", "must be CLIENT, SERVER or unspecified")
    return ChatOptions(
        top_k=validation.bounded(opening.top_k, "open.top_k", default=10, minimum=1, maximum=50),
        history_limit=validation.bounded(
            opening.history_limit, "open.history_limit", default=20, minimum=1, maximum=200
        ),
        agent_timeout=_timeout(
            opening.agent_timeout,
            "open.agent_timeout",
            present=opening.HasField("agent_timeout"),
            default=_AGENT_TIMEOUT,
            minimum=timedelta(milliseconds=1),
        ),
        extraction_timeout=_timeout(
            opening.extraction_timeout,
            "open.extraction_timeout",
            present=opening.HasField("extraction_timeout"),
            default=_EXTRACTION_TIMEOUT,
            minimum=timedelta(0),
        ),
        by_server=opening.agent == pb.CHAT_AGENT_SERVER,
    )


def _timeout(
    value: Duration, field: str, *, present: bool, default: timedelta, minimum: timedelta
) -> timedelta:
    if not present:
        return default
    seconds = value.seconds + value.nanos / 1e9
    if not minimum.total_seconds() <= seconds <= _MAX_TIMEOUT.total_seconds():
        validation.refuse(
            field, f"must be {minimum.total_seconds():g} s to {_MAX_TIMEOUT.total_seconds():g} s"
        )
    return timedelta(seconds=seconds)


def _frame(event: Event, scope: Scope) -> pb.ChatResponse:
    if isinstance(event, Called):
        return pb.ChatResponse(agent_call=_agent_call(event, event.call, scope))
    if isinstance(event, Recorded):
        return pb.ChatResponse(
            recorded=pb.ChatRecorded(
                message_id=event.message_id, turns=[convert.turn(turn) for turn in event.turns]
            )
        )
    if isinstance(event, Delta):
        return pb.ChatResponse(delta=pb.ChatDelta(message_id=event.message_id, text=event.text))
    if isinstance(event, Done):
        return pb.ChatResponse(done=_done(event))
    return pb.ChatResponse(
        failed=pb.ChatFailed(message_id=event.message_id, failure=failure_of(event.error))
    )


def _agent_call(event: Called, call: AgentCall, scope: Scope) -> pb.ChatAgentCall:
    metadata = {f"{dimension}_id": value for dimension, value in scope.dimensions}
    timeout = Duration()
    timeout.FromTimedelta(call.timeout)
    return pb.ChatAgentCall(
        call_id=event.call_id,
        message_id=event.message_id,
        messages=[
            pb.ChatMessage(role=message.role, content=message.content, metadata=metadata)
            for message in call.messages
        ],
        system_prompt=call.system_prompt,
        profile=convert.profile(call.profile),
        context=[convert.context_item(item, call.context.scopes) for item in call.context.items],
        timeout=timeout,
    )


def _done(event: Done) -> pb.ChatDone:
    extraction = event.extraction
    key = scope_key_of(extraction.turn_id, "turn") or ""
    return pb.ChatDone(
        message_id=event.message_id,
        response=event.response,
        extraction=(
            None
            if extraction.diff is None
            else convert.diff(extraction.diff, {key: event.session.scope})
        ),
        session=convert.session(event.session),
        extraction_status=convert.EXTRACTION_STATUS[extraction.status],
    )
