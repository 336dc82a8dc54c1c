"""The frames of the Chat RPC: those that the client sends, and reading those of the server."""

from google.protobuf.duration_pb2 import Duration

from spectron.agent import AgentCall
from spectron.chat import ChatOptions, ChatResult
from spectron.conversation import TurnRecord
from spectron.convert import (
    context_item_of,
    diff_of,
    kind_of,
    profile_of,
    session_info_of,
)
from spectron.enums import ExtractionStatus
from spectron.v1 import turn_pb2
from spectron.v1.chat_service_pb2 import (
    CHAT_AGENT_CLIENT,
    CHAT_AGENT_SERVER,
    ChatAgentCall,
    ChatAgentDelta,
    ChatAgentFailure,
    ChatAgentReply,
    ChatCancel,
    ChatDone,
    ChatFailure,
    ChatOpen,
    ChatRequest,
    ChatUserMessage,
)


def open_frame(*, context_id: str, session_id: str, options: ChatOptions) -> ChatRequest:
    """Returns the frame that opens a stream.

    Args:
        context_id: The context.
        session_id: The session that the stream serves.
        options: How it chats.

    Returns:
        The frame.
    """
    return ChatRequest(
        open=ChatOpen(
            context_id=context_id,
            session_id=session_id,
            top_k=options.top_k or 0,
            history_limit=options.history_limit or 0,
            agent_timeout=_duration_to(options.agent_timeout_s),
            agent=CHAT_AGENT_CLIENT if options.agent else CHAT_AGENT_SERVER,
            extraction_timeout=_duration_to(options.extraction_timeout_s),
        )
    )


def message_frame(message_id: str, content: str) -> ChatRequest:
    """Returns the frame of a user's message."""
    return ChatRequest(user_message=ChatUserMessage(message_id=message_id, content=content))


def cancel_frame(message_id: str) -> ChatRequest:
    """Returns the frame that gives a message up."""
    return ChatRequest(cancel=ChatCancel(message_id=message_id))


def delta_frame(call_id: str, text: str) -> ChatRequest:
    """Returns the frame of a piece of the agent's reply."""
    return ChatRequest(agent_delta=ChatAgentDelta(call_id=call_id, text=text))


def reply_frame(call_id: str, content: str) -> ChatRequest:
    """Returns the frame that ends a call; an empty reply stands for the pieces sent before."""
    return ChatRequest(agent_reply=ChatAgentReply(call_id=call_id, content=content))


def failure_frame(call_id: str, message: str) -> ChatRequest:
    """Returns the frame that tells of an agent's failure."""
    failure = ChatFailure(message=message)
    return ChatRequest(agent_failure=ChatAgentFailure(call_id=call_id, failure=failure))


def agent_call_of(message: ChatAgentCall) -> AgentCall:
    """Converts what the server asks of an agent."""
    return AgentCall(
        message_id=message.message_id,
        messages=tuple(
            {**each.metadata, "role": each.role, "content": each.content}
            for each in message.messages
        ),
        system_prompt=message.system_prompt,
        profile=profile_of(message.profile),
        context=tuple(context_item_of(each) for each in message.context),
        timeout_s=message.timeout.ToTimedelta().total_seconds(),
    )


def result_of(message: ChatDone, turns: tuple[TurnRecord, ...]) -> ChatResult:
    """Converts the outcome of a message, with the turns that were recorded for it."""
    return ChatResult(
        message_id=message.message_id,
        response=message.response,
        extraction=diff_of(message.extraction),
        extraction_status=kind_of(
            ExtractionStatus, turn_pb2.ExtractionStatus, message.extraction_status
        ),
        session=session_info_of(message.session),
        turns=turns,
    )


def _duration_to(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    message = Duration()
    message.FromMicroseconds(round(seconds * 1_000_000))
    return message
