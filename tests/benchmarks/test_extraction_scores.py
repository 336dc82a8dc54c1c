"""How the extraction benchmark counts, part by part."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spectron_extraction.ontology import Ontology
from tests.benchmarks import personabench, personaext, statebench
from tests.benchmarks.expectations import Item, State, parse
from tests.benchmarks.learners import Doubt, Held, Learned
from tests.benchmarks.overlap import Tally, holds_words, overlaps
from tests.benchmarks.written import LEVELS, Case, Change, score_case, score_change

AT = datetime(2024, 5, 8, tzinfo=UTC)


def held(key: str, value: str, *, category: str = "identity", status: str = "active") -> Held:
    return Held(
        entity_type="Person",
        entity_name="ada",
        category=category,
        key=key,
        value=value,
        status=status,
    )


def doubt(key: str, value: str, *, still: bool = True) -> Doubt:
    return Doubt(
        entity_type="Person",
        entity_name="ada",
        category="identity",
        key=key,
        value=value,
        open=still,
    )


def case(*lines: str) -> Case:
    return Case(
        id="ada",
        half="check",
        voice="terse",
        kind="fact",
        sessions=(),
        expects=tuple(map(parse, lines)),
    )


def change(**lines: str) -> Change:
    return Change(
        id="ada",
        half="check",
        voice="terse",
        kind="move",
        sessions=(),
        expects={check: (parse(line),) for check, line in lines.items()},
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("two small dogs", "dogs", True),
        ("a cat", "the cat", True),
        ("a cat", "a house", False),
        ("New York City", "York, Pennsylvania", True),
        ("green tea with milk", "black coffee with sugar", False),
        ("", "cat", False),
        ("me", "ME", True),
    ],
)
def test_values_overlap_by_half_of_the_shorter(one: str, other: str, *, expected: bool) -> None:
    assert overlaps(one, other) is expected
    assert overlaps(other, one) is expected


def test_words_are_whole_unless_marked() -> None:
    assert holds_words("Running in Oslo", ["oslo", "run*"])
    assert not holds_words("Running in Oslo", ["run"])
    assert not holds_words("Oslofjord", ["oslo"])
    assert holds_words("Malmö", ["malmö"])


def test_rates_of_nothing_are_perfect_but_worth_nothing_together() -> None:
    assert Tally().precision == Tally().recall == 1
    missed = Tally(expected=2)
    assert (missed.precision, missed.recall, missed.f1) == (1, 0, 0)
    both = Tally(expected=4, found=2, extracted=4, right=1) + Tally(extracted=1, right=1)
    assert (both.precision, both.recall) == (0.4, 0.5)
    assert both.f1 == pytest.approx(4 / 9)


def test_a_triple_is_found_with_and_without_its_category() -> None:
    utterance = personaext.Utterance(
        text="i have two dogs", triples=(personaext.Triple(relation="have_pet", object="dogs"),)
    )
    categories = personaext.categories_by_relation(Ontology.load())
    wrong = [
        held("likes", "two dogs", category="knowledge"),
        held("likes", "rain", category="knowledge"),
    ]
    scored = personaext.score(utterance, wrong, categories)
    assert scored.plain == Tally(expected=1, found=1, extracted=2, right=1)
    assert scored.in_category == Tally(expected=1, found=0, extracted=2, right=0)
    scored = personaext.score(utterance, [held("pet", "two dogs")], categories)
    assert scored.in_category == Tally(expected=1, found=1, extracted=1, right=1)


def test_the_mapping_of_relations_is_published() -> None:
    """docs/extraction.md has a row for each group of relations with like keys."""
    page = (Path(__file__).parents[2] / "docs" / "extraction.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in page.splitlines() if line.startswith("| `")]
    categories = personaext.categories_by_relation(Ontology.load())
    published = {
        relation: (frozenset(named.replace(",", " ").split()), tuple(re.findall(r"`(\w+)`", keys)))
        for relations, named, keys in rows
        for relation in re.findall(r"`(\w+)`", relations)
    }
    assert published == {
        relation: (categories[relation], keys)
        for relation, keys in personaext.KEYS_BY_RELATION.items()
    }


def test_an_expectation_names_state_entity_keys_and_words() -> None:
    expected = parse("past of Aoife|sister identity:role/employer|context:any=vet|animal doctor")
    fits = Item(
        subject=False,
        entity="my sister",
        state=State.PAST,
        category="identity",
        key="role",
        value="Doctor for every animal",
    )
    assert str(expected).startswith("past of Aoife")
    assert expected.category == "identity"
    assert expected.fits(fits)
    assert str(fits) == "past of my sister identity:role=Doctor for every animal"
    assert not expected.fits(
        Item(
            subject=False,
            entity="my sister",
            state=State.CURRENT,
            category="identity",
            key="role",
            value="vet",
        )
    )


@pytest.mark.parametrize("level", LEVELS)
def test_a_case_counts_what_is_right_wrong_and_neither(level: str) -> None:
    scored = score_case(
        case("identity:location=oslo", "knowledge:diet=vegan", "maybe any=remote"),
        Learned(
            attributes=(
                held("location", "Oslo"),
                held("role", "remote worker"),
                held("hometown", "Rome"),
            )
        ),
    )
    assert scored.tally(LEVELS[level]) == Tally(expected=2, found=1, extracted=2, right=1)
    assert [str(each) for each in scored.missed] == ["knowledge:diet=vegan"]
    assert [each.value for each in scored.false] == ["Rome"]


def test_levels_forgive_the_key_then_the_category() -> None:
    scored = score_case(
        case("identity:location=oslo"),
        Learned(attributes=(held("employer", "Oslo"), held("likes", "Oslo", category="knowledge"))),
    )
    rights = {name: scored.tally(fits).right for name, fits in LEVELS.items()}
    assert rights == {"plain": 2, "in_category": 1, "with_key": 0}


def test_a_doubt_counts_under_unknowns_and_is_no_belief() -> None:
    scored = score_case(
        case("doubt identity:location=oslo"), Learned(doubts=(doubt("location", "Oslo"),))
    )
    assert scored.tally(LEVELS["with_key"], "unknowns") == Tally(
        expected=1, found=1, extracted=1, right=1
    )
    assert scored.tally(LEVELS["with_key"], "identity") == Tally()
    believed = score_case(
        case("doubt identity:location=oslo"), Learned(attributes=(held("location", "Oslo"),))
    )
    assert believed.tally(LEVELS["plain"]).found == 0


def test_a_change_is_right_if_all_of_its_end_is() -> None:
    expected = change(
        now="identity:location=bergen",
        gone="identity:location=oslo",
        kept="identity:location=oslo",
        settled="identity:location=bergen",
    )
    right = Learned(
        attributes=(held("location", "Oslo", status="superseded"), held("location", "Bergen")),
        doubts=(doubt("location", "Bergen", still=False),),
    )
    assert score_change(expected, right).right
    stale = Learned(
        attributes=(held("location", "Oslo"), held("location", "Bergen")),
        doubts=(doubt("location", "Bergen"),),
    )
    scored = score_change(expected, stale)
    assert not scored.right
    assert dict(scored.held) == {
        "now": (True,),
        "gone": (False,),
        "kept": (False,),
        "settled": (False,),
    }


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("5'6\"", "I am 5'6 tall", True),
        ("Guns, Germs, and Steel", "reading guns germs and steel again", True),
        ("39", "I am 139", False),
        ("grilled vegetables", "vegetables, grilled", False),
        ("!", "anything", False),
    ],
)
def test_a_value_stands_in_a_text_word_by_word(value: str, text: str, *, expected: bool) -> None:
    assert personabench.stands_in(value, text) is expected


def test_attributes_of_other_people_do_not_answer_for_a_person() -> None:
    friend = Held(
        entity_type="Person",
        entity_name="ben",
        category="knowledge",
        key="likes",
        value="opera",
        status="active",
    )
    cat = Held(
        entity_type="Pet",
        entity_name="Max",
        category="identity",
        key="species",
        value="cat",
        status="active",
    )
    past = held("location", "Oslo", status="superseded")
    learned = Learned(attributes=(friend, cat, past, held("location", "Bergen")))
    assert [each.value for each in personabench.counted(learned, "ada")] == ["cat", "Bergen"]


def test_a_supersession_is_followed_through_its_new_keys() -> None:
    ledger = statebench.Ledger(roots={}, current={}, overruled=[])

    def write(key: str, value: str, overrules: str | None = None) -> str:
        return ledger.write(statebench.Write(at=AT, key=key, value=value, overrules=overrules))

    assert write("budget", "200") == "budget"
    assert write("budget_v2", "150", "budget") == "budget"
    assert write("budget_v3", "120", "budget_v2") == "budget"
    assert write("reserve", "200") == "reserve"
    assert ledger.current == {"budget": "120", "reserve": "200"}
    # 200 holds as the reserve, so that it is not gone.
    assert ledger.gone() == ["150"]


def test_a_quotation_within_a_current_value_is_no_return() -> None:
    current = ["not: 200 crowns in spring", "150 crowns in all"]
    text = "The budget is 150 crowns in all; the plan was not - 200 crowns in spring."
    old = "200 crowns in spring"
    assert statebench.returned([old], current, text) == []
    assert statebench.returned([old], current, f"{text} It is {old}.") == [old]
