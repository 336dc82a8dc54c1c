"""Who is let in: the key, the context and the deadline of a call, and what its handler needs."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar, cast

import grpc
from google.protobuf.message import Message

from spectron_server.domain.access import KeyRole
from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import FieldViolation, InvalidFieldError
from spectron_server.domain.scope import Scope
from spectron_server.rpc import validation
from spectron_server.service.caller import Caller, Gate
from spectron_server.service.once import Once
from spectron_server.service.retrieval import Foreseen

Handler = TypeVar("Handler", bound=Callable[..., Any])

_DEFAULT_DEADLINE: Final = timedelta(seconds=60)
# The answer has to travel before the caller's own clock runs out.
_MARGIN: Final = timedelta(milliseconds=50)
_REQUEST_ID: Final = re.compile(r"[\x20-\x7e]{1,128}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call under way.

    Attributes:
        caller: Who calls, in which context.
        until: When an answer is due.
        reads: The scope that it reads, if its handler is marked so and the scope is a good one.
        once: The request's identity, if it is to be answered at most once.
        ahead: What was begun for it before it was let in; cancelled when the call ends.
    """

    caller: Caller
    until: datetime
    reads: Scope | None = None
    once: Once | None = None
    ahead: Foreseen | None = None


Ahead: TypeAlias = Callable[[Any, Any, Scope | None], Foreseen | None]
"""Begins what a handler will need: given the object of the handler, the request and its scope."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What a handler needs.

    Attributes:
        role: The role of its callers.
        context: Whether the call is about one context.
        reads: Whether it reads, once and at once, what the request's scope sees.
        ahead: What may begin while the database is asked about a key that was good lately.
        asks: Whether it asks about such a key itself, with what it does: see `Caller.proven`.
    """

    role: KeyRole
    context: bool
    reads: bool
    ahead: Ahead | None
    asks: bool


def needs(
    role: KeyRole,
    *,
    context: bool = True,
    reads: bool = False,
    ahead: Ahead | None = None,
    asks: bool = False,
) -> Callable[[Handler], Handler]:
    """Marks a handler with what it needs."""

    def mark(handler: Handler) -> Handler:
        handler.needs = Needs(  # type: ignore[attr-defined]
            role=role, context=context, reads=reads, ahead=ahead, asks=asks
        )
        return handler

    return mark


class Door:
    """Lets calls in."""

    def __init__(self, gate: Gate, clock: Clock) -> None:
        self._gate = gate
        self._clock = clock

    async def require_key(self, handler: Callable[..., Any], secret: str) -> None:
        """Checks the key of a stream at once: strangers must not hold one by saying nothing."""
        required: Needs = handler.needs  # type: ignore[attr-defined]
        await self._gate.admit_to_server(secret, required.role)

    async def admit(
        self,
        name: str,
        handler: Callable[..., Any],
        request: Message,
        secret: str,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> Call:
        """Lets a call in, or raises the error that it is refused with.

        The caller is not `proven` if the handler asks about the key itself. Should it fail,
        `prove` has to be called: what is wrong with the key comes before all else.
        """
        required: Needs = handler.needs  # type: ignore[attr-defined]
        reads = _scope(request) if required.reads else None
        ahead = None
        if required.ahead is not None and self._gate.was_good(secret):
            ahead = required.ahead(handler.__self__, request, reads)  # type: ignore[attr-defined]
        try:
            caller = await self._caller(required, request, secret, reads)
        except BaseException:
            if ahead is not None:
                ahead.vectors.cancel()
            raise
        # The stubs leave out that a call without a deadline has none.
        left_s = cast("float | None", context.time_remaining())
        wait = _DEFAULT_DEADLINE if left_s is None else timedelta(seconds=min(left_s, 3_600))
        return Call(
            caller=caller,
            until=self._clock.now() + wait - _MARGIN,
            reads=reads,
            once=_once(name, request),
            ahead=ahead,
        )

    async def prove(self, handler: Callable[..., Any], request: Message, secret: str) -> None:
        """Asks about the key of a call that was let in without."""
        required: Needs = handler.needs  # type: ignore[attr-defined]
        context_id: str = request.context_id  # type: ignore[attr-defined]
        await self._gate.admit(secret, context_id, required.role)

    async def _caller(
        self, required: Needs, request: Message, secret: str, reads: Scope | None
    ) -> Caller:
        if not required.context:
            return await self._gate.admit_to_server(secret, required.role)
        context_id: str = request.context_id  # type: ignore[attr-defined]
        if required.asks:
            caller = self._gate.unproven(secret, context_id, required.role)
            if caller is not None:
                return caller
        return await self._gate.admit(secret, context_id, required.role, reads)


def secret_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """Returns what a call shows as its key; empty if it shows none."""
    for name, value in metadata:
        if name == "authorization":
            scheme, _, secret = str(value).partition(" ")
            return secret.strip() if scheme.lower() == "bearer" else ""
    return ""


def _scope(request: Message) -> Scope | None:
    """Returns the scope of a request, if it has a good one: others are the handler's to refuse."""
    if not request.HasField("scope"):
        return None
    try:
        return validation.scope(request.scope)  # type: ignore[attr-defined]
    except InvalidFieldError:
        return None


def _once(name: str, request: Message) -> Once | None:
    request_id: str = getattr(request, "request_id", "")
    if not request_id:
        return None
    if not _REQUEST_ID.fullmatch(request_id):
        violation = FieldViolation("request_id", "must be up to 128 printable ASCII characters")
        raise InvalidFieldError([violation])
    request.ClearField("request_id")
    body = name.encode() + b"\0" + request.SerializeToString(deterministic=True)
    request.request_id = request_id  # type: ignore[attr-defined]
    return Once(request_id=request_id, fingerprint=hashlib.sha256(body).digest())
