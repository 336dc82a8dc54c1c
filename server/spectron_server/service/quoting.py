"""Turns as they are quoted: a turn keeps what was said, and is shown without its secrets."""

import asyncio
from collections.abc import Sequence
from typing import Final

from spectron_server.domain.context_text import ContextKind
from spectron_server.domain.sensitive import without_secrets
from spectron_server.index.hits import Hit
from spectron_server.index.items import IndexItem
from spectron_server.index.scope_index import ScopeIndex

# Secrets are looked for in so many characters before other calls get their turn.
_AT_ONCE: Final = 8_192


async def quoted(hits: Sequence[Hit], indexes: Sequence[ScopeIndex]) -> dict[str, str]:
    """Returns what is quoted of the turns that were found.

    Args:
        hits: What was found.
        indexes: Where.

    Returns:
        The texts of the turns, by id, without the secrets in them.
    """
    quotations: dict[str, str] = {}
    unknown: list[tuple[ScopeIndex, IndexItem]] = []
    for item in (hit.item for hit in hits if hit.item.kind is ContextKind.TURN):
        index = next(index for index in indexes if item.id in index)
        quotation = index.quotations.get(item)
        if quotation is None:
            unknown.append((index, item))
        else:
            quotations[item.id] = quotation
    texts = [item.text for _, item in unknown]
    if sum(map(len, texts)) <= _AT_ONCE:
        found = list(map(without_secrets, texts))
    else:
        found = await asyncio.to_thread(lambda: list(map(without_secrets, texts)))
    for (index, item), quotation in zip(unknown, found, strict=True):
        quotations[item.id] = quotation
        if item.id in index:
            index.quotations.keep(item, quotation)
    return quotations
