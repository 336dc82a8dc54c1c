"""The blocking client is the asynchronous one, and together they call every RPC there is."""

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from spectron import Listing, Spectron, admin, client, knowledge, memory, sessions, sync, turns
from spectron.conversation import TurnRecord
from spectron.v1 import turn_pb2
from spectron.v1.transfer_service_pb2 import ExportContextResponse
from spectron.v1.turn_service_pb2 import GetExtractionResponse
from tests.client.scripted import SERVICES, ScriptedServer

PAIRS: dict[type, type] = {
    client.Spectron: sync.Spectron,
    memory.Memory: sync.Memory,
    sessions.Sessions: sync.Sessions,
    sessions.Session: sync.Session,
    turns.Turn: sync.Turn,
    knowledge.Entities: sync.Entities,
    knowledge.Unknowns: sync.Unknowns,
    admin.Admin: sync.Admin,
    admin.Contexts: sync.Contexts,
    admin.Keys: sync.Keys,
}
# The one public name that differs, as it does throughout Python.
RENAMED = {"aclose": "close"}
INSTANCE_ATTRIBUTES: dict[type, set[str]] = {sessions.Session: {"id", "info"}}

pairs = pytest.mark.parametrize(("asynchronous", "blocking"), PAIRS.items())


def public_names(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def parameters(method: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    signature = inspect.signature(method)
    return [(each.name, each.kind, each.default) for each in signature.parameters.values()]


def test_every_public_class_of_the_asynchronous_client_has_a_twin() -> None:
    found = {
        kind
        for module in (client, memory, sessions, turns, knowledge, admin)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
    }
    assert found == set(PAIRS)
    assert {kind.__name__ for kind in PAIRS.values()} == set(sync.__all__)


@pairs
def test_both_have_the_same_public_names(asynchronous: type, blocking: type) -> None:
    expected = public_names(asynchronous) | INSTANCE_ATTRIBUTES.get(asynchronous, set())
    assert public_names(blocking) == {RENAMED.get(name, name) for name in expected}


@pairs
def test_both_have_the_same_parameters(asynchronous: type, blocking: type) -> None:
    compared = 0
    for name in public_names(asynchronous):
        theirs = inspect.getattr_static(asynchronous, name)
        if inspect.isfunction(theirs):
            ours = inspect.getattr_static(blocking, RENAMED.get(name, name))
            assert inspect.isfunction(ours), name
            assert parameters(ours) == parameters(theirs), name
            compared += 1
    assert compared > 0
    if asynchronous is client.Spectron:
        assert parameters(blocking) == parameters(asynchronous)


@pairs
def test_no_blocking_method_returns_something_to_await(asynchronous: type, blocking: type) -> None:
    for name in public_names(blocking):
        ours = inspect.getattr_static(blocking, name)
        assert not inspect.iscoroutinefunction(ours), name
        assert not inspect.isasyncgenfunction(ours), name
    assert public_names(asynchronous)


@pairs
def test_every_public_method_is_documented(asynchronous: type, blocking: type) -> None:
    for kind in (asynchronous, blocking):
        assert kind.__doc__
        for name in public_names(kind):
            member = inspect.getattr_static(kind, name)
            if inspect.isfunction(member) or isinstance(member, property):
                assert member.__doc__, f"{kind.__name__}.{name}"


# One call of every public method that asks the server. The test below fails if one is missing.
CALLS: dict[str, Callable[[Spectron], Any]] = {
    "Sessions.create": lambda c: c.memory("c").sessions.create(scope={}),
    "Sessions.get": lambda c: c.memory("c").sessions.get("session:1"),
    "Sessions.list": lambda c: c.memory("c").sessions.list(scope={}),
    "Session.turn": lambda c: c.memory("c").sessions.open("session:1").turn("user", "hi"),
    "Session.turns": lambda c: c.memory("c").sessions.open("session:1").turns([]),
    "Session.context": lambda c: c.memory("c").sessions.open("session:1").context("hi"),
    "Session.history": lambda c: c.memory("c").sessions.open("session:1").history(),
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
ASK_NO_SERVER = {"Spectron.memory", "Spectron.aclose", "Sessions.open"}


async def recorded(made: Spectron, method: Callable[[turns.Turn], Coroutine[Any, Any, Any]]) -> Any:
    return await method(await made.memory("c").sessions.open("session:1").turn("user", "hi"))


async def drained(result: Any) -> Any:
    if isinstance(result, AsyncIterator):
        return [each async for each in result]
    return await result


def test_the_calls_cover_every_public_method() -> None:
    found = {
        f"{kind.__name__}.{name}"
        for kind in PAIRS
        for name in public_names(kind)
        if inspect.isfunction(inspect.getattr_static(kind, name))
    }
    assert found == set(CALLS) | ASK_NO_SERVER


async def make_every_call(client: Spectron, scripted: ScriptedServer) -> None:
    # Messages without any field set are answered; all of them must convert.
    done = turn_pb2.Extraction(status=turn_pb2.EXTRACTION_STATUS_DONE)
    scripted.answer("GetExtraction", GetExtractionResponse(extraction=done))
    record = ExportContextResponse()
    record.record.session.SetInParent()
    scripted.answer("ExportContext", [record])
    for call in CALLS.values():
        await drained(call(client))


async def test_every_rpc_is_called(client: Spectron, scripted: ScriptedServer) -> None:
    await make_every_call(client, scripted)
    expected = {method.name for service in SERVICES for method in service.methods}
    assert {each.method for each in scripted.received} == expected


async def test_every_change_carries_a_request_id(
    client: Spectron, scripted: ScriptedServer
) -> None:
    await make_every_call(client, scripted)
    changes = {
        method.name
        for service in SERVICES
        for method in service.methods
        if "request_id" in method.input_type.fields_by_name
    }
    calls = [each for each in scripted.received if each.method in changes]
    assert {each.method for each in calls} == changes
    ids = [each.requests[0].request_id for each in calls]
    assert all(ids)
    assert len(set(ids)) == len(ids)


async def test_every_call_takes_a_deadline_of_its_own() -> None:
    for name in CALLS:
        kind, _, method = name.partition(".")
        owner = next(each for each in PAIRS if each.__name__ == kind)
        assert "timeout_s" in inspect.signature(getattr(owner, method)).parameters, name


def test_listings_are_awaitable_and_iterable() -> None:
    assert hasattr(Listing, "__await__")
    assert hasattr(Listing, "__aiter__")
    assert issubclass(turns.Turn, TurnRecord)
    assert issubclass(sync.Turn, TurnRecord)
