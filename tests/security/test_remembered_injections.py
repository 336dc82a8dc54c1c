"""Text that commands, quotes or plays changes nothing, and nobody else speaks for the user."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from spectron import NewTurn
from spectron_extraction.protocol import Category
from tests.benchmarks.learners import Conversations, Learned, ServerLearner
from tests.conftest import Server, StartServer
from tests.security.credulous import CredulousExtractor
from tests.security.remembered_injections import ASSISTANTS, BEFORE, TOOLS, Attack, Said
from tests.security.remembered_injections import ATTACKS as SPOKEN
from tests.security.remembered_layouts import LAYOUTS

ATTACKS = [*SPOKEN, *LAYOUTS]
AT = datetime(2024, 11, 15, 10, 23, tzinfo=UTC)
UNTOUCHED = "untouched"


def session(*said: Said) -> Conversations:
    return [
        [
            NewTurn(role=role, content=text, observed_at=AT + timedelta(minutes=number))
            for number, (role, text) in enumerate(said)
        ]
    ]


def believed(learned: Learned, user: str) -> set[tuple[str, ...]]:
    """Returns beliefs of every status and doubts, with the user's name left out."""
    attributes = {
        (each.entity_type, each.entity_name.replace(user, ""), each.key, each.value, each.status)
        for each in learned.attributes
    }
    return attributes | {(each.entity_name.replace(user, ""), each.key) for each in learned.doubts}


@pytest.fixture(scope="module")
async def learned(server: Server) -> AsyncIterator[Mapping[str, Learned]]:
    """What a real server learned from each attempt."""
    told = {attack.name: session(*BEFORE, *attack.said) for attack in ATTACKS}
    async with server.client() as client:
        learner = ServerLearner(client)
        lesson = await learner.learn(told | {UNTOUCHED: session(*BEFORE)}, lambda _count: None)
        assert lesson.failed == 0
        yield lesson.learned
        await learner.aclose()


def test_what_the_user_says_plainly_is_believed(learned: Mapping[str, Learned]) -> None:
    values = {each.value for each in learned[UNTOUCHED].attributes}
    assert values >= {"Alice", "Oslo", "vegan"}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attempt_changes_nothing(learned: Mapping[str, Learned], attack: Attack) -> None:
    before = believed(learned[UNTOUCHED], UNTOUCHED)
    assert believed(learned[attack.name], attack.name) == before


@pytest.mark.parametrize(
    "category", [Category.IDENTITY, Category.KNOWLEDGE, Category.INSTRUCTIONS, Category.CONTEXT]
)
async def test_a_credulous_extractor_cannot_make_others_speak_for_the_user(
    start_server: StartServer, category: Category
) -> None:
    attacks = [*TOOLS, *ASSISTANTS]
    async with (
        start_server(CredulousExtractor(category)) as server,
        server.client() as client,
    ):
        lesson = await ServerLearner(client).learn(
            {attack.name: session(attack.said[0]) for attack in attacks}, lambda _count: None
        )
    assert lesson.failed == 0
    # Of what an assistant says, what goes on may be noted; of what a tool says, nothing.
    allowed = {
        attack.name
        for attack in attacks
        if category is Category.CONTEXT and attack.said[0][0] == "assistant"
    }
    assert {name for name, learned in lesson.learned.items() if learned.attributes} == allowed


def test_there_are_as_many_attempts_as_promised() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 100
