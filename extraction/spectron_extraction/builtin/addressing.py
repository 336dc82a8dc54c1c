"""How the user wants to be called: "call me Jay", "address me formally"."""

from collections.abc import Iterator

from spectron_extraction.builtin.answer_words import TONES
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import cut, name_like, written
from spectron_extraction.ontology import ValueType


def called(text: str, tokens: Phrase) -> Iterator[tuple[str, str]]:
    """Yields the key and the value of an order to call the user something.

    Args:
        text: The turn's content.
        tokens: The order, which holds "me".
    """
    start = next(i for i, token in enumerate(tokens) if token.norm == "me") + 1
    if tokens[start : start + 1] and tokens[start].norm in {"as", "by"}:
        start += 1
    manner = tokens[start].norm.removesuffix("ly") if len(tokens) == start + 1 else ""
    if manner in TONES:
        yield "tone", manner
        return
    name = cut(
        tokens[start:],
        at=frozenset({"from", "instead", "not", "and", "please", "if", "by", ","}),
    )
    if name_like(name) and name[0].norm not in {"back", "later", "when", "crazy", "a", "an", "old"}:
        value = written(text, name, ValueType.PERSON)
        if value:
            yield "address_as", value
