"""What a sentence tells beside its point: leanings, an age let slip, pets and children by name."""

from collections.abc import Iterator

from spectron_extraction.builtin.children import aged_children
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.dwelling import located
from spectron_extraction.builtin.entities import Discourse
from spectron_extraction.builtin.leanings import leaning_claims
from spectron_extraction.builtin.longings import longing_claims
from spectron_extraction.builtin.pets import pet_claims
from spectron_extraction.builtin.slips import slip_claims
from spectron_extraction.builtin.speech_acts import Statement


def incidental_claims(
    text: str, statement: Statement, discourse: Discourse, told: list[tuple[str, str]]
) -> Iterator[Claim]:
    """Yields what a sentence tells beside its point.

    Args:
        text: The turn's content.
        statement: The sentence.
        discourse: Whom it may be about.
        told: Keys and values that are known of the user or were told in this turn. The pets and
            children that are found join them.
    """
    if statement.question:
        return
    user = discourse.user
    yield from located(text, statement.tokens, user)
    yield from longing_claims(text, statement.tokens, user)
    if not statement.clauses:
        return
    if not statement.request:
        yield from leaning_claims(text, statement.stated, user)
        keys = {key for key, _ in told}
        slips = slip_claims(text, statement.stated, user)
        yield from (claim for claim in slips if claim.key not in keys)
        for claim in pet_claims(text, statement.stated, told, user):
            told.append((claim.key, claim.value or ""))
            yield claim
    for claim in aged_children(text, statement.tokens, discourse, told):
        told.append((claim.key, claim.value or ""))
        yield claim
