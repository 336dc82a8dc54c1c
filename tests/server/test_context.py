"""What a query gets back of a whole server: what holds first, and nothing of old unmarked."""

from datetime import UTC, datetime, timedelta

import pytest

from spectron import Memory, NewTurn, Spectron
from tests.conftest import StartServer

ALICE = {"user": "alice"}
JANUARY = datetime(2024, 1, 10, tzinfo=UTC)
JUNE = datetime(2024, 6, 15, tzinfo=UTC)


@pytest.fixture
def memory(client: Spectron, fresh_name: str) -> Memory:
    return client.memory(context_id=f"context-{fresh_name}")


async def talk(memory: Memory, *said: tuple[str, str, datetime]) -> list[str]:
    """Records a conversation in one session, and waits until it is extracted."""
    session = await memory.sessions.create(scope=ALICE)
    turns = [await session.turn(role, text, observed_at=moment) for role, text, moment in said]
    await turns[-1].extraction()
    return [turn.id for turn in turns]


async def test_an_old_turn_is_marked_and_comes_after_what_replaced_it(memory: Memory) -> None:
    [berlin, _] = await talk(
        memory,
        ("user", "I live in Berlin.", JANUARY),
        ("user", "I just moved to London.", JUNE),
    )
    found = await memory.context("Where do I live?", scope=ALICE)
    assert found.items[0].text == "The user lives in London."
    [old] = [item for item in found.items if item.kind == "turn" and item.source_turn == berlin]
    note = "(as of 2024-01: Berlin, no longer so since 2024-06)"
    assert old.text == f"I live in Berlin. {note}"
    for line in found.formatted.split("\n"):
        assert "Berlin" not in line or line.endswith(note)
    # While it held, there was nothing to mark.
    then = await memory.context("Where do I live?", scope=ALICE, as_of=JANUARY)
    assert "Berlin" in then.formatted
    assert "no longer so" not in then.formatted
    assert [item.text for item in then.items] == ["The user lives in Berlin.", "I live in Berlin."]


async def test_what_a_shared_scope_believes_is_told_of_everyone(memory: Memory) -> None:
    shared, own = {"org": "acme"}, {"org": "acme", "user": "alice"}
    await memory.record_fact(shared, "uses", "Slack")
    await memory.record_fact(shared, "likes", "tea")
    await memory.record_fact(own, "location", "York")
    seen = await memory.profile(own)
    assert seen.summary == "The user lives in York. Everyone uses Slack and likes tea."
    found = await memory.context("Who uses Slack?", scope=own)
    assert found.items[0].text == "Everyone uses Slack."
    assert "Everyone:\n- Everyone uses Slack." in found.formatted
    assert "The user uses Slack." in (await memory.profile(shared)).summary


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Our dog Biscuit ate a sock.", "What did Biscuit eat?"),
        ("My cat Luna stole my sandwich.", "What did Luna steal?"),
        ("Our dog Biscuit fell into the pond.", "What happened to Biscuit?"),
        ("My horse Star won the derby.", "What did Star win?"),
    ],
)
async def test_who_never_speaks_is_found_by_their_name(
    memory: Memory, said: str, asked: str
) -> None:
    meals = ("soup", "a salad", "pasta", "rice", "bread", "noodles", "tacos", "pizza")
    await talk(
        memory,
        ("user", said, JANUARY),
        *(("user", f"I ate {meal} for lunch.", JANUARY) for meal in meals),
    )
    found = await memory.context(asked, scope=ALICE, top_k=5)
    assert said in [item.text for item in found.items]


async def test_the_fact_that_is_asked_for_goes_first(memory: Memory) -> None:
    await talk(
        memory,
        ("assistant", "Hi! What is your name, and where do you live?", JANUARY),
        ("user", "My name is Alice Chen and I live in Lisbon.", JANUARY),
        ("assistant", "Nice! Do you like where you live?", JANUARY),
        ("user", "Yes, it is lovely.", JANUARY),
    )
    for question, fact in (
        ("Where does Alice live?", "The user lives in Lisbon."),
        ("Where do I live?", "The user lives in Lisbon."),
        ("which city is home", "The user lives in Lisbon."),
        ("What is my name?", "The user is named Alice Chen."),
    ):
        found = await memory.context(question, scope=ALICE)
        assert found.items[0].text == fact
        asked = [place for place, item in enumerate(found.items) if item.role == "assistant"]
        assert min(asked) >= 2


async def test_a_fact_goes_before_the_sentence_that_says_nothing_else(memory: Memory) -> None:
    await talk(memory, ("user", "I work at Acme Corp.", JANUARY))
    for question in ("Where do I work?", "Where does the user work?", "Which company is mine?"):
        found = await memory.context(question, scope=ALICE)
        assert [item.text for item in found.items] == [
            "The user works at Acme Corp.",
            "I work at Acme Corp.",
        ]


async def test_what_somebody_likes_is_one_item_that_names_each_belief(memory: Memory) -> None:
    for number, value in enumerate(["green tea", "chess", "long walks"]):
        await memory.record_fact(scope=ALICE, key="likes", value=value)
        if not number:
            alone = await memory.context("What do I like?", scope=ALICE)
            assert alone.items[0].text == "The user likes green tea."
            assert alone.items[0].others == ()
    found = await memory.context("What do I like to drink?", scope=ALICE)
    [item] = found.items
    assert item.attribute is not None
    assert item.attribute.value == "green tea"
    assert {each.value for each in item.others} == {"chess", "long walks"}
    assert item.text.startswith("The user likes green tea, ")
    for value in ("chess", "long walks"):
        assert value in item.text
    assert found.formatted == f"The user:\n- {item.text}"


async def test_a_turn_is_found_by_who_said_it(memory: Memory) -> None:
    [hers, his] = await talk(
        memory,
        ("user", "Caroline: I ran a race for charity.", JANUARY),
        ("assistant", "Melvin: I ran a race for charity.", JANUARY),
    )
    for name, turn in (("Caroline", hers), ("Melvin", his)):
        found = await memory.context(f"Why did {name} run the race?", scope=ALICE)
        turns = [item.source_turn for item in found.items if item.kind == "turn"]
        assert turns[0] == turn


async def test_of_a_long_answer_the_part_that_was_asked_for_is_quoted(memory: Memory) -> None:
    steps = [f"Step {number} takes a while, so be patient with it." for number in range(20)]
    steps[15] = "Boil whole tomatoes for 85 minutes."
    answer = " ".join(steps)
    await talk(memory, ("user", "How do I keep tomatoes?", JANUARY), ("assistant", answer, JANUARY))
    found = await memory.context("How long did you tell me to boil tomatoes?", scope=ALICE)
    assert found.items[0].text == answer
    assert "Boil whole tomatoes for 85 minutes." in found.formatted
    assert steps[0] not in found.formatted


@pytest.mark.parametrize("worker", [True, False])
async def test_a_server_that_reads_a_scope_at_once_finds_what_one_that_followed_it_finds(
    start_server: StartServer, *, worker: bool
) -> None:
    said = [
        ("user", "I live in Berlin, and my sister Zoë is a vet."),
        ("assistant", "Berlin? How long have you lived there? And what does Zoë like?"),
        ("user", "Zoë: nothing but cats! Since last June I like green tea and chess."),
        ("user", "I just moved to London."),
        ("tool", "Weather in London: rain until Friday."),
        ("user", "Forget the tea. My hobby is sailing."),
    ]
    questions = ["Where do I live?", "What does Zoë like?", "When did I move?", "tea", "sailing"]
    async with start_server(worker=worker) as first, first.client() as following:
        memory = following.memory(context_id="c")
        sessions = [await memory.sessions.create(scope=ALICE) for _ in range(2)]
        for number, (role, text) in enumerate(said * 2):
            turn = await sessions[number % 2].turn(
                role, text, observed_at=JANUARY + timedelta(days=number)
            )
            if worker:
                await turn.extraction()
            await memory.context("Where do I live?", scope=ALICE)
        await memory.forget(ALICE, attribute_key="likes")
        async with start_server(worker=False) as second, second.client() as reading:
            other = reading.memory(context_id="c")
            for question in questions:
                for as_of in (None, JANUARY + timedelta(days=2, hours=1)):
                    expected, found = [
                        await each.context(question, scope=ALICE, as_of=as_of, top_k=20)
                        for each in (memory, other)
                    ]
                    assert len(expected.items) >= 3
                    assert found.formatted == expected.formatted
                    assert [
                        (item.kind, item.text, item.source_turn, item.session_id, item.observed_at)
                        for item in found.items
                    ] == [
                        (item.kind, item.text, item.source_turn, item.session_id, item.observed_at)
                        for item in expected.items
                    ]


async def test_a_scope_that_takes_long_to_read_is_found_in_as_well(
    start_server: StartServer,
) -> None:
    async with start_server(worker=False) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope=ALICE)
        await session.turns(
            [NewTurn(role="user", content=f"Boat {number} is ours.") for number in range(300)]
        )
        for number in (0, 150, 299):
            found = await memory.context(f"What of boat {number}?", scope=ALICE, top_k=1)
            assert found.items[0].text == f"Boat {number} is ours."


async def test_the_block_says_of_a_disputed_fact_that_it_is_disputed(memory: Memory) -> None:
    await talk(
        memory, ("user", "I live in Berlin.", JANUARY), ("user", "I live in London.", JANUARY)
    )
    found = await memory.context("Where do I live?", scope=ALICE)
    [fact] = [item for item in found.items if item.kind == "fact"]
    assert fact.attribute is not None
    assert fact.attribute.status == "disputed"
    told = [line for line in found.formatted.splitlines() if line.startswith("- ")]
    assert told == [f"- {fact.text} (disputed)"]
    # Once it is settled, nothing is to be said.
    [doubt] = await memory.unknowns.list(ALICE)
    await memory.unknowns.resolve(doubt.id, dismiss=True)
    settled = await memory.context("Where do I live?", scope=ALICE)
    assert f"- {fact.text}" in settled.formatted.splitlines()
