"""One call of every public method of the asynchronous client that asks the server."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

from spectron import Spectron, turns
from spectron.v1 import turn_pb2
from spectron.v1.transfer_service_pb2 import ExportContextResponse
from spectron.v1.turn_service_pb2 import GetExtractionResponse
from tests.client.scripted import ScriptedServer

CALLS: Final[dict[str, Callable[[Spectron], Any]]] = {
    "Sessions.create": lambda c: c.memory("c").sessions.create(scope={}),
    "Sessions.get": lambda c: c.memory("c").sessions.get("session:1"),
    "Sessions.list": lambda c: c.memory("c").sessions.list(scope={}),
    "Session.turn": lambda c: c.memory("c").sessions.open("session:1").turn("user", "hi"),
    "Session.turns": lambda c: c.memory("c").sessions.open("session:1").turns([]),
    "Session.context": lambda c: c.memory("c").sessions.open("session:1").context("hi"),
    "Session.history": lambda c: c.memory("c").sessions.open("session:1").history(),
    "Session.chat": lambda c: c.memory("c").sessions.open("session:1").chat("hi"),
    "Session.chat_stream": lambda c: c.memory("c").sessions.open("session:1").chat_stream("hi"),
    "Session.close": lambda c: c.memory("c").sessions.open("session:1").close(),
    "Turn.extraction": lambda c: recorded(c, turns.Turn.extraction),
    "Turn.retry_extraction": lambda c: recorded(c, turns.Turn.retry_extraction),
    "Memory.profile": lambda c: c.memory("c").profile({}),
    "Memory.context": lambda c: c.memory("c").context("hi", scope={}),
    "Memory.forget": lambda c: c.memory("c").forget({}, category="context"),
    "Memory.record_fact": lambda c: c.memory("c").record_fact({}, "role", "vet"),
    "Memory.export": lambda c: c.memory("c").export(),
    "Memory.import_": lambda c: c.memory("c").import_([]),
    "Entities.list": lambda c: c.memory("c").entities.list(scope={}),
    "Entities.get": lambda c: c.memory("c").entities.get({}, "Person", "alice"),
    "Entities.history": lambda c: c.memory("c").entities.history({}, "location"),
    "Unknowns.list": lambda c: c.memory("c").unknowns.list({}),
    "Unknowns.resolve": lambda c: c.memory("c").unknowns.resolve("unknown:1", dismiss=True),
    "Contexts.create": lambda c: c.admin.contexts.create("c"),
    "Contexts.list": lambda c: c.admin.contexts.list(),
    "Keys.create": lambda c: c.admin.keys.create(role="read"),
    "Keys.list": lambda c: c.admin.keys.list(),
    "Keys.revoke": lambda c: c.admin.keys.revoke("key:1"),
    "Admin.erase_scope": lambda c: c.admin.erase_scope({"user": "alice"}),
    "Admin.erase_context": lambda c: c.admin.erase_context("c"),
    "Admin.stats": lambda c: c.admin.stats(),
    "Admin.audit": lambda c: c.admin.audit({}),
}


async def recorded(made: Spectron, method: Callable[[turns.Turn], Coroutine[Any, Any, Any]]) -> Any:
    return await method(await made.memory("c").sessions.open("session:1").turn("user", "hi"))


async def drained(result: Any) -> Any:
    if isinstance(result, AsyncIterator):
        return [each async for each in result]
    return await result


async def make_every_call(client: Spectron, scripted: ScriptedServer) -> None:
    # Messages without any field set are answered; all of them must convert.
    done = turn_pb2.Extraction(status=turn_pb2.EXTRACTION_STATUS_DONE)
    scripted.answer("GetExtraction", GetExtractionResponse(extraction=done))
    record = ExportContextResponse()
    record.record.session.SetInParent()
    scripted.answer("ExportContext", [record])
    for call in CALLS.values():
        await drained(call(client))
