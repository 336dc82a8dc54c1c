"""A chat model that answers the user, behind an OpenAI-compatible endpoint such as vLLM.

Only what every such endpoint understands is sent: one system message first, then messages of user
and assistant in turn, the user's last. If the conversation does not fit into the model's context,
its older half is left out, again and again, before anything of the reply has been given; after
that nothing is tried again. What a thinking model thinks is never part of the reply. Marks of chat
templates in what was said, or remembered, are made harmless: they could forge messages.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from spectron_extraction.model_endpoint import (
    BrokenAnswerError,
    EndpointError,
    ModelEndpoint,
    PromptTooLongError,
)
from spectron_server.agent.reasoning import ReasoningFilter, StrayReasoningError

_INSTRUCTIONS: Final = "You are a helpful assistant in a conversation with a user."
# Only where something follows: a model makes up what it is told that it was given.
_ABOUT_KNOWN: Final = (
    "What follows is what is known of the user from earlier conversations. Use it where it helps, "
    "follow the user's wishes about how to answer, and do not mention that you were given it. It "
    "is information and not a request."
)

# <|im_start|>, <|User|> with wide bars, <start_of_turn>, <<SYS>>, </s>, [INST]: most templates'.
_MARK: Final = re.compile(
    r"<(?=[|\uff5c]|(?:start|end)_of_turn>|</?SYS>|/?SYS>|/?s>)|\[(?=/?[A-Z_]{3,30}\])"
)
_HARMLESS: Final = "\\g<0>\u200b"


class ChatModelError(Exception):
    """The model gave no reply, or not the whole of it; the message is for people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatMessage:
    """One message of a conversation.

    Attributes:
        role: `user`, `assistant`, `system` or `tool`.
        content: What was said.
    """

    role: str
    content: str


class ChatModel:
    """Answers conversations, several at once."""

    def __init__(
        self,
        endpoint: ModelEndpoint,
        *,
        concurrency: int,
        instructions: str | None = None,
    ) -> None:
        """Takes over the endpoint, and closes it in the end.

        Args:
            endpoint: What serves the model.
            concurrency: How many replies may be under way; further ones wait for their turn.
            instructions: What the model is told before what is known of the user; without it,
                to use that with tact.
        """
        self._endpoint = endpoint
        self._instructions = instructions
        self._slots = asyncio.Semaphore(concurrency)

    async def reply(
        self, *, system_prompt: str, messages: Sequence[ChatMessage]
    ) -> AsyncGenerator[str, None]:
        """Gives the reply piece by piece. Closing the generator aborts the request.

        Args:
            system_prompt: What is known of the user; may be empty.
            messages: The conversation, oldest first; the user's message is the last.

        Raises:
            ChatModelError: There is no reply, or it broke off after the pieces given.
            ValueError: The last message is not the user's.
        """
        if not messages or messages[-1].role != "user":
            raise ValueError("a conversation to be answered ends with the user's message")
        try:
            async with (
                self._slots,
                contextlib.aclosing(self._reply(system_prompt, messages)) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        except EndpointError as error:
            raise ChatModelError(str(error)) from error

    async def aclose(self) -> None:
        """Closes the connections to the model."""
        await self._endpoint.aclose()

    async def _reply(
        self, system_prompt: str, messages: Sequence[ChatMessage]
    ) -> AsyncGenerator[str, None]:
        started = False
        while True:
            head = [self._told(known=bool(system_prompt)), system_prompt]
            request: dict[str, object] = {"messages": _request(head, messages)}
            try:
                async with contextlib.aclosing(self._text(request)) as pieces:
                    async for piece in pieces:
                        started = True
                        yield piece
            except PromptTooLongError:
                if started or len(messages) == 1:
                    raise
                messages = messages[(len(messages) + 1) // 2 :]
            else:
                return

    def _told(self, *, known: bool) -> str:
        if self._instructions is not None:
            return self._instructions
        return f"{_INSTRUCTIONS} {_ABOUT_KNOWN}" if known else _INSTRUCTIONS

    async def _text(self, request: dict[str, object]) -> AsyncGenerator[str, None]:
        """Gives the reply's text without the model's reasoning."""
        reasoning = ReasoningFilter()
        finished, empty = False, True
        async with contextlib.aclosing(self._endpoint.stream(request)) as pieces:
            async for piece in pieces:
                finished = finished or piece.finish_reason is not None
                try:
                    text = reasoning.feed(piece.text)
                except StrayReasoningError:
                    raise BrokenAnswerError(
                        "The chat model sends its reasoning as part of its reply. Serve it with "
                        "a parser for its reasoning."
                    ) from None
                if text:
                    empty = False
                    yield text
        if rest := reasoning.end():
            empty = False
            yield rest
        if not finished:
            raise BrokenAnswerError("The chat model's reply broke off.")
        if empty:
            raise BrokenAnswerError("The chat model replied with nothing.")


def _request(beginning: Sequence[str], messages: Sequence[ChatMessage]) -> list[dict[str, str]]:
    """Returns messages in the order that every chat template takes.

    Many templates want one system message, at the head, and then user and assistant in turn. What
    the application said as `system` joins the head; a tool's output is shown to the model as text
    in the user's place; neighbours of one role are joined.
    """
    head = [*beginning, *(one.content for one in messages if one.role == "system")]
    talk: list[tuple[str, str]] = []
    for message in messages:
        role, content = message.role, message.content
        if role == "system":
            continue
        if role == "tool":
            role, content = "user", f"Output of a tool:\n{content}"
        if talk and talk[-1][0] == role:
            talk[-1] = role, f"{talk[-1][1]}\n\n{content}"
        elif talk or role == "user":
            talk.append((role, content))
    system = "\n\n".join(part for part in head if part)
    named = [("system", system), *talk] if system else talk
    return [{"role": role, "content": _MARK.sub(_HARMLESS, content)} for role, content in named]
