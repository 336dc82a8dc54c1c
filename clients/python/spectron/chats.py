"""The chats of one session: how it chats, and a link for each event loop that uses it."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import Final

from spectron.chat import ChatEvent, ChatOptions
from spectron.chat_frames import open_frame
from spectron.chat_link import ChatLink
from spectron.transport import Transport, checked_timeout

_LONGEST_ID: Final = 128
_PRINTABLE: Final = frozenset(map(chr, range(0x20, 0x7F)))


class Chats:
    """Sends the messages of a session."""

    def __init__(
        self,
        *,
        transport: Transport,
        context_id: str,
        session_id: str,
        options: ChatOptions,
    ) -> None:
        self._transport = transport
        self._options = options
        self._opening = open_frame(context_id=context_id, session_id=session_id, options=options)
        self._links: dict[asyncio.AbstractEventLoop, ChatLink] = {}
        self._lock = threading.Lock()

    def converse(
        self, content: str, message_id: str | None, timeout_s: float | None
    ) -> AsyncGenerator[ChatEvent, None]:
        """Sends a message.

        Args:
            content: What the user said.
            message_id: Its id; None: a new one.
            timeout_s: How long it may take; None: what its parts may take by themselves.

        Returns:
            What happens, until it is done.

        Raises:
            ValueError: The id is none, or the time is not positive.
        """
        options = self._options
        if timeout_s is None:
            timeout_s = options.agent_s + options.extraction_s + self._transport.timeout_s
        message_id = self._transport.request_id(message_id)
        if not (
            0 < len(message_id) <= _LONGEST_ID and message_id.isascii() and message_id.isprintable()
        ):
            # The server could not tell to which message its refusal belongs.
            raise ValueError(f"message_id must be 1 to {_LONGEST_ID} printable ASCII characters")
        return self._link().converse(message_id, content, timeout_s=checked_timeout(timeout_s))

    async def aclose(self) -> None:
        """Closes the streams; messages under way fail."""
        with self._lock:
            links, self._links = self._links, {}
        here = asyncio.get_running_loop()
        for loop, link in links.items():
            if loop is here:
                await link.aclose()
            elif not loop.is_closed():
                # The streams belong to a loop that runs in another thread, or will run again.
                asyncio.run_coroutine_threadsafe(link.aclose(), loop)

    def _link(self) -> ChatLink:
        loop = asyncio.get_running_loop()
        with self._lock:
            link = self._links.get(loop)
            if link is None or link.closed:
                # Loops that ended without closing the session would otherwise pile up here.
                self._links = {
                    known: each for known, each in self._links.items() if not known.is_closed()
                }
                self._links[loop] = ChatLink(
                    transport=self._transport, opening=self._opening, options=self._options
                )
            return self._links[loop]
