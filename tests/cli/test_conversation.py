"""Conversation files: what is good, and every way of being bad, with its line."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron import Role
from spectron_server.cli.conversation import (
    MAX_FAULTS,
    Conversation,
    ConversationError,
    read_conversation,
)
from spectron_server.cli.textfile import MAX_LINE_BYTES, bounded_lines

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ALICE = {"user": "alice"}
HELLO = {"role": "user", "content": "Hello"}


def read(*content: Any, scope: dict[str, str] | None = ALICE) -> Conversation:
    lines = [
        each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in content
    ]
    return read_conversation(lines, scope=scope, now=NOW)


def faults(*content: Any, scope: dict[str, str] | None = ALICE) -> list[str]:
    with pytest.raises(ConversationError) as caught:
        read(*content, scope=scope)
    return [str(fault) for fault in caught.value.faults]


def test_turns_alone_make_one_session() -> None:
    found = read({**HELLO, "observed_at": "2024-05-03T12:00:00+02:00"}, b"\n", HELLO)
    assert list(found.sessions) == [""]
    assert found.sessions[""].scope == ALICE
    first, second = found.turns
    assert (first.line, second.line) == (1, 3)
    assert first.turn.observed_at == datetime(2024, 5, 3, 10, tzinfo=UTC)
    assert second.turn.observed_at is None
    assert first.turn.role is Role.USER


def test_sessions_have_scopes_and_labels_of_their_own() -> None:
    found = read(
        {"session": "a", "scope": {"user": "bob"}, "metadata": {"channel": "web"}},
        {"session": "a", **HELLO},
        {"session": "b", **HELLO},
        {"session": "c", "scope": {}},
        {"session": "c", **HELLO},
        {"session": "unused", "scope": {"user": "carol"}},
    )
    assert {name: dict(plan.scope) for name, plan in found.sessions.items()} == {
        "a": {"user": "bob"},
        "b": ALICE,
        "c": {},
    }
    assert found.sessions["a"].metadata == {"channel": "web"}


def test_the_unnamed_session_can_be_described() -> None:
    found = read({"scope": {"user": "bob"}}, HELLO, scope=None)
    assert found.sessions[""].scope == {"user": "bob"}


def test_a_mark_of_utf8_at_the_beginning_is_no_fault() -> None:
    assert len(read(b"\xef\xbb\xbf" + json.dumps(HELLO).encode()).turns) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{oops}\n", "not JSON"),
        (b'{"role": "user", "content": "\xff"}\n', "not UTF-8, at byte 30"),
        (b"[1, 2]\n", "a list"),
        (b'"hello"\n', "not a JSON object"),
        (b"[" * 100_000 + b"\n", "nested too deeply"),
        (b"1" * 5_000 + b"\n", "number that is too long"),
        (b"x" * (MAX_LINE_BYTES + 1), "longer than"),
        ({"role": "robot", "content": "x"}, "role must be one of user, assistant, system, tool"),
        ({"role": "unspecified", "content": "x"}, "role must be one of"),
        ({"role": ["user"], "content": "x"}, "role must be one of"),
        ({"content": "x"}, "role must be one of"),
        ({"role": "user"}, "content must be a string"),
        ({"role": "user", "content": 3}, "content must be a string"),
        ({"role": "user", "content": " \n"}, "content is empty"),
        ({"role": "user", "content": "é" * 16_385}, "content has 32770 bytes"),
        ({"role": "user", "content": "a\0b"}, "NUL"),
        (b'{"role": "user", "content": "\\ud800"}\n', "surrogate"),
        ({**HELLO, "observed_at": "yesterday"}, "observed_at must be a time"),
        ({**HELLO, "observed_at": 1714730400}, "observed_at must be a time"),
        ({**HELLO, "observed_at": "2024-05-03T10:00:00"}, "no time zone"),
        ({**HELLO, "observed_at": "0001-01-01T00:00:00+14:00"}, "observed_at must be a time"),
        ({**HELLO, "observed_at": "2024-06-01T00:05:01Z"}, "in the future"),
        ({**HELLO, "observedAt": "2024-05-03T10:00:00Z"}, "no field 'observedAt'"),
        ({**HELLO, "session": 7}, "session must be a string"),
        ({**HELLO, "session": "s" * 257}, "session must be a string"),
        ({"session": "s", "scope": {"User": "x"}}, "scope has a dimension whose name"),
        ({"session": "s", "scope": {"user": 1}}, "scope must be an object"),
        ({"session": "s", "scope": "user=alice"}, "scope must be an object"),
        ({"session": "s", "metadata": {"a": 1}}, "metadata must be an object"),
        ({"session": "s", "metadata": {"a": "x" * 513}}, "metadata has 513 characters"),
        (b'{"session": "s", "metadata": {"a": "\\udfff"}}\n', "surrogate"),
        ({"session": "s", "title": "x"}, "a session line has no field 'title'"),
    ],
)
def test_a_bad_line_is_told_with_its_number(line: Any, told: str) -> None:
    [fault] = faults(HELLO, line, HELLO)
    assert fault.startswith("line 2: ")
    assert told in fault


def test_all_bad_lines_are_told() -> None:
    told = faults({}, HELLO, b"x\n", {"role": "user"})
    assert [fault.partition(":")[0] for fault in told] == ["line 1", "line 3", "line 4"]


def test_no_more_faults_are_told_than_one_reads() -> None:
    with pytest.raises(ConversationError) as caught:
        read(*[b"x\n"] * (MAX_FAULTS + 7))
    assert "and 7 more" in str(caught.value)
    assert len(caught.value.faults) == MAX_FAULTS + 7


def test_a_session_is_described_once_and_before_its_turns() -> None:
    assert "described twice" in faults({"session": "s"}, {"session": "s"}, HELLO)[0]
    [fault] = faults({"session": "s", **HELLO}, {"session": "s", "scope": {}})
    assert fault.startswith("line 2: ")
    assert "before its first turn" in fault


def test_turns_without_a_scope_are_told_once_for_each_session() -> None:
    told = faults(HELLO, HELLO, {"session": "b", **HELLO}, {"session": "c"}, scope=None)
    assert [fault.partition(":")[0] for fault in told] == ["line 1", "line 3", "line 4"]
    assert all("--scope" in fault for fault in told)


def test_a_file_without_turns_is_refused() -> None:
    assert faults() == ["there are no turns in the file"]
    assert faults({"session": "s", "scope": ALICE}) == ["there are no turns in the file"]


turns = st.lists(
    st.tuples(st.sampled_from(["", "a", "b"]), st.text(min_size=1, max_size=3).map(str.strip)),
    min_size=1,
    max_size=400,
)


@given(turns)
def test_batches_keep_the_order_and_are_the_same_each_time(said: list[tuple[str, str]]) -> None:
    content = [
        {"session": session, "role": "user", "content": f"x{text}".replace("\0", "")}
        for session, text in said
    ]
    found = read(*content)
    batches = list(found.batches())
    assert [turn for batch in batches for turn in batch.turns] == list(found.turns)
    assert all({turn.session for turn in batch.turns} == {batch.session} for batch in batches)
    assert all(1 <= len(batch.turns) <= 100 for batch in batches)
    assert batches == list(read(*content).batches())


def test_batches_are_small_enough_for_the_api() -> None:
    found = read(*[{"role": "user", "content": "x" * 32_000}] * 100)
    sizes = [sum(len(turn.turn.content) for turn in batch.turns) for batch in found.batches()]
    assert max(sizes) <= 512 * 1024
    assert sum(sizes) == 3_200_000


def test_request_ids_are_the_same_for_the_same_file_and_scope_only() -> None:
    one, same = read(HELLO), read(HELLO)
    assert one.request_id("", "session") == same.request_id("", "session")
    others = [
        read(HELLO, HELLO).request_id("", "session"),
        read(HELLO, scope={"user": "bob"}).request_id("", "session"),
        one.request_id("", "turns 1 to 1"),
    ]
    assert len({one.request_id("", "session"), *others}) == 4
    assert all(each.isascii() and each.isprintable() and len(each) <= 128 for each in others)


def test_lines_of_any_length_are_read_in_bounded_memory() -> None:
    long = b"y" * (3 * MAX_LINE_BYTES)
    lines = list(bounded_lines(io.BytesIO(b"a\n" + long + b"\nb\n")))
    assert lines[0] == b"a\n"
    assert lines[-1] == b"b\n"
    assert [len(line) for line in lines[1:-1]] == [MAX_LINE_BYTES + 1]
