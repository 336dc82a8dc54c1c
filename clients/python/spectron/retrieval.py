"""Asks what bears on a query, in a session or in a scope."""

from datetime import datetime

from spectron.convert import context_of, time_to
from spectron.models import ContextResult
from spectron.transport import Transport
from spectron.v1.memory_service_pb2 import GetContextRequest


async def get_context(
    transport: Transport,
    target: GetContextRequest,
    *,
    query: str,
    top_k: int | None,
    max_tokens: int | None,
    as_of: datetime | None,
    include_history: bool,
    min_turn: str | None,
    timeout_s: float | None,
) -> ContextResult:
    """Calls `GetContext`.

    Args:
        transport: Makes the call.
        target: Holds the context id and where to look: a session or a scope.
        query: What to look for.
        top_k: At most this many items; None: the server's default.
        max_tokens: The budget of the formatted text; None: the server's default.
        as_of: The beliefs of this moment; None: now.
        include_history: Whether to return values that no longer hold.
        min_turn: Wait until this turn has been extracted.
        timeout_s: The deadline; None: the client's default.

    Returns:
        What bears on the query.
    """
    request = GetContextRequest(
        query=query,
        top_k=top_k or 0,
        max_tokens=max_tokens or 0,
        as_of=time_to(as_of, name="as_of"),
        include_history=include_history,
        min_turn=min_turn or "",
    )
    request.MergeFrom(target)
    response = await transport.unary(
        lambda stubs: stubs.memory.GetContext, request, timeout_s=timeout_s
    )
    return context_of(response)
