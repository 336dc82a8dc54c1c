"""What a model thinks is taken out of its reply, however the stream is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectron_server.agent.reasoning import ReasoningFilter, StrayReasoningError


def filtered(*pieces: str) -> str:
    reasoning = ReasoningFilter()
    return "".join([*(reasoning.feed(piece) for piece in pieces), reasoning.end()])


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("Hello there.", "Hello there."),
        ("\n\nHello.", "Hello."),
        ("<think>The user greets.</think>Hello.", "Hello."),
        ("\n<think>\nThe user\ngreets.\n</think>\n\nHello.", "Hello."),
        ("<think></think>Hello.", "Hello."),
        ("<think>One.</think><think>Two.</think>Hello.", "Hello."),
        ("<think>It never ends", ""),
        ("<think>", ""),
        ("<thin", "<thin"),
        ("<thinner lines", "<thinner lines"),
        ("1 < 2 and </b> ends bold", "1 < 2 and </b> ends bold"),
        ("The tag <think> opens, </think> closes.", "The tag <think> opens, </think> closes."),
        ("", ""),
    ],
)
def test_the_reply_is_what_is_not_thought(said: str, reply: str) -> None:
    assert filtered(said) == reply
    assert filtered(*said) == reply


@given(
    thought=st.text(alphabet="ab<>/think ", max_size=30),
    reply=st.text(alphabet="xyz <>/", max_size=30),
    cuts=st.lists(st.integers(min_value=0, max_value=80), max_size=6),
)
def test_where_the_stream_is_cut_does_not_matter(thought: str, reply: str, cuts: list[int]) -> None:
    thought = thought.replace("</think>", "")
    said = f"<think>{thought}</think>{reply}"
    edges = [0, *sorted(min(cut, len(said)) for cut in cuts), len(said)]
    pieces = [said[start:end] for start, end in itertools.pairwise(edges)]
    assert filtered(*pieces) == filtered(said)
    assert filtered(said).strip() == reply.strip()


@pytest.mark.parametrize("cut", range(1, 30))
def test_reasoning_without_a_beginning_is_no_reply(cut: int) -> None:
    said = "The user greets.</think>Hello."
    with pytest.raises(StrayReasoningError):
        filtered(said[:cut], said[cut:])
