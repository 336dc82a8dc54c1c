"""Who must not eat what: allergies of the user, of relatives and of others."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

TOLD: list[tuple[str, set[str]]] = [
    (
        "Nora, my daughter, is allergic to cashews",
        {"daughter=Nora", "Person/Nora allergy=cashews"},
    ),
    ("Ravi, my cousin, lives in Leeds.", {"relative=Ravi", "Person/Ravi location=Leeds"}),
    ("I have a really bad wasp allergy.", {"allergy=wasp (severe)"}),
    (
        "My son Theo has a life-threatening egg and sesame allergy",
        {
            "son=Theo",
            "Person/Theo allergy=egg (severe)",
            "Person/Theo allergy=sesame (severe)",
        },
    ),
    ("I've got seasonal allergies.", {"health=seasonal allergies"}),
    ("I can't eat shellfish, I'm allergic.", {"allergy=shellfish"}),
    (
        "Emma can't eat hazelnuts or almonds. Anaphylaxis, the works",
        {"Person/Emma allergy=hazelnuts", "Person/Emma allergy=almonds"},
    ),
    ("Emma is allergic to latex.", {"Person/Emma allergy=latex"}),
    # What only resembles that.
    ("Emma can't have coffee. I am allergic to cats.", {"allergy=cats"}),
    ("I can't eat pork.", {"abstains_from=eating pork"}),
    ("I can't have gluten. My boss is allergic to it.", {"abstains_from=gluten"}),
    ("Emma is a nurse. She has an EpiPen.", set()),
    ("Emma works with allergy patients.", set()),
    ("I have a severe allergy.", set()),
    ("I have no allergies.", set()),
    ("Oslo, my favorite city, is cold.", {"favorite_city=Oslo"}),
]


@pytest.mark.parametrize(("line", "expected"), TOLD)
async def test_allergies(line: str, expected: set[str], builtin: BuiltinExtractor) -> None:
    assert short(await extract(builtin, line)) == expected
