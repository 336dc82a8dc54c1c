"""Tables, trees and timelines: complete, literal, and within 80 columns."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron import (
    AttributeChange,
    AttributeStatus,
    Category,
    ChangeAction,
    ContextItem,
    ContextItemKind,
    ContextResult,
    Diff,
    Entity,
    EntityRef,
    Forgotten,
    Key,
    KeyRole,
    Profile,
    Role,
)
from spectron.enums import UnknownResolution
from spectron_server.cli import views
from tests.cli.builders import ALICE, MAY, attribute, shown, unknown

MARKUP = "[red]x[/red] [link=http://e.com]y[/link] :smile:"


def moved() -> list[Any]:
    berlin = attribute(
        "Berlin",
        id="attribute:1",
        superseded_by="attribute:2",
        status=AttributeStatus.SUPERSEDED,
        valid_from=datetime(2024, 1, 15, tzinfo=UTC),
        valid_until=MAY,
    )
    london = attribute("London", id="attribute:2", supersedes="attribute:1")
    return [berlin, london]


def test_a_history_is_a_picture_with_dates_and_statuses() -> None:
    picture = shown(views.history_view(moved()))
    assert "location of Person/alice" in picture
    assert "Berlin ──▶ London" in picture
    assert "2024-01-15 → 2024-05-03" in picture
    assert "2024-05-03 → now" in picture
    assert "superseded" in picture
    assert "active" in picture
    assert "“I live in Berlin”" in picture


@given(st.permutations(range(5)), st.sets(st.integers(0, 3)))
def test_chains_lose_nothing_and_follow_the_links(order: list[int], cuts: set[int]) -> None:
    # Five values, each superseding the one before but where the chain is cut.
    values = [
        attribute(
            str(number),
            supersedes=f"attribute:{number - 1}" if number and number - 1 not in cuts else None,
            superseded_by=f"attribute:{number + 1}" if number < 4 and number not in cuts else None,
        )
        for number in range(5)
    ]
    found = views.chains([values[number] for number in order])
    assert len(found) == len(cuts) + 1
    for chain in found:
        numbers = [int(each.value) for each in chain]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert sorted(each.value for chain in found for each in chain) == list("01234")


def test_chains_with_links_in_a_circle_or_out_of_the_list_are_shown_all_the_same() -> None:
    circle = [
        attribute("a", supersedes="attribute:b", superseded_by="attribute:b"),
        attribute("b", supersedes="attribute:a", superseded_by="attribute:a"),
        attribute("c", supersedes="attribute:elsewhere"),
    ]
    found = views.chains(circle)
    assert sorted(each.value for chain in found for each in chain) == ["a", "b", "c"]


def profile_of(*attributes: Any, summary: str = "The user lives in London.") -> Profile:
    return Profile(
        scope={"user": "alice"}, summary=summary, attributes=attributes, revision=3, as_of=None
    )


def test_a_profile_shows_its_summary_and_each_attribute_by_category() -> None:
    style = attribute("brief", id="attribute:3", key="style", category=Category.INSTRUCTIONS)
    text = shown(views.profile_view(profile_of(style, attribute("London"))))
    assert "The user lives in London." in text
    assert text.index("identity") < text.index("instructions")
    for word in ("location", "London", "90%", "2024-05-03", "style", "brief"):
        assert word in text


def test_an_empty_profile_says_so() -> None:
    assert "Nothing is known yet." in shown(views.profile_view(profile_of(summary="")))


def test_what_is_known_of_others_is_told_apart_from_the_user() -> None:
    aoife = attribute("vet", key="role", entity=type(ALICE)(type="Person", name="Aoife"))
    assert "Aoife: role" in shown(views.profile_view(profile_of(aoife)), width=120)


def item(text: str, score: float, **fields: Any) -> ContextItem:
    given: dict[str, Any] = {
        "kind": ContextItemKind.TURN,
        "source_turn": "turn:1",
        "session_id": "session:1",
        "observed_at": MAY,
        "attribute": None,
        "role": Role.USER,
    }
    return ContextItem(text=text, score=score, **{**given, **fields})


def test_context_shows_scores_as_bars_then_the_formatted_text() -> None:
    result = ContextResult(
        items=(item("I live in London", 0.9), item("I like tea", 0.45)),
        formatted="Facts:\n- London",
        revision=1,
    )
    text = shown(views.context_view("where?", result))
    first, second = (line for line in text.splitlines() if "█" in line)
    assert first.count("█") == 2 * second.count("█") == 10
    assert "0.900" in first
    assert "- London" in text


def test_context_that_is_empty_says_so() -> None:
    text = shown(views.context_view("where?", ContextResult(items=(), formatted="", revision=0)))
    assert text.strip() == "Nothing bears on “where?”."


@pytest.mark.parametrize(("score", "best"), [(0.0, 0.0), (-1.0, -0.5), (2.0, 1.0), (0.3, 1.0)])
def test_a_bar_is_always_ten_cells(score: float, best: float) -> None:
    assert len(views.bar(score, best)) == 10


def everything(text: str) -> list[Any]:
    """Every view there is, with a text in every place where one may stand."""
    one = attribute(text, key="k", entity=type(ALICE)(type="Thing", name=text))
    change = AttributeChange(action=ChangeAction.UPDATED, attribute=one, previous_value=text)
    key = Key(
        id="key:1",
        context_id="demo",
        role=KeyRole.READ,
        label=text,
        created_at=MAY,
        expires_at=MAY,
        revoked_at=None,
    )
    diff = Diff(changes=(change,), unknowns=(unknown(text),), unknowns_resolved=(unknown(text),))
    doubt = unknown(text, resolved=True, resolution=UnknownResolution.ACCEPTED, resolved_at=MAY)
    return [
        views.profile_view(profile_of(one, summary=text)),
        views.context_view(
            text, ContextResult(items=(item(text, 1.0),), formatted=text, revision=1)
        ),
        views.entities_view([Entity(id="entity:x", type="Thing", name=text, attributes=(one,))]),
        views.history_view([one]),
        views.unknowns_view([doubt]),
        views.forgotten_view(
            Forgotten(attributes=(one,), attribute_count=1, unknown_count=0, turn_count=2),
            dry_run=True,
        ),
        views.keys_view([key], None),
        views.keys_view([], text or "demo"),
        *views.diff_lines(diff),
    ]


@pytest.mark.parametrize("number", range(len(everything(""))))
def test_markup_in_a_value_is_printed_literally(number: int) -> None:
    text = shown(everything(MARKUP)[number], width=300)
    assert MARKUP in text


@pytest.mark.parametrize("number", range(len(everything(""))))
def test_escapes_in_a_value_do_not_reach_the_terminal(number: int) -> None:
    text = shown(everything("a\x1b[2J\x9b2J\x07\u202eb")[number], width=300)
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)
    assert "a[2J" in text


@pytest.mark.parametrize("number", range(len(everything(""))))
def test_views_fit_80_columns(number: int) -> None:
    text = shown(everything("a rather long value with many words " * 5)[number])
    assert max(len(line) for line in text.splitlines()) <= 80


def test_what_was_forgotten_is_counted() -> None:
    counted = Forgotten(
        attributes=(attribute("Acme"),), attribute_count=501, unknown_count=1, turn_count=0
    )
    text = shown(views.forgotten_view(counted, dry_run=True))
    assert "Would be forgotten: 501 beliefs, 1 doubt, 0 turns' text." in text
    assert "and 500 more beliefs" in text
    nothing = Forgotten(attributes=(), attribute_count=0, unknown_count=0, turn_count=0)
    assert "nothing to forget" in shown(views.forgotten_view(nothing, dry_run=False))


def test_changes_are_told_in_a_line_each_with_colours_by_kind() -> None:
    before, after = moved()
    diff = Diff(
        changes=(
            AttributeChange(action=ChangeAction.ADDED, attribute=before, previous_value=None),
            AttributeChange(action=ChangeAction.UPDATED, attribute=after, previous_value="Berlin"),
            AttributeChange(action=ChangeAction.EXPIRED, attribute=after, previous_value=None),
        ),
        unknowns=(unknown("Lisbon"),),
    )
    told = [shown(line).strip() for line in views.diff_lines(diff)]
    assert told == [
        "+ added      location: Berlin",
        "~ updated    location: Berlin ──▶ London",
        "- expired    location: London",
        "? unsure     location: Lisbon",
    ]
    coloured = [shown(line, colour=True) for line in views.diff_lines(diff)]
    assert ["\x1b[32m" in coloured[0], "\x1b[33m" in coloured[1], "\x1b[31m" in coloured[2]] == [
        True,
        True,
        True,
    ]


def test_what_was_forgotten_and_learned_again_is_one_history_in_order() -> None:
    earlier, later = moved()
    again = attribute("Oslo", valid_from=MAY + timedelta(days=60))
    forgotten = replace(later, status=AttributeStatus.EXPIRED, valid_until=MAY + timedelta(days=30))
    picture = shown(views.history_view([again, forgotten, earlier]))
    assert picture.count("location of Person/alice") == 1
    assert "Berlin ──▶ London · Oslo" in picture
    dates = [line for line in picture.splitlines() if "→" in line]
    assert [line for line in dates if "Berlin" in line] == dates[:1]
    assert [line for line in dates if "London" in line] == dates[1:2]
    assert [line for line in dates if "Oslo" in line] == dates[2:]


def test_histories_of_two_entities_stay_apart() -> None:
    other = attribute("Cork", entity=EntityRef(type="Person", name="Aoife"))
    picture = shown(views.history_view([attribute("Berlin"), other]))
    assert "location of Person/alice" in picture
    assert "location of Person/Aoife" in picture
    assert "·" not in picture


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_a_long_key_is_broken_after_its_underscores(width: int) -> None:
    key = "preferred_programming_language_of_the_year"
    rows = [attribute("Python, mostly", key=key), attribute("Berlin")]
    found = Profile(
        scope={"user": "alice"}, summary="", attributes=tuple(rows), revision=1, as_of=None
    )
    picture = shown(views.profile_view(found), width=width)
    for part in ("preferred_", "programming_", "language_", "location", "Berlin"):
        assert part in picture
    assert (key in picture) == (width > 100)
    assert max(map(len, picture.splitlines())) <= width


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_a_list_of_keys_neither_cuts_nor_breaks_what_is_copied_from_it(width: int) -> None:
    key = Key(
        id="key:01JBZ9Y2M4T6Q8W0E2R4T6Y8UX",
        context_id="support-assistant",
        role=KeyRole.WRITE,
        label="the shop's assistant",
        created_at=MAY,
        expires_at=None,
        revoked_at=MAY,
    )
    words = shown(views.keys_view([key], None), width=width).split()
    for word in (key.id, "support-assistant", "write", "shop's", "context", "role", "label"):
        assert word in words
    assert words.count("2024-05-03") == 2


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_tables_break_no_word_and_mark_what_they_cut(width: int) -> None:
    disputed = attribute("somewhere wonderful", status=AttributeStatus.DISPUTED)
    forgotten = Forgotten(attributes=(disputed,), attribute_count=1, unknown_count=0, turn_count=1)
    found = ContextResult(
        items=(item("somewhere wonderful", 1.0),), formatted="somewhere wonderful", revision=1
    )
    for view in (
        views.profile_view(profile_of(disputed)),
        views.forgotten_view(forgotten, dry_run=False),
        views.context_view("where?", found),
    ):
        words = shown(view, width=width).split()
        assert {"somewhere", "wonderful", "2024-05-03"} <= set(words)
    profile = shown(views.profile_view(profile_of(disputed)), width=width)
    assert "90% disputed" in profile
    assert re.search("“I live in.*[…”]", profile)
