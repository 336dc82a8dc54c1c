"""Agents: functions of the application that answer what a user says, in the shapes they may have.

    async def agent(messages): return await llm(messages)          a coroutine function
    def agent(messages): return llm(messages)                      a function, run in a thread
    async def agent(messages): yield "Hel"; yield "lo"             pieces of the reply, as they come
    def agent(messages): yield "Hel"; yield "lo"                   the same, run in a thread

Objects with `__call__`, `functools.partial` and lambdas do as well: what counts is what the call
returns. An agent gets the conversation; one that takes a second parameter gets an `AgentCall`.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any, Final, TypeAlias

from spectron.models import ContextItem, Profile

AgentFunction: TypeAlias = Callable[..., str | Awaitable[str] | AsyncIterator[str] | Iterator[str]]

_BY_POSITION: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_END: Final = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentCall:
    """What the server hands to an agent that takes a second parameter.

    Attributes:
        message_id: The message to be answered.
        messages: The conversation, oldest first, each with `role`, `content` and the scope's
            dimensions as `<dimension>_id`; the user's message is the last.
        system_prompt: The profile's summary and the context as one block; empty if nothing is
            known.
        profile: What is known.
        context: What bears on the message, best first.
        timeout_s: How long the agent may take.
    """

    message_id: str
    messages: tuple[Mapping[str, str], ...]
    system_prompt: str
    profile: Profile
    context: tuple[ContextItem, ...]
    timeout_s: float


class Agent:
    """An agent function, whatever its shape, as one that yields pieces of a reply."""

    def __init__(self, function: AgentFunction) -> None:
        """Takes the function.

        Raises:
            TypeError: It is none, or cannot be called with the messages, and perhaps the call.
        """
        self._function = function
        self._takes_call = _takes_call(function)

    @classmethod
    def of(cls, function: AgentFunction | None) -> "Agent | None":
        """Returns the agent of a function; None for none."""
        return None if function is None else cls(function)

    async def pieces(self, call: AgentCall) -> AsyncGenerator[str, None]:
        """Calls the agent.

        Args:
            call: What it is asked.

        Yields:
            The reply in pieces: as the agent yields them, or as a whole.

        Raises:
            TypeError: The agent returned something else than text.
            Exception: Whatever the agent raises.
        """
        # The function may change its messages; what the call holds stays as it is.
        messages = [dict(each) for each in call.messages]
        arguments = (messages, call) if self._takes_call else (messages,)
        answer: Any
        if _is_asynchronous(self._function):
            answer = self._function(*arguments)
        else:
            answer = await asyncio.to_thread(_called, self._function, *arguments)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, AsyncIterator):
            try:
                async for piece in answer:
                    yield _text(piece)
            finally:
                # Generators have it, and so have the streams of most libraries.
                if hasattr(answer, "aclose"):
                    await answer.aclose()
        elif isinstance(answer, Iterator):
            while (piece := await asyncio.to_thread(_called, next, answer, _END)) is not _END:
                yield _text(piece)
        else:
            yield _text(answer)


def _takes_call(function: Any) -> bool:
    if not callable(function):
        raise TypeError(f"agent_fn must be a function, not {type(function).__name__}")
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        # Functions written in C may not tell their parameters.
        return False
    positional = [each for each in parameters if each.kind in _BY_POSITION]
    required = [each for each in positional if each.default is Parameter.empty]
    keywords = [
        each
        for each in parameters
        if each.kind is Parameter.KEYWORD_ONLY and each.default is Parameter.empty
    ]
    takes_any = any(each.kind is Parameter.VAR_POSITIONAL for each in parameters)
    if keywords or len(required) > 2 or not (positional or takes_any):
        raise TypeError("agent_fn must take the messages, and may take an AgentCall after them")
    # A second parameter with a default, such as a temperature, is the application's own.
    return len(required) == 2 or (len(positional) > 1 and positional[1].name == "call")


def _is_asynchronous(function: Any) -> bool:
    """Tells whether calling a function only makes a coroutine or generator, and blocks nothing."""
    return any(
        inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each)
        for each in (function, type(function).__call__)
    )


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except StopIteration as error:
        # A future cannot carry it from the thread: whoever awaits it would wait for ever.
        raise RuntimeError("the agent raised StopIteration") from error


def _text(piece: Any) -> str:
    if not isinstance(piece, str):
        raise TypeError(
            f"an agent answers with text, or yields pieces of it, not {type(piece).__name__}"
        )
    return piece
