"""Which part of a text answers nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_server.index.idle import idle_part


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Where is it?", 1),
        ("It is here. Is it?", 7 / 18),
        ("It is here.", 0),
        ("Thanks!", 1),
        ("ok, that sounds great", 1),
        ("Noted.", 1),
        ("Thanks, I moved to Oslo.", 0),
        ("Yes.", 0),
        ("No, thanks", 1),
        ("It is.", 0),
        ("", 0),
        ("ok " * 40, 0),
    ],
)
def test_questions_and_thanks_are_idle(text: str, part: float) -> None:
    assert idle_part(text) == pytest.approx(part)


@given(st.text(max_size=200))
def test_it_is_a_part(text: str) -> None:
    assert 0 <= idle_part(text) <= 1
