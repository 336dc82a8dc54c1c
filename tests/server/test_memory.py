"""What is remembered, handed back, looked back on and forgotten, through the shipped client."""

from datetime import UTC, datetime

import pytest

from spectron import Memory, Spectron, errors
from tests.conftest import StartServer
from tests.server.test_extraction_failures import Fragile


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def say(memory: Memory, scope: dict[str, str], *said: tuple[str, str]) -> list[str]:
    """Records dated statements of the user in one session, and waits until they are extracted."""
    session = await memory.sessions.create(scope=scope)
    turns = [
        await session.turn("user", content, observed_at=at(moment)) for moment, content in said
    ]
    for turn in turns:
        await turn.extraction()
    return [turn.id for turn in turns]


@pytest.fixture
def memory(client: Spectron, fresh_name: str) -> Memory:
    return client.memory(context_id=f"memory-{fresh_name}")


ALICE = {"user": "alice"}


async def test_a_move_supersedes_and_can_be_looked_back_on(memory: Memory) -> None:
    await say(
        memory,
        ALICE,
        ("2024-01-10", "I live in Berlin."),
        ("2024-06-15", "I just moved to London."),
    )
    now = await memory.profile(ALICE)
    assert "London" in now.summary
    assert "Berlin" not in now.summary
    before = await memory.profile(ALICE, as_of=at("2024-03-01"))
    assert "Berlin" in before.summary
    assert "London" not in before.summary
    nothing = await memory.profile(ALICE, as_of=at("2023-01-01"))
    assert nothing.summary == ""

    [entity] = await memory.entities.list(ALICE, as_of=at("2024-03-01"))
    assert {each.key: each.value for each in entity.attributes}["location"] == "Berlin"
    chain = await memory.entities.history(ALICE, "location")
    assert [(each.value, each.status) for each in chain] == [
        ("Berlin", "superseded"),
        ("London", "active"),
    ]
    assert chain[0].superseded_by == chain[1].id
    assert chain[0].valid_until == chain[1].valid_from == at("2024-06-15")
    # A synonym of the key gives the same.
    assert await memory.entities.history(ALICE, "city") == chain

    facts = [
        item.text
        for item in (await memory.context("Where do I live?", scope=ALICE)).items
        if item.kind == "fact"
    ]
    assert any("London" in text for text in facts)
    assert not any("Berlin" in text for text in facts)
    past = await memory.context("Where do I live?", scope=ALICE, include_history=True)
    assert any("Berlin" in item.text for item in past.items if item.kind == "fact")
    then = await memory.context("Where do I live?", scope=ALICE, as_of=at("2024-03-01"))
    assert not any("London" in item.text for item in then.items)
    assert "The user lives in Berlin." in [item.text for item in then.items]


async def test_a_late_turn_lands_in_the_past(memory: Memory) -> None:
    await say(memory, ALICE, ("2024-06-15", "I live in London."))
    await say(memory, ALICE, ("2024-01-10", "I live in Berlin."))
    profile = await memory.profile(ALICE)
    assert "London" in profile.summary
    chain = await memory.entities.history(ALICE, "location")
    assert [each.value for each in chain] == ["Berlin", "London"]
    assert "Berlin" in (await memory.profile(ALICE, as_of=at("2024-02-01"))).summary


async def test_forgetting_takes_effect_everywhere(memory: Memory) -> None:
    await say(
        memory,
        ALICE,
        ("2024-01-10", "I work at Globex as a chemist."),
        ("2024-01-11", "My colleagues at Globex are kind, I think."),
        ("2024-01-12", "I live in Oslo."),
    )
    await memory.context("Globex", scope=ALICE)  # Caches are warm.
    tried = await memory.forget(ALICE, attribute_key="employer", dry_run=True)
    assert [each.value for each in tried.attributes] == ["Globex"]
    assert "Globex" in (await memory.profile(ALICE)).summary

    done = await memory.forget(ALICE, attribute_key="company")  # A synonym.
    assert [each.value for each in done.attributes] == ["Globex"]
    assert done.attributes[0].status == "expired"
    assert done.turn_count == 2

    profile = await memory.profile(ALICE)
    assert "Globex" not in profile.summary
    assert "Oslo" in profile.summary
    found = await memory.context("Where do I work? Globex?", scope=ALICE)
    assert "Globex" not in found.formatted
    assert not any("Globex" in item.text for item in found.items)
    # The records are kept for audit.
    [kept] = await memory.entities.history(ALICE, "employer")
    assert (kept.value, kept.status) == ("Globex", "expired")
    again = await memory.forget(ALICE, attribute_key="employer")
    assert (again.attribute_count, again.turn_count) == (0, 0)
    # What is said anew is learned anew.
    session = await memory.sessions.create(scope=ALICE)
    await (await session.turn("user", "I work at Initech.")).extraction()
    assert "Initech" in (await memory.profile(ALICE)).summary


async def test_forgetting_needs_a_selector_and_one_scope_only(memory: Memory) -> None:
    with pytest.raises(errors.InvalidArgument):
        await memory.forget(ALICE)
    await say(memory, {"org": "acme"}, ("2024-01-10", "I live in Bergen."))
    both = {"org": "acme", "user": "alice"}
    assert (await memory.forget(both, attribute_key="location")).attribute_count == 0
    assert (await memory.forget({"org": "acme"}, category="identity")).attribute_count >= 1


async def test_a_hedge_is_an_unknown_until_it_is_settled(memory: Memory) -> None:
    await say(
        memory,
        ALICE,
        ("2024-01-10", "I live in Berlin."),
        ("2024-02-10", "I might move to Lisbon."),
    )
    [unknown] = await memory.unknowns.list(ALICE)
    assert (unknown.about, unknown.value, unknown.reason) == ("location", "Lisbon", "hedged")
    profile = await memory.profile(ALICE)
    assert "They live in Berlin" in profile.summary or "lives in Berlin" in profile.summary
    assert "Lisbon" in profile.summary
    assert [each.value for each in profile.attributes if each.category == "unknowns"] == ["Lisbon"]

    settled = await memory.unknowns.resolve(unknown.id, accept="Lisbon")
    assert settled.unknown.resolved
    assert [each.value for each in settled.diff.updated] == ["Lisbon"]
    assert await memory.unknowns.list(ALICE) == []
    [kept] = await memory.unknowns.list(ALICE, include_resolved=True)
    assert kept.resolution == "accepted"
    assert "Berlin" not in (await memory.profile(ALICE)).summary
    with pytest.raises(errors.FailedPrecondition) as caught:
        await memory.unknowns.resolve(unknown.id, dismiss=True)
    assert caught.value.reason == "UNKNOWN_ALREADY_RESOLVED"


async def test_a_plain_statement_settles_a_doubt(memory: Memory) -> None:
    await say(
        memory,
        ALICE,
        ("2024-01-10", "I might move to Lisbon."),
        ("2024-02-10", "I live in Lisbon."),
    )
    assert await memory.unknowns.list(ALICE) == []


async def test_a_fact_is_recorded_directly(memory: Memory) -> None:
    first = await memory.record_fact(ALICE, "city", "Rome", valid_from=at("2024-01-01"))
    assert [(each.key, each.value) for each in first.added] == [("location", "Rome")]
    second = await memory.record_fact(ALICE, "location", "Milan")
    assert [(each.previous_value, each.value) for each in second.updated] == [("Rome", "Milan")]
    other = await memory.record_fact(
        ALICE, "status", "red", entity_type="Project", entity_name="Apollo"
    )
    assert other.added[0].entity.id == 'entity:["Project", "Apollo"]'
    entities = await memory.entities.list(ALICE)
    assert [(each.type, each.name) for each in entities] == [
        ("Person", "alice"),
        ("Project", "Apollo"),
    ]
    for entity_type in ("Project", "project"):
        projects = await memory.entities.list(ALICE, entity_type=entity_type)
        assert [each.type for each in projects] == ["Project"]
    context = await memory.context("How is Apollo doing?", scope=ALICE)
    assert context.items[0].attribute is not None
    assert context.items[0].attribute.entity.name == "Apollo"


async def test_the_more_specific_scope_is_believed(memory: Memory) -> None:
    org, user = {"org": "acme"}, {"org": "acme", "user": "alice"}
    await memory.record_fact(org, "location", "Rome", entity_type="Person", entity_name="alice")
    await memory.record_fact(user, "location", "Oslo")
    assert {
        each.value for each in (await memory.profile(user)).attributes if each.key == "location"
    } == {"Oslo"}
    assert {each.value for each in (await memory.profile(org)).attributes} == {"Rome"}


async def test_the_same_request_again_changes_nothing(memory: Memory) -> None:
    created = [await memory.sessions.create(scope=ALICE, request_id="open-1") for _ in range(2)]
    assert created[0].id == created[1].id
    session = created[0]
    turns = [await session.turn("user", "I live in Oslo.", request_id="turn-1") for _ in range(2)]
    assert turns[0] == turns[1]
    assert len(await session.history()) == 1
    with pytest.raises(errors.AlreadyExists) as caught:
        await session.turn("user", "I live in Rome.", request_id="turn-1")
    assert caught.value.reason == "REQUEST_ID_REUSED"
    await turns[0].extraction()

    facts = [
        await memory.record_fact(ALICE, "location", "Rome", request_id="fact-1") for _ in range(2)
    ]
    assert facts[0] == facts[1]
    gone = [
        await memory.forget(ALICE, attribute_key="location", request_id="forget-1")
        for _ in range(2)
    ]
    assert gone[0] == gone[1]
    assert gone[0].attribute_count == 1


async def test_min_turn_waits_and_a_turn_is_found_before_it_is_extracted(
    start_server: StartServer,
) -> None:
    extractor = Fragile()
    extractor.away = True
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope=ALICE)
        turn = await session.turn("user", "The cello lesson is on Tuesday.")
        found = await session.context("When is my music class?")
        assert [item.text for item in found.items] == [turn.content]
        extractor.away = False
        profile = await memory.profile(ALICE, min_turn=turn.id)
        assert [each.value for each in profile.attributes] == [turn.content]


async def test_system_and_tool_turns_are_kept_but_never_extracted(memory: Memory) -> None:
    session = await memory.sessions.create(scope=ALICE)
    for role in ("system", "tool"):
        turn = await session.turn(role, "I live in Paris.")
        extraction = await turn.extraction()
        assert extraction.status == "done"
        assert extraction.diff.changes == ()
    said = await session.turn("assistant", "I live in Paris. You live in Rome.")
    await said.extraction()
    assert (await memory.profile(ALICE)).attributes == ()


async def test_erasure_deletes_everything_under_a_scope(client: Spectron, memory: Memory) -> None:
    both = {"user": "alice", "org": "acme"}
    await say(memory, ALICE, ("2024-01-10", "I live in Berlin."))
    await say(memory, both, ("2024-01-10", "I work at Acme Corp."))
    await say(memory, {"user": "bob"}, ("2024-01-10", "I live in Rome."))
    context_id = memory._context_id
    receipt = await client.admin.erase_scope(ALICE, context_id=context_id)
    assert (receipt.scope_count, receipt.session_count, receipt.turn_count) == (2, 2, 2)
    assert receipt.attribute_count >= 2
    assert (await memory.profile(both)).attributes == ()
    assert (await memory.context("Berlin Acme", scope=both)).items == ()
    assert await memory.sessions.list(scope=both) == []
    assert "Rome" in (await memory.profile({"user": "bob"})).summary
    again = await client.admin.erase_scope(ALICE, context_id=context_id)
    assert again.scope_count == 0
    # The scope can be used anew, and nothing of the old comes back.
    await say(memory, ALICE, ("2024-05-01", "I live in Oslo."))
    assert [each.value for each in await memory.entities.history(ALICE, "location")] == ["Oslo"]
    found = await memory.context("Where do I live?", scope=ALICE)
    assert "Berlin" not in found.formatted


async def test_the_audit_tells_what_was_done_without_the_words(
    client: Spectron, memory: Memory
) -> None:
    await say(memory, ALICE, ("2024-01-10", "I live in Berlin."))
    await memory.record_fact(ALICE, "location", "Rome")
    await memory.forget(ALICE, attribute_key="location")
    entries = await client.admin.audit(ALICE, context_id=memory._context_id)
    assert [entry.action for entry in entries] == ["forget", "record_fact", "extract"]
    assert [bool(entry.key_id) for entry in entries] == [True, True, False]
    assert "Berlin" not in str(entries)
    assert "Rome" not in str(entries)


async def test_lists_are_paged_without_gaps(memory: Memory) -> None:
    made = [
        (await memory.sessions.create(scope=scope)).id
        for scope in ({}, ALICE, {"org": "a"}, {"org": "a", "user": "alice"}) * 30
    ]
    everything = await memory.sessions.list(scope={"org": "a", "user": "alice"})
    assert sorted(each.id for each in everything) == sorted(made)
    times = [each.id.partition("-")[0] for each in everything]
    assert times == sorted(times, reverse=True)
    session = memory.sessions.open(made[0])
    await session.turns([{"role": "user", "content": f"Number {n}"} for n in range(120)])
    assert [each.sequence for each in await session.history()] == list(range(1, 121))


async def test_two_replicas_answer_alike_at_once(start_server: StartServer) -> None:
    async with (
        start_server() as one,
        start_server() as two,
        one.client() as first,
        two.client() as second,
    ):
        here, there = first.memory(context_id="c"), second.memory(context_id="c")
        session = await here.sessions.create(scope=ALICE)
        for place in ("Berlin", "London", "Oslo", "Rome"):
            turn = await session.turn("user", f"I moved to {place}.")
            # The other replica waits, then answers with what is committed, caches or not.
            profile = await there.profile(ALICE, min_turn=turn.id)
            assert [a.value for a in profile.attributes if a.key == "location"] == [place]
            found = await there.context("Where do I live?", scope=ALICE)
            assert any(place in item.text for item in found.items if item.kind == "fact")
            await there.forget(ALICE, attribute_key="location")
            assert (await here.profile(ALICE)).summary == ""


async def test_facts_of_the_past_find_their_places(memory: Memory) -> None:
    for moment, place in (("2024-06-01", "London"), ("2023-01-01", "Rome"), ("2024-01-01", "Oslo")):
        await memory.record_fact(ALICE, "location", place, valid_from=at(moment))
    chain = await memory.entities.history(ALICE, "location")
    assert [(each.value, each.valid_from, each.valid_until) for each in chain] == [
        ("Rome", at("2023-01-01"), at("2024-01-01")),
        ("Oslo", at("2024-01-01"), at("2024-06-01")),
        ("London", at("2024-06-01"), None),
    ]
    assert "Oslo" in (await memory.profile(ALICE, as_of=at("2024-02-01"))).summary
