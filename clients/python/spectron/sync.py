"""The blocking client: the same surface as `spectron.Spectron`, without `await`.

    from spectron.sync import Spectron

    with Spectron(api_key="sk-...") as client:
        memory = client.memory(context_id="assistant")
        print(memory.profile(scope={"user": "alice"}).summary)

Its calls run on one event loop in a background thread. It can be shared by threads. In code that
is asynchronous already, use `spectron.Spectron`: a blocking call would stop its event loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from spectron import admin as aio_admin
from spectron import client as aio_client
from spectron import knowledge as aio_knowledge
from spectron import memory as aio_memory
from spectron import session as aio_session
from spectron import sessions as aio_sessions
from spectron import turns as aio_turns
from spectron.client import DEFAULT_RETRY, DEFAULT_TIMEOUT_S
from spectron.conversation import SessionInfo, TurnRecord
from spectron.portal import Portal
from spectron.retry import RetryPolicy
from spectron.twin import (
    blocking,
    blocking_as,
    blocking_each,
    iterated,
    listed,
    listed_as,
    opened_as,
)

__all__ = [
    "Admin",
    "Contexts",
    "Entities",
    "Keys",
    "Memory",
    "Session",
    "Sessions",
    "Spectron",
    "Turn",
    "Unknowns",
]

_Twin = TypeVar("_Twin")


class _Blocking(Generic[_Twin]):
    """Wraps an asynchronous object."""

    def __init__(self, twin: _Twin, portal: Portal) -> None:
        self._twin = twin
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._twin)


@dataclass(frozen=True, kw_only=True)
class Turn(TurnRecord):
    """A recorded turn. It is on disk, and will be extracted whatever happens to the server."""

    _twin: aio_turns.Turn = field(repr=False, compare=False)
    _portal: Portal = field(repr=False, compare=False)

    extraction = blocking(aio_turns.Turn.extraction)
    retry_extraction = blocking(aio_turns.Turn.retry_extraction)

    @classmethod
    def _of(cls, twin: aio_turns.Turn, portal: Portal) -> Self:
        record = {each.name: getattr(twin, each.name) for each in fields(TurnRecord)}
        return cls(**record, _twin=twin, _portal=portal)


class Session(_Blocking[aio_session.Session]):
    """One conversation. Memory is kept by scope: all sessions of a scope feed one memory."""

    turn = blocking_as(Turn._of, aio_session.Session.turn)  # noqa: SLF001 -- made here only.
    turns = blocking_each(Turn._of, aio_session.Session.turns)  # noqa: SLF001
    context = blocking(aio_session.Session.context)
    history = listed_as(Turn._of, aio_session.Session.history)  # noqa: SLF001
    chat = blocking(aio_session.Session.chat)
    chat_stream = iterated(aio_session.Session.chat_stream)
    close = blocking(aio_session.Session.close)
    disconnect = blocking(aio_session.Session.aclose)

    @property
    def id(self) -> str:
        """The session's id."""
        return self._twin.id

    @property
    def info(self) -> SessionInfo | None:
        """What the server said of it; None if it was only opened by its id."""
        return self._twin.info

    @property
    def scope(self) -> Mapping[str, str] | None:
        """Whose memory it feeds; None if it was only opened by its id."""
        return self._twin.scope


class Sessions(_Blocking[aio_sessions.Sessions]):
    """The sessions of a context."""

    create = blocking_as(Session, aio_sessions.Sessions.create)
    open = opened_as(Session, aio_sessions.Sessions.open)
    get = blocking_as(Session, aio_sessions.Sessions.get)
    list = listed_as(Session, aio_sessions.Sessions.list)


class Entities(_Blocking[aio_knowledge.Entities]):
    """The people, pets, organisations and projects that something is known of."""

    list = listed(aio_knowledge.Entities.list)
    get = blocking(aio_knowledge.Entities.get)
    history = listed(aio_knowledge.Entities.history)


class Unknowns(_Blocking[aio_knowledge.Unknowns]):
    """The doubts that await review."""

    list = listed(aio_knowledge.Unknowns.list)
    resolve = blocking(aio_knowledge.Unknowns.resolve)


class Memory(_Blocking[aio_memory.Memory]):
    """One application's memory. Made by `Spectron.memory`."""

    profile = blocking(aio_memory.Memory.profile)
    context = blocking(aio_memory.Memory.context)
    forget = blocking(aio_memory.Memory.forget)
    record_fact = blocking(aio_memory.Memory.record_fact)
    export = iterated(aio_memory.Memory.export)
    import_ = blocking(aio_memory.Memory.import_)

    @property
    def sessions(self) -> Sessions:
        """The conversations."""
        return Sessions(self._twin.sessions, self._portal)

    @property
    def entities(self) -> Entities:
        """What is known, by entity."""
        return Entities(self._twin.entities, self._portal)

    @property
    def unknowns(self) -> Unknowns:
        """The doubts that await review."""
        return Unknowns(self._twin.unknowns, self._portal)


class Contexts(_Blocking[aio_admin.Contexts]):
    """The contexts of a server."""

    create = blocking(aio_admin.Contexts.create)
    list = listed(aio_admin.Contexts.list)


class Keys(_Blocking[aio_admin.Keys]):
    """The API keys of a server."""

    create = blocking(aio_admin.Keys.create)
    list = listed(aio_admin.Keys.list)
    revoke = blocking(aio_admin.Keys.revoke)


class Admin(_Blocking[aio_admin.Admin]):
    """The administration of a server. Made by `Spectron.admin`."""

    erase_scope = blocking(aio_admin.Admin.erase_scope)
    erase_context = blocking(aio_admin.Admin.erase_context)
    stats = blocking(aio_admin.Admin.stats)
    audit = listed(aio_admin.Admin.audit)

    @property
    def contexts(self) -> Contexts:
        """The contexts."""
        return Contexts(self._twin.contexts, self._portal)

    @property
    def keys(self) -> Keys:
        """The API keys."""
        return Keys(self._twin.keys, self._portal)


class Spectron(_Blocking[aio_client.Spectron]):
    """A blocking client of a Spectron server. Nothing is connected until the first call."""

    memory = opened_as(Memory, aio_client.Spectron.memory)

    def __init__(
        self,
        api_key: str | None = None,
        *,
        endpoint: str | None = None,
        tls: bool | None = None,
        root_certificates: str | Path | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        """Makes a client; the arguments are those of `spectron.Spectron`."""
        twin = aio_client.Spectron(
            api_key,
            endpoint=endpoint,
            tls=tls,
            root_certificates=root_certificates,
            timeout_s=timeout_s,
            retry=retry,
        )
        super().__init__(twin, Portal())

    @property
    def admin(self) -> Admin:
        """The administration of the server; needs a key of role admin."""
        return Admin(self._twin.admin, self._portal)

    def close(self) -> None:
        """Closes the connection and ends the background thread. Closing twice changes nothing."""
        self._portal.close(self._twin.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
