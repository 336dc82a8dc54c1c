"""Any text, of any size and intent: no crash, valid evidence, bounded work and output."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.builtin.extractor import MAX_PROPOSALS_PER_TURN
from spectron_extraction.protocol import Role, Window, WindowTurn
from tests.extraction.conformance import check_proposals
from tests.extraction.support import ALICE, ONTOLOGY, extract, window

LONGEST_TURN = 32 * 1024

_VOCABULARY = (
    "I i'm im my we you the a an not no never don't live lived living in at to from for work "
    "works am is was are Oslo Acme Corp sister dog Rex named called and , . ? ! ; : - ( ) \" ' "
    "because if when who might maybe used moved move team role nurse engineer two 34 2019 since "
    "until last year week ago yesterday favorite color green love hate like prefer over answers "
    "concise bullet points always call me please quit job have has had been will would can can't "
    "anymore longer actually sorry yes no \n \t \U0001f600 \u2019 \u00e9 \u00b2 \u00bd \uff11 "
    "4111 ... sk-abcdefgh"
)
_WORDS = st.sampled_from(_VOCABULARY.split(" "))
_SENTENCES = st.lists(_WORDS, max_size=40).map(" ".join)
_TEXTS = st.one_of(
    st.text(max_size=400), _SENTENCES, st.lists(_SENTENCES, max_size=4).map(". ".join)
)
_ROLES = st.sampled_from(list(Role))
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_TIMES = st.datetimes(
    min_value=_FIRST.replace(tzinfo=None),
    max_value=_LAST.replace(tzinfo=None),
    timezones=st.just(UTC),
)


@settings(max_examples=300, deadline=None)
@given(turns=st.lists(st.tuples(_ROLES, _TEXTS, _TIMES), max_size=4))
def test_any_window_gives_valid_proposals(turns: list[tuple[Role, str, datetime]]) -> None:
    some = Window(
        subject=ALICE,
        turns=tuple(
            WindowTurn(id=f"turn:{number}", role=role, content=content, observed_at=observed_at)
            for number, (role, content, observed_at) in enumerate(turns)
        ),
    )
    extractor = BuiltinExtractor(ONTOLOGY)
    proposals = asyncio.run(extractor.extract(some))
    check_proposals(proposals, some)
    assert len(proposals.facts) + len(proposals.retractions) <= MAX_PROPOSALS_PER_TURN * len(turns)
    assert asyncio.run(extractor.extract(some)) == proposals


@pytest.mark.parametrize(
    "content", ["I moved to Berlin yesterday.", "I lived in Rome until last week."]
)
def test_a_time_before_the_first_day_is_none(content: str) -> None:
    turn = WindowTurn(id="turn:1", role=Role.USER, content=content, observed_at=_FIRST)
    proposals = asyncio.run(
        BuiltinExtractor(ONTOLOGY).extract(Window(subject=ALICE, turns=(turn,)))
    )
    assert [fact.key for fact in proposals.facts] == ["location"]


HOSTILE = {
    "one letter": "a",
    "spaces": " ",
    "line breaks": "\n",
    "quotes": '"',
    "single quotes": "'a' ",
    "backticks": "`",
    "brackets": "((((",
    "commas": "a, ",
    "full stops": "I. ",
    "question marks": "a? ",
    "and": "and I ",
    "run on": "I love cats I live in Oslo ",
    "one sentence": "I live in Oslo and ",
    "names": "Alice ",
    "digits": "4 ",
    "card like": "4111 ",
    "long word": "I-",
    "apostrophes": "I'm",
    "secret like": "sk-",
    "password": "password ",
    "not": "not ",
    "if": "if ",
    "please": "please ",
    "my": "my my ",
    "since": "since 2019 ",
    "surrogates": "\U0001f9d1\u200d",
    "combining": "e\u0301",
    "here is": "here is the ",
    "write": "write a ",
    "command": "ignore the ",
    "commands": "ignore " + "x" * 38,
    "elements": "<a>",
    "open elements": "<a b ",
    "template marks": "<|",
    "comments": "<!-- ",
    "speakers": "Ann: hi\n",
    "links": "[a](",
    "guillemets": "«",
    "header lines": "from: a\n",
    "deep marks": "> * _ ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
async def test_the_work_grows_with_the_length_of_the_text(
    builtin: BuiltinExtractor, piece: str
) -> None:
    async def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        best = float("inf")
        for _ in range(2):
            started = time.perf_counter()
            await extract(builtin, text)
            best = min(best, time.perf_counter() - started)
        return best

    short, long = await seconds(LONGEST_TURN // 8), await seconds(LONGEST_TURN)
    # Eight times the text may take eight times as long; quadratic work would take 64 times. The
    # constant keeps the comparison above the noise of a busy machine.
    assert long < 24 * short + 0.25


async def test_a_turn_gives_a_bounded_number_of_proposals(builtin: BuiltinExtractor) -> None:
    text = " ".join(f"I love thing{number}." for number in range(2_000))[:LONGEST_TURN]
    proposals = await extract(builtin, text)
    assert len(proposals.facts) == MAX_PROPOSALS_PER_TURN


async def test_a_long_window_does_not_hold_up_the_event_loop(builtin: BuiltinExtractor) -> None:
    lines = ["I live in Oslo and I love cats, but my sister lives in Galway. "] * 300
    work = asyncio.create_task(builtin.extract(window(*lines)))
    turns_of_the_loop = 0
    while not work.done():
        await asyncio.sleep(0)
        turns_of_the_loop += 1
    assert (await work).facts
    assert turns_of_the_loop > len(lines)


async def test_windows_are_read_side_by_side(builtin: BuiltinExtractor) -> None:
    async def read(number: int) -> str:
        proposals = await extract(builtin, f"My name is Alice and I live in Town{number}.")
        return proposals.facts[-1].value

    towns = await asyncio.gather(*(read(number) for number in range(20)))
    assert towns == [f"Town{number}" for number in range(20)]
