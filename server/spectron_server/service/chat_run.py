"""One message of a chat under way, whichever streams wait for it.

The states and their order are written down at the Chat RPC in the proto files.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from spectron_server.agent.chat_model import ChatMessage, ChatModel, ChatModelError
from spectron_server.domain.clock import Clock
from spectron_server.domain.conversation import Turn
from spectron_server.domain.errors import (
    AgentFailedError,
    AgentTimeoutError,
    InternalError,
    MessageCancelledError,
    SpectronError,
)
from spectron_server.domain.ids import Ids
from spectron_server.logs import fault
from spectron_server.service.caller import Caller
from spectron_server.service.chat_answer import Answer, Attachment
from spectron_server.service.chat_events import (
    AgentCall,
    Called,
    Delta,
    Done,
    Event,
    Failed,
    Recorded,
)
from spectron_server.service.chat_log import ChatLog, MessageKey
from spectron_server.service.profiles import ProfileService
from spectron_server.service.retrieval import RetrievalService
from spectron_server.service.waiting import Waiting

_MAX_HISTORY_BYTES: Final = 512 * 1024
_PROFILE_TOKENS: Final = 400
_CONTEXT_TOKENS: Final = 1_000
# Whole profiles would make frames that gRPC clients refuse; `GetProfile` gives more.
_MAX_ATTRIBUTES: Final = 100

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatOptions:
    """How the messages of a stream are answered.

    Attributes:
        top_k: How many context items to retrieve.
        history_limit: How many earlier turns to hand to the agent.
        agent_timeout: How long the agent may take.
        extraction_timeout: How long to wait for what was learned.
        by_server: Whether the server's own agent answers.
    """

    top_k: int
    history_limit: int
    agent_timeout: timedelta
    extraction_timeout: timedelta
    by_server: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatParts:
    """What runs are made of."""

    log: ChatLog
    profiles: ProfileService
    retrieval: RetrievalService
    waiting: Waiting
    clock: Clock
    ids: Ids
    model: ChatModel | None


class _NobodyLeftError(Exception):
    """No stream is left whose agent could answer."""


class Run:
    """One message under way."""

    def __init__(
        self,
        *,
        parts: ChatParts,
        caller: Caller,
        key: MessageKey,
        content: str,
        options: ChatOptions,
        turn: asyncio.Lock,
    ) -> None:
        self._parts = parts
        self._caller = caller
        self._key = key
        self.content = content
        self._options = options
        # Held while the user's turn is written, so that turns keep the order of their messages.
        self._turn = turn
        self._attachments: list[Attachment] = []
        self._recorded: list[Turn] = []
        self._cancelled = asyncio.Event()
        self._deserted = asyncio.Event()

    def attach(self, attachment: Attachment) -> None:
        """Lets a stream take part; it is told what was recorded before."""
        self._attachments.append(attachment)
        self._deserted.clear()
        if self._recorded:
            attachment.outbox.put(self._event_of(list(self._recorded)))

    def detach(self, attachment: Attachment) -> None:
        """Lets go of a stream that is gone."""
        self._attachments.remove(attachment)
        attachment.answer.leave()
        if not self._attachments:
            self._deserted.set()

    def cancel(self) -> None:
        """Gives the message up, unless its reply is there."""
        self._cancelled.set()

    async def run(self) -> None:
        """Takes the message through its states, to its end."""
        try:
            last: Event = await self._outcome()
        except _NobodyLeftError:
            return
        except SpectronError as error:
            last = Failed(message_id=self._key.message_id, error=error)
        except Exception as error:  # noqa: BLE001 - every fault becomes a frame
            request_id = self._parts.ids.plain("message")
            _log.error("chat_message_failed", request_id=request_id, **fault(error))
            last = Failed(message_id=self._key.message_id, error=InternalError(request_id))
        attachments, self._attachments = self._attachments, []
        for attachment in attachments:
            attachment.end(last)

    async def _outcome(self) -> Done:
        log, key = self._parts.log, self._key
        async with self._turn:
            message = await log.record_message(self._caller, key, self.content)
        user, reply = message.user, message.reply
        self._tell_recorded([user] if reply is None else [user, reply])
        if reply is None:
            answer = await self._reply(await self._call(user))
            reply = await log.record_reply(self._caller, key, answer)
            self._tell_recorded([reply])
        await self._learned(user)
        extraction, session = await log.outcome(key, user.id)
        return Done(
            message_id=key.message_id,
            response=reply.content,
            extraction=extraction,
            session=session,
        )

    async def _learned(self, user: Turn) -> None:
        """Waits for what was learned, as long as somebody wants to know.

        Raises:
            _NobodyLeftError: Nobody does any more.
        """
        until = self._parts.clock.now() + self._options.extraction_timeout
        waiting = asyncio.create_task(
            self._parts.waiting.until_extracted(self._key.place.key, user.id, until)
        )
        try:
            while not waiting.done():
                deserted = asyncio.create_task(self._deserted.wait())
                await asyncio.wait({waiting, deserted}, return_when=asyncio.FIRST_COMPLETED)
                deserted.cancel()
                if not self._attachments:
                    raise _NobodyLeftError
            waiting.result()
        finally:
            waiting.cancel()

    def _tell_recorded(self, turns: list[Turn]) -> None:
        self._recorded += turns
        self._tell(self._event_of(turns))

    def _event_of(self, turns: list[Turn]) -> Recorded:
        return Recorded(message_id=self._key.message_id, turns=turns)

    def _tell(self, event: Event) -> None:
        for attachment in self._attachments:
            attachment.outbox.put(event)

    async def _call(self, user: Turn) -> AgentCall:
        """Retrieves what the agent is to know."""
        earlier = await self._parts.log.history(self._key, user, self._options.history_limit)
        turns = _newest([*earlier, user])
        scope = self._key.place.scope
        until = self._parts.clock.now() + self._options.agent_timeout
        profile, context = await asyncio.gather(
            self._parts.profiles.profile(
                self._caller,
                scope,
                max_tokens=_PROFILE_TOKENS,
                max_attributes=_MAX_ATTRIBUTES,
                as_of=None,
                min_turn="",
                until=until,
            ),
            self._parts.retrieval.context(
                self._caller,
                scope,
                user.content,
                top_k=self._options.top_k,
                max_tokens=_CONTEXT_TOKENS,
                as_of=None,
                include_history=False,
                min_turn="",
                until=until,
                # The agent is handed these as they are.
                exclude=frozenset(turn.id for turn in turns),
            ),
        )
        return AgentCall(
            messages=[ChatMessage(role=turn.role.value, content=turn.content) for turn in turns],
            system_prompt=_system_prompt(profile.summary, context.formatted),
            profile=profile,
            context=context,
            timeout=self._options.agent_timeout,
        )

    async def _reply(self, call: AgentCall) -> str:
        """Returns the agent's reply.

        Raises:
            AgentFailedError, AgentTimeoutError, MessageCancelledError: There is none.
        """
        while True:
            try:
                return await self._answered(call)
            except _NobodyLeftError:
                # A stream may have come since the last one left.
                if self._answering() is None:
                    raise AgentFailedError(
                        "The client left, or closed its side of the stream, before its agent had "
                        "answered. The user's turn is recorded: send the message again with the "
                        "same message_id."
                    ) from None

    async def _answered(self, call: AgentCall) -> str:
        answering = asyncio.create_task(
            self._ask_server(call) if self._options.by_server else self._ask_streams(call)
        )
        cancelled = asyncio.create_task(self._cancelled.wait())
        try:
            await asyncio.wait(
                {answering, cancelled},
                timeout=self._options.agent_timeout.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if answering.done():
                return answering.result()
            if cancelled.done():
                raise MessageCancelledError("The message was given up.")
            seconds = self._options.agent_timeout.total_seconds()
            raise AgentTimeoutError(
                f"The agent did not answer within {seconds:g} s. The user's turn is recorded: "
                "send the message again with the same message_id, or allow more time with "
                "agent_timeout."
            )
        finally:
            for task in (answering, cancelled):
                task.cancel()
            await asyncio.gather(answering, cancelled, return_exceptions=True)

    async def _ask_streams(self, call: AgentCall) -> str:
        """Asks the agent of one stream after another, until one of them stays to answer."""
        while True:
            attachment = self._answering()
            if attachment is None:
                raise _NobodyLeftError
            attachment.outbox.put(
                Called(message_id=self._key.message_id, call_id=attachment.call_id, call=call)
            )
            result = await attachment.answer.result
            if isinstance(result, SpectronError):
                raise result
            if result is not None:
                return result

    def _answering(self) -> Attachment | None:
        """Returns the first stream whose agent can still answer."""
        return next((each for each in self._attachments if not each.answer.left), None)

    async def _ask_server(self, call: AgentCall) -> str:
        assert self._parts.model is not None
        answer = Answer()
        reply = self._parts.model.reply(system_prompt=call.system_prompt, messages=call.messages)
        try:
            async with aclosing(reply) as pieces:
                async for text in pieces:
                    answer.add(text)
                    if answer.result.done():
                        break
                    for attachment in list(self._attachments):
                        await attachment.outbox.room()
                    self._tell(Delta(message_id=self._key.message_id, text=text))
        except ChatModelError as error:
            raise AgentFailedError(str(error)) from error
        answer.finish("")
        result = await answer.result
        assert result is not None
        if isinstance(result, SpectronError):
            raise result
        return result


def _newest(turns: list[Turn]) -> list[Turn]:
    """Returns as many of the last turns as one call may carry."""
    left = _MAX_HISTORY_BYTES
    kept: list[Turn] = []
    for turn in reversed(turns):
        left -= len(turn.content.encode())
        if left < 0:
            break
        kept.append(turn)
    return kept[::-1]


def _system_prompt(summary: str, formatted: str) -> str:
    parts = []
    if summary:
        parts.append(f"## User context\n{summary}")
    if formatted:
        parts.append(f"## Relevant memory\n{formatted}")
    return "\n\n".join(parts)
