"""The benchmark of a served model counts what it asks, with a model that is scripted."""

from tests.models import scripted
from tests.models.server import MODEL, serving
from tests.vllm import bench


async def test_it_reports_turns_waits_and_tokens() -> None:
    async with serving(scripted.correctly) as server:
        words = ["--url", server.url, "--model", MODEL, "--users", "3", "--turns", "4"]
        arguments = bench.arguments_of([*words, "--live-users", "2", "--live-turns", "2"])
        figures = await bench.measure(arguments)
    history, live = figures["history"], figures["live"]
    assert (history["turns"], history["failed"]) == (12, 0)
    assert (live["turns"], live["failed"]) == (4, 0)
    assert history["turns_per_second"] > 0
    assert 0 < live["time_to_memory_p50_s"] <= live["time_to_memory_p95_s"]
    # One request for each user's window, and for each live turn, of 11 and 7 tokens.
    assert history["requests"] == 3
    assert history["turns_per_request"] == 4
    assert live["requests"] == 4
    assert live["prompt_tokens_per_turn"] == 11
    assert live["completion_tokens_per_turn"] == 7
