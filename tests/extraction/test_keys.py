"""Under which key something is kept: what is had, become, done well, done always, liked.

Each case is a turn and the whole of what it gives, in the short form of `support.short`.
"""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

COUNTED: list[tuple[str, set[str]]] = [
    ("I love parrots. I have two.", {"likes=parrots", "pet=two parrots"}),
    ("Do you have any children? I have three of them.", {"children=three children"}),
    ("Ferrets are the best! Yes, I have one.", {"likes=Ferrets", "pet=a ferret"}),
    ("Any tattoos? I have four.", {"appearance=four tattoos"}),
    ("I have two.", set()),
    ("Do you want any tea? I have one.", set()),
]

HAD: list[tuple[str, set[str]]] = [
    ("I have a couple of donkeys.", {"pet=a couple of donkeys"}),
    ("I have 2 teenagers.", {"children=2 teenagers"}),
    ("I ride my two donkeys.", {"habit=riding their two donkeys", "pet=two donkeys"}),
    ("I have a flat in Utrecht.", {"housing=a flat in Utrecht"}),
    ("We moved into a bungalow.", {"event=moved into a bungalow", "housing=a bungalow"}),
    ("My granddaughter laughed.", {"grandchildren=a granddaughter"}),
    ("It is windy on my parents farm.", set()),
    ("I can't find my glasses.", {"possession=glasses"}),
    (
        "I have a tattoo of a swallow on my left shoulder.",
        {"appearance=a tattoo of a swallow on their left shoulder"},
    ),
    (
        "I love my collection of thimbles.",
        {"likes=their collection of thimbles", "collects=thimbles"},
    ),
    ("I got lost on my way home.", set()),
]

LOOKS: list[tuple[str, set[str]]] = [
    ("I bleached my beard white.", {"appearance=white beard"}),
    ("I wear my hair long.", {"appearance=long hair"}),
    ("I keep my hair clean.", {"habit=keeping their hair clean"}),
    ("I want to dye my hair green.", {"goal=dye their hair green"}),
    ("I am a weak man.", set()),
]

CALLINGS: list[tuple[str, set[str]]] = [
    ("When I finish I'll be a surveyor.", {"goal=become a surveyor"}),
    ("I will not be a plumber.", set()),
    ("I'm a professional chess player.", {"role=chess player"}),
    ("I'm a chess player.", {"personality=a chess player"}),
    ("I'm a church leader.", {"role=church leader"}),
    ("I'm a born leader.", {"personality=a born leader"}),
    ("I stock shelves at Lidl.", {"employer=Lidl"}),
    ("I spend my days toiling in a mine.", {"employer=a mine"}),
    (
        "I knit when I'm not working in my bakery.",
        {"hobby=knitting", "employer=my bakery", "possession=a bakery"},
    ),
]

PROWESS: list[tuple[str, set[str]]] = [
    ("I am a fast swimmer.", {"skill=swim fast"}),
    ("I'm a really good baker.", {"skill=bake well"}),
    ("I'm a lousy dancer.", {"skill_gap=dance well"}),
    ("I'm not a good dancer.", {"skill_gap=dance well"}),
    ("I'm a good nurse.", {"role=nurse"}),
]

DONE: list[tuple[str, set[str]]] = [
    ("I'm always mending old radios.", {"habit=mending old radios"}),
    ("I read about volcanoes.", {"habit=reading about volcanoes"}),
    ("I just read an article about volcanoes.", {"event=read an article about volcanoes"}),
    ("Recovering addict here.", set()),
]

FAVORITES: list[tuple[str, set[str]]] = [
    (
        "Last night we cooked my favorite noodle soup.",
        {"event=cooked their favorite noodle soup", "likes=noodle soup"},
    ),
    ("We heard my favorite band, Pentangle.", {"favorite_band=Pentangle"}),
    ("We heard my favorite band.", set()),
    ("Is that my favorite jacket?", set()),
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [*COUNTED, *HAD, *LOOKS, *CALLINGS, *PROWESS, *DONE, *FAVORITES],
)
async def test_kept_under_its_key(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected
