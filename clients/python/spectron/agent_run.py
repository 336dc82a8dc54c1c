"""An agent at work on one message.

It is called once, whatever becomes of the connection: its reply is kept, so that a stream which
takes over from a broken one is told it from the beginning.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from contextvars import Context
from typing import Final

from spectron.agent import Agent, AgentCall
from spectron.chat_frames import delta_frame, failure_frame, reply_frame
from spectron.v1.chat_service_pb2 import ChatRequest

# As the server limits a turn. It also bounds what an agent that never ends can fill.
MAX_REPLY_BYTES: Final = 32 * 1024


class AgentRun:
    """Calls an agent at once, and keeps what it says.

    Attributes:
        error: What the agent raised; None unless it failed.
    """

    def __init__(
        self, agent: Agent, call: AgentCall, *, on_text: Callable[[str], None], context: Context
    ) -> None:
        """Starts the agent.

        Args:
            agent: The agent.
            call: What it is asked.
            on_text: Called with each piece of the reply.
            context: The context variables of whoever sent the message, for the agent.
        """
        self.error: BaseException | None = None
        self._on_text = on_text
        self._text = ""
        self._size = 0
        self._finished = False
        self._stopped = False
        self._news = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(
            self._work(agent, call), context=context
        )

    def stop(self) -> None:
        """Cancels the agent; what it says is wanted no more. A thread runs on, unheard."""
        self._stopped = True
        self._task.cancel()

    async def deliver(self, call_id: str, send: Callable[[ChatRequest], Awaitable[None]]) -> None:
        """Answers a call of the server: from the beginning, as the agent goes on, to its end.

        Args:
            call_id: The call.
            send: Sends a frame, and returns when it has left.
        """
        sent = 0
        while not self._finished:
            self._news.clear()
            if len(self._text) == sent:
                await self._news.wait()
                continue
            piece, sent = self._text[sent:], len(self._text)
            await send(delta_frame(call_id, piece))
        if self.error is not None:
            # The text of an error may hold what nobody else should read; its kind does not.
            await send(failure_frame(call_id, f"The agent raised {type(self.error).__name__}."))
        elif sent == 0:
            await send(reply_frame(call_id, self._text))
        else:
            if len(self._text) > sent:
                await send(delta_frame(call_id, self._text[sent:]))
            await send(reply_frame(call_id, ""))

    async def _work(self, agent: Agent, call: AgentCall) -> None:
        try:
            async with aclosing(agent.pieces(call)) as pieces:
                async for piece in pieces:
                    self._add(piece)
            if not self._text.strip():
                raise ValueError("the agent answered nothing")  # noqa: TRY301 -- told as any other.
            if "\0" in self._text:
                raise ValueError("the agent's reply holds NUL characters")  # noqa: TRY301
        except asyncio.CancelledError as error:
            if self._stopped:
                raise
            self.error = error
        except Exception as error:  # noqa: BLE001 -- whatever an agent raises fails its message.
            self.error = error
        self._finished = True
        self._news.set()

    def _add(self, piece: str) -> None:
        if not piece:
            return
        self._size += len(piece.encode())
        if self._size > MAX_REPLY_BYTES:
            raise ValueError(f"the agent's reply is longer than {MAX_REPLY_BYTES >> 10} KiB")
        self._text += piece
        self._on_text(piece)
        self._news.set()
