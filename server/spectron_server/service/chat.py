"""Chat: streams of messages, each answered by an agent.

A `Conversation` is one stream's side; what it does to a message is a `Run`, which several
streams can share: a client that lost its connection comes back and joins the message under way.
"""

import asyncio
import re
from collections import OrderedDict
from typing import Final

from spectron_server.domain.conversation import Session
from spectron_server.domain.errors import (
    AgentFailedError,
    InvalidFrameError,
    NoChatModelError,
    OverloadedError,
    ShuttingDownError,
    SpectronError,
)
from spectron_server.service.caller import Caller
from spectron_server.service.chat_answer import Attachment
from spectron_server.service.chat_events import Failed, Outbox
from spectron_server.service.chat_log import MessageKey, message_id_reused
from spectron_server.service.chat_run import ChatOptions, ChatParts, Run
from spectron_server.service.directory import Directory, Place
from spectron_server.service.sessions import SessionService

MAX_MESSAGES: Final = 8
"""Messages under way on one stream."""
# How many messages of a stream are remembered for their calls' numbers.
_MAX_REMEMBERED: Final = 1_024
_MAX_RUNS: Final = 8_000
_CALL_ID: Final = re.compile(r"(.+)/([1-9][0-9]{0,8})", re.DOTALL)
_LAST_WORDS_S: Final = 1.0


class ChatService:
    """All chats of this process."""

    def __init__(self, *, parts: ChatParts, directory: Directory, sessions: SessionService) -> None:
        self._parts = parts
        self._directory = directory
        self._sessions = sessions
        self._runs: dict[tuple[str, str], Run] = {}
        # A task that nobody holds may be collected before its end.
        self._tasks: set[asyncio.Task[None]] = set()
        self._conversations: set[Conversation] = set()
        self._draining = False

    @property
    def draining(self) -> bool:
        """Whether the server takes no new messages."""
        return self._draining

    async def open(self, caller: Caller, session_id: str, options: ChatOptions) -> "Conversation":
        """Opens a stream on a session.

        Raises:
            SessionNotFoundError: There is none that the caller reaches.
            NoChatModelError: The server is to answer, and has no chat model.
            ShuttingDownError: The server drains.
        """
        if self._draining:
            raise shutting_down()
        if options.by_server and self._parts.model is None:
            raise NoChatModelError(
                "The server has no chat model to answer with. Answer with an agent of your own "
                "(agent_fn in the clients), or set SPECTRON_CHAT_URL and SPECTRON_CHAT_MODEL on "
                "the server."
            )
        place = await self._directory.session_place(caller, session_id)
        session = await self._sessions.get(caller, session_id)
        conversation = Conversation(self, place, session, options)
        self._conversations.add(conversation)
        return conversation

    def closed(self, conversation: "Conversation") -> None:
        """Forgets a conversation whose stream is gone."""
        self._conversations.discard(conversation)

    def join(
        self,
        caller: Caller,
        key: MessageKey,
        content: str,
        options: ChatOptions,
        turn: asyncio.Lock,
    ) -> Run:
        """Returns the run of a message: the one under way, or a new one.

        Raises:
            MessageIdReusedError: The one under way has another content.
        """
        name = (key.session_id, key.message_id)
        run = self._runs.get(name)
        if run is None:
            if len(self._runs) >= _MAX_RUNS:
                raise OverloadedError(
                    "The server has as many messages under way as it takes on. Send the message "
                    "again in a moment."
                )
            run = Run(
                parts=self._parts,
                caller=caller,
                key=key,
                content=content,
                options=options,
                turn=turn,
            )
            self._runs[name] = run
            task = asyncio.create_task(self._run(name, run))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif run.content != content:
            raise message_id_reused()
        return run

    async def _run(self, name: tuple[str, str], run: Run) -> None:
        try:
            await run.run()
        finally:
            del self._runs[name]

    def drain(self, grace_s: float) -> None:
        """Takes no new messages; ends each stream once its messages have ended.

        Streams whose messages take longer than the grace are ended shortly before it is over, so
        that they hear why.
        """
        self._draining = True
        for conversation in list(self._conversations):
            conversation.end_if_idle()
        asyncio.get_running_loop().call_later(max(grace_s - _LAST_WORDS_S, 0), self._end_all)

    def _end_all(self) -> None:
        for conversation in list(self._conversations):
            conversation.end(shutting_down())

    async def aclose(self) -> None:
        """Breaks off what is still under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Conversation:
    """One stream's side of a chat.

    Attributes:
        session: The session, as it was when the stream was opened.
        outbox: What is to be sent to the client.
    """

    def __init__(
        self, service: ChatService, place: Place, session: Session, options: ChatOptions
    ) -> None:
        self.session = session
        self.outbox = Outbox()
        self._service = service
        self._place = place
        self._options = options
        self._turn = asyncio.Lock()
        self._attached: dict[str, tuple[Run, Attachment]] = {}
        # How many calls each message had on this stream, ended ones included.
        self._attempts: OrderedDict[str, int] = OrderedDict()
        self._half_closed = False

    @property
    def idle(self) -> bool:
        """Whether no message is under way."""
        return not self._attached

    def say(self, caller: Caller, message_id: str, content: str) -> None:
        """Takes a message of the user. What comes of it, the outbox tells."""
        if message_id in self._attached:
            run, _ = self._attached[message_id]
            if run.content != content:
                self.refuse(message_id, message_id_reused())
            return
        if self._service.draining:
            self.fail(message_id, shutting_down())
        elif len(self._attached) >= MAX_MESSAGES:
            self.fail(
                message_id,
                OverloadedError(
                    f"The stream has {MAX_MESSAGES} messages under way, which is as many as it "
                    "takes. Send the message again when one has ended."
                ),
            )
        else:
            self._attach(caller, message_id, content)

    def _attach(self, caller: Caller, message_id: str, content: str) -> None:
        key = MessageKey(place=self._place, session_id=self.session.id, message_id=message_id)
        try:
            run = self._service.join(caller, key, content, self._options, self._turn)
        except SpectronError as error:
            self.fail(message_id, error)
            return
        attempt = self._attempts.pop(message_id, 0) + 1
        self._attempts[message_id] = attempt
        if len(self._attempts) > _MAX_REMEMBERED:
            del self._attempts[next(each for each in self._attempts if each not in self._attached)]

        def ended() -> None:
            del self._attached[message_id]
            self.end_if_idle()

        attachment = Attachment(self.outbox, f"{message_id}/{attempt}", ended)
        self._attached[message_id] = (run, attachment)
        run.attach(attachment)

    def answer_piece(self, call_id: str, text: str) -> None:
        """Takes a piece of the reply to a call."""
        if attachment := self._called(call_id):
            attachment.answer.add(text)

    def answer(self, call_id: str, content: str) -> None:
        """Takes the reply to a call; empty: the pieces that came before."""
        if attachment := self._called(call_id):
            attachment.answer.finish(content)

    def answer_failed(self, call_id: str, reason: str) -> None:
        """Takes the failure of a call."""
        if attachment := self._called(call_id):
            attachment.answer.fail(
                AgentFailedError(f"The agent failed: {reason}" if reason else "The agent failed.")
            )

    def _called(self, call_id: str) -> Attachment | None:
        """Returns whom an answer is for; None if its call has ended, or never was."""
        named = _CALL_ID.fullmatch(call_id)
        message_id = named[1] if named else ""
        if named is None or int(named[2]) > self._attempts.get(message_id, 0):
            self.fail(
                "",
                InvalidFrameError(
                    "The frame answers a call that never was. Echo the call_id of an agent_call."
                ),
            )
            return None
        _, attachment = self._attached.get(message_id, (None, None))
        return attachment if attachment and attachment.call_id == call_id else None

    def cancel(self, message_id: str) -> None:
        """Gives a message up; one that has ended, or never was, is left as it is."""
        if message_id in self._attached:
            run, _ = self._attached[message_id]
            run.cancel()

    def fail(self, message_id: str, error: SpectronError) -> None:
        """Tells the client of a failure; without an id, of a frame that belongs to no message."""
        self.outbox.put(Failed(message_id=message_id, error=error))

    def refuse(self, message_id: str, error: SpectronError) -> None:
        """Tells the client that a message was not taken; one under way of that id goes on."""
        self.fail("" if message_id in self._attached else message_id, error)

    def half_close(self) -> None:
        """Notes that the client sends no more."""
        self._half_closed = True
        for _, attachment in self._attached.values():
            attachment.answer.leave()
        self.end_if_idle()

    def end_if_idle(self) -> None:
        """Ends the stream if nothing is under way and nothing can come."""
        if self._attached:
            return
        if self._half_closed:
            self.end(None)
        elif self._service.draining:
            self.end(shutting_down())

    def end(self, error: SpectronError | None) -> None:
        """Ends the stream, after what is on its way to the client."""
        self.outbox.end(error)

    def leave(self) -> None:
        """Notes that the stream is gone."""
        self.outbox.end()
        for run, attachment in list(self._attached.values()):
            run.detach(attachment)
        self._attached.clear()
        self._service.closed(self)


def shutting_down() -> ShuttingDownError:
    """Returns the error for what comes while the server drains."""
    return ShuttingDownError(
        "The server is shutting down. Open the stream again, and send the messages that were "
        "under way with the same message_id."
    )
