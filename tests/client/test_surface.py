"""The blocking client is the asynchronous one, without `await`."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from spectron import (
    Listing,
    admin,
    client,
    knowledge,
    memory,
    session,
    sessions,
    sync,
    turns,
)
from spectron.conversation import TurnRecord
from tests.client.every_call import CALLS

PAIRS: dict[type, type] = {
    client.Spectron: sync.Spectron,
    memory.Memory: sync.Memory,
    sessions.Sessions: sync.Sessions,
    session.Session: sync.Session,
    turns.Turn: sync.Turn,
    knowledge.Entities: sync.Entities,
    knowledge.Unknowns: sync.Unknowns,
    admin.Admin: sync.Admin,
    admin.Contexts: sync.Contexts,
    admin.Keys: sync.Keys,
}
# What closes a connection is `close` throughout Python, but that closes a session on the server.
RENAMED = {client.Spectron: {"aclose": "close"}, session.Session: {"aclose": "disconnect"}}
INSTANCE_ATTRIBUTES: dict[type, set[str]] = {session.Session: {"id", "info"}}

pairs = pytest.mark.parametrize(("asynchronous", "blocking"), PAIRS.items())


def public_names(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def parameters(method: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    signature = inspect.signature(method)
    return [(each.name, each.kind, each.default) for each in signature.parameters.values()]


def test_every_public_class_of_the_asynchronous_client_has_a_twin() -> None:
    found = {
        kind
        for module in (client, memory, session, sessions, turns, knowledge, admin)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
    }
    assert found == set(PAIRS)
    assert {kind.__name__ for kind in PAIRS.values()} == set(sync.__all__)


@pairs
def test_both_have_the_same_public_names(asynchronous: type, blocking: type) -> None:
    expected = public_names(asynchronous) | INSTANCE_ATTRIBUTES.get(asynchronous, set())
    renamed = RENAMED.get(asynchronous, {})
    assert public_names(blocking) == {renamed.get(name, name) for name in expected}


@pairs
def test_both_have_the_same_parameters(asynchronous: type, blocking: type) -> None:
    compared = 0
    for name in public_names(asynchronous):
        theirs = inspect.getattr_static(asynchronous, name)
        if inspect.isfunction(theirs):
            ours = inspect.getattr_static(blocking, RENAMED.get(asynchronous, {}).get(name, name))
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


ASK_NO_SERVER = {"Spectron.memory", "Spectron.aclose", "Sessions.open", "Session.aclose"}


def test_the_calls_cover_every_public_method() -> None:
    found = {
        f"{kind.__name__}.{name}"
        for kind in PAIRS
        for name in public_names(kind)
        if inspect.isfunction(inspect.getattr_static(kind, name))
    }
    assert found == set(CALLS) | ASK_NO_SERVER


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
