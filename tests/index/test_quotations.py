"""What is quoted of a turn is remembered for as long as the turn is there as it was."""

from spectron_server.index.scope_index import ScopeIndex
from tests.index.builders import add, turn

PASSWORD = "My password is hunter2-Tango!"
WITHHELD = "My password is [withheld]"


def test_what_was_quoted_is_remembered() -> None:
    index = ScopeIndex()
    plain, secret = turn("turn:1", "My boat is blue."), turn("turn:2", PASSWORD)
    add(index, [plain, secret])
    assert [index.quotations.get(item) for item in (plain, secret)] == [None, None]
    index.quotations.keep(plain, plain.text)
    index.quotations.keep(secret, WITHHELD)
    assert [index.quotations.get(item) for item in (plain, secret)] == [plain.text, WITHHELD]


def test_another_text_under_the_same_id_is_another_turn() -> None:
    index = ScopeIndex()
    plain, secret = turn("turn:1", "My boat is blue."), turn("turn:1", PASSWORD)
    add(index, [plain])
    index.quotations.keep(plain, plain.text)
    add(index, [secret])
    assert index.quotations.get(secret) is None


def test_of_a_turn_that_is_gone_nothing_is_kept() -> None:
    index = ScopeIndex()
    secret = turn("turn:1", PASSWORD)
    add(index, [secret])
    before = index.quotations.nbytes
    index.quotations.keep(secret, WITHHELD)
    assert index.quotations.nbytes > before + len(WITHHELD)
    index.remove(["turn:1"])
    assert index.quotations.get(secret) is None
    assert index.quotations.nbytes == before
