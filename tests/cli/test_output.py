"""What users said cannot do anything to the terminal, nor get lost on its way there."""

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron import AttributeStatus, EntityRef
from spectron_server.cli import output
from tests.cli.builders import MAY, attribute

ESCAPES = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b2J",
    "a\rb",
    "a\x08b",
    "\u202eevil",
    "\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    for safe in (output.one_line(text), output.lines(text)):
        assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs"} for each in safe)


@given(st.text())
def test_text_without_control_characters_stays_as_it_is(text: str) -> None:
    visible = "".join(each for each in text if unicodedata.category(each) not in {"Cc", "Cf", "Cs"})
    assert output.lines(visible) == visible


@given(st.text())
def test_one_line_is_one_line_of_printable_text(text: str) -> None:
    line = output.one_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(each) in {"Cc", "Cs"} for each in line)


def test_line_breaks_stay_in_a_block_of_text() -> None:
    assert output.lines("one\n\ttwo") == "one\n\ttwo"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_keeps_every_character_and_prints_no_control(text: str) -> None:
    printed = output.json_text({"value": text})
    assert json.loads(printed) == {"value": text}
    assert not any(unicodedata.category(each) == "Cc" for each in printed)


def test_json_of_an_attribute_has_the_keys_that_programs_rely_on() -> None:
    record = output.plain(attribute("London", status=AttributeStatus.DISPUTED))
    assert record == {
        "id": "attribute:London",
        "entity": {"id": 'entity:["Person", "alice"]', "type": "Person", "name": "alice"},
        "category": "identity",
        "key": "location",
        "value": "London",
        "confidence": 0.9,
        "evidence": {"turn_id": "turn:1", "start": 0, "end": 4, "quote": "I live in London"},
        "valid_from": "2024-05-03T10:00:00Z",
        "valid_until": None,
        "recorded_at": "2024-05-03T10:00:00Z",
        "last_validated_at": "2024-05-03T10:00:00Z",
        "supersedes": None,
        "superseded_by": None,
        "status": "disputed",
        "scope": {"user": "alice"},
        "source_turn": "turn:1",
    }


def test_json_can_be_written_where_only_ascii_can() -> None:
    assert output.json_text({"name": "Zoë ▶"}, ascii_only=True).isascii()


def test_long_texts_are_cut_with_a_mark() -> None:
    assert output.shortened("a" * 100, 10) == f"{'a' * 9}…"
    assert output.shortened("short", 10) == "short"


def test_times_are_shown_in_utc() -> None:
    assert output.day(MAY) == "2024-05-03"
    assert output.minute(MAY) == "2024-05-03 10:00 UTC"
    assert output.day(datetime.min.replace(tzinfo=UTC)) == "0001-01-01"
    assert output.minute(datetime.min.replace(tzinfo=UTC)) == "0001-01-01 00:00 UTC"
    assert output.day(None) == "-"


def test_an_entity_of_any_name_has_an_id() -> None:
    assert output.plain(EntityRef(type="Pet", name='R"ex'))["id"] == 'entity:["Pet", "R\\"ex"]'
