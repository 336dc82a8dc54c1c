"""What one did without and does again: "I eat meat again" ends "vegetarian" and "no meat"."""

from collections.abc import Iterator, Sequence
from typing import Final

from spectron_extraction.builtin.claims import Claim, end_of
from spectron_extraction.builtin.endings import stems
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef, KnownAttribute

_MEAT: Final = word_set("meat chicken beef pork lamb bacon steak burgers ham sausages turkey")
_FISH: Final = word_set("fish seafood salmon tuna")
_ANIMAL_PRODUCTS: Final = word_set("dairy cheese eggs milk butter yogurt honey")
_CARBS: Final = word_set("carbs bread pasta rice potatoes sugar")
_EXCLUDED: Final[dict[str, frozenset[str]]] = {
    "vegetarian": _MEAT | _FISH,
    "pescatarian": _MEAT,
    "vegan": _MEAT | _FISH | _ANIMAL_PRODUCTS,
    "plant-based": _MEAT | _FISH | _ANIMAL_PRODUCTS,
    "keto": _CARBS,
    "low-carb": _CARBS,
    "gluten-free": word_set("gluten bread pasta wheat"),
    "dairy-free": word_set("dairy cheese milk butter yogurt"),
    "carnivore": word_set("vegetables veg veggies"),
}
"""What a diet rules out."""

_CONSUMING: Final = word_set("eat eating ate drink drinking drank smoke smoking smoked have having")
_OPENINGS: Final = word_set("i we started am back now so and actually well ok eating drinking")
_NOT_DONE: Final = word_set(
    "not never no if might may would could should want hope plan planning thinking cannot wish "
    "almost nearly you he she they dream dreamed accident accidentally mistake"
)


def lapses(tokens: Phrase, known: Sequence[KnownAttribute], user: EntityRef) -> Iterator[Claim]:
    """Yields the ends of diets and abstentions that a clause says are given up.

    Args:
        tokens: The clause.
        known: What is believed.
        user: The user.
    """
    norms = [token.norm for token in tokens]
    place = next((i for i, norm in enumerate(norms) if norm in _CONSUMING), -1)
    told = place >= 0 and norms[0] in _OPENINGS and not set(norms) & _NOT_DONE
    if not told or not ("again" in norms or "back to" in words(tokens[:place])):
        return
    taken = stems(" ".join(norms[place + 1 :]))
    for attribute in known:
        if attribute.entity != user:
            continue
        if attribute.key == "diet":
            excluded = _EXCLUDED.get(attribute.value.lower(), frozenset())
            if any(stems(food) <= taken for food in excluded):
                yield end_of(attribute, tokens)
        elif attribute.key == "abstains_from":
            forgone = stems(attribute.value)
            verbs = forgone & _VERBS
            if (forgone - verbs or verbs) <= taken | stems(norms[place]):
                yield end_of(attribute, tokens)


_VERBS: Final = stems(" ".join(_CONSUMING))
