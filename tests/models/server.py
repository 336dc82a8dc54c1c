"""A local server that speaks the protocol of a model endpoint and answers by a script.

It is a real HTTP server on a real port, so that timeouts, aborted requests and broken connections
are those of the network. What it answers is decided by a function that each test brings; what a
request held, and whether its client went away before the answer was complete, is kept.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import h11

MODEL: Final = "scripted"
_MAX_BODY: Final = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """A request for a completion.

    Attributes:
        headers: Its headers, names in lower case.
        body: Its fields.
        aborted: Set when the client went away before the answer was complete.
    """

    headers: dict[str, str]
    body: dict[str, Any]
    aborted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def prompt(self) -> str:
        """All messages, one after the other."""
        return "\n".join(message["content"] for message in self.body["messages"])


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server answers.

    Attributes:
        status: The HTTP status.
        body: The body, to be encoded as JSON unless it is bytes.
        pieces: The parts of a streamed answer, sent instead of a body.
        hold: Waited for, if given, before the body or before each piece but the first.
        break_off: The connection is closed before the answer is complete.
        headers: Further headers.
    """

    status: int = 200
    body: Any = None
    pieces: Sequence[bytes] | None = None
    hold: asyncio.Event | None = None
    break_off: bool = False
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[ModelRequest], Answer | Awaitable[Answer]]


def completion(
    content: str | None,
    *,
    finish_reason: str | None = "stop",
    prompt_tokens: int = 11,
    completion_tokens: int = 7,
    **message: object,
) -> Answer:
    """Returns a whole answer with a text."""
    return Answer(
        body={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": MODEL,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content, **message},
                    "finish_reason": finish_reason,
                }
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }
    )


def chunk(content: str | None, *, finish_reason: str | None = None, **delta: object) -> bytes:
    """Returns a part of a streamed answer."""
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "delta": ({} if content is None else {"content": content}) | delta,
                "finish_reason": finish_reason,
            }
        ],
    }
    return b"data: " + json.dumps(document).encode() + b"\n\n"


DONE: Final = b"data: [DONE]\n\n"


def streamed(
    *texts: str,
    finish_reason: str | None = "stop",
    hold: asyncio.Event | None = None,
    break_off: bool = False,
) -> Answer:
    """Returns a streamed answer: the role, the texts, the reason for the end."""
    pieces = [chunk("", role="assistant"), *(chunk(text) for text in texts)]
    if finish_reason is not None:
        pieces.append(chunk(None, finish_reason=finish_reason))
    if not break_off:
        pieces.append(DONE)
    return Answer(pieces=pieces, hold=hold, break_off=break_off)


def refusal(status: int, message: str, *, code: object = None) -> Answer:
    """Returns an error as engines word them."""
    return Answer(
        status=status,
        body={"error": {"message": message, "type": "Error", "param": None, "code": code}},
    )


def listing(**fields: object) -> Answer:
    """Returns the list of what is served: one model, and what else is told of it."""
    return Answer(body={"object": "list", "data": [{"id": MODEL, "object": "model", **fields}]})


class ModelServer:
    """A running server."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.healthy = True
        self.models = listing()
        self.requests: list[ModelRequest] = []
        self.under_way = 0
        self.most_under_way = 0
        self.port = 0
        self._changed = asyncio.Condition()
        self._connections: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self) -> None:
        """Listens, on the same port each time."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the port and every connection, as a killed process would."""
        if self._listener is not None:
            self._listener.close()
            for writer in tuple(self._connections):
                writer.transport.abort()
            await self._listener.wait_closed()
            self._listener = None

    async def busy(self, requests: int) -> None:
        """Waits until so many requests are under way."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self.under_way >= requests)

    async def arrived(self) -> None:
        """Waits until a request comes or goes."""
        async with self._changed:
            await self._changed.wait()

    async def _count(self, change: int) -> None:
        async with self._changed:
            self.under_way += change
            self.most_under_way = max(self.most_under_way, self.under_way)
            self._changed.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        connection = h11.Connection(h11.SERVER)
        try:
            while (request := await _receive(connection, reader)) is not None:
                await self._respond(connection, reader, writer, *request)
                if connection.our_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            pass
        finally:
            self._connections.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _respond(
        self,
        connection: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: h11.Request,
        body: bytes,
    ) -> None:
        path = head.target.decode()
        if path == "/health":
            await _send(connection, writer, Answer(status=200 if self.healthy else 503))
        elif path == "/v1/models":
            await _send(connection, writer, self.models)
        elif path == "/v1/chat/completions" and head.method == b"POST":
            headers = {name.decode(): value.decode() for name, value in head.headers}
            request = ModelRequest(headers=headers, body=json.loads(body))
            self.requests.append(request)
            await self._count(1)
            try:
                await self._complete(connection, reader, writer, request)
            finally:
                await self._count(-1)
        else:
            await _send(connection, writer, refusal(404, "Not Found"))

    async def _complete(
        self,
        connection: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        request: ModelRequest,
    ) -> None:
        # Nothing comes after a request but the end of its connection.
        gone = asyncio.create_task(_closed(reader))
        answering = asyncio.create_task(self._answer(connection, writer, request))
        await asyncio.wait({gone, answering}, return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, answering):
            if not task.done():
                task.cancel()
        results = await asyncio.gather(gone, answering, return_exceptions=True)
        if results[0] is True and connection.our_state is not h11.DONE:
            request.aborted.set()
            raise ConnectionResetError
        if isinstance(results[1], BaseException):
            raise results[1]

    async def _answer(
        self, connection: h11.Connection, writer: asyncio.StreamWriter, request: ModelRequest
    ) -> None:
        answer = self.script(request)
        if not isinstance(answer, Answer):
            answer = await answer
        if answer.pieces is None and answer.hold is not None:
            await answer.hold.wait()
        await _send(connection, writer, answer)


async def _receive(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request, bytes] | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            assert len(body) <= _MAX_BODY
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            return head, bytes(body)
        else:
            return None


async def _send(connection: h11.Connection, writer: asyncio.StreamWriter, answer: Answer) -> None:
    async def put(event: h11.Event) -> None:
        writer.write(connection.send(event) or b"")
        await writer.drain()

    if answer.pieces is None:
        content = (
            answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        )
        pieces: Sequence[bytes] = [content]
        kind = "application/json"
    else:
        pieces, kind = answer.pieces, "text/event-stream"
    headers = {"content-type": kind, "transfer-encoding": "chunked", **answer.headers}
    await put(h11.Response(status_code=answer.status, headers=list(headers.items())))
    for number, piece in enumerate(pieces):
        if number and answer.hold is not None:
            await answer.hold.wait()
        await put(h11.Data(data=piece))
    if answer.break_off:
        writer.transport.abort()
        raise ConnectionResetError
    await put(h11.EndOfMessage())


async def _closed(reader: asyncio.StreamReader) -> bool:
    return not await reader.read(1)


@contextlib.asynccontextmanager
async def serving(script: Script) -> AsyncIterator[ModelServer]:
    """Runs a server until the block is left."""
    server = ModelServer(script)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
