"""The files that put the server into containers: what can be known of them without building."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Final

import pytest

from spectron_server.settings import Settings
from tests.conftest import Server
from tests.docs.commands import understood
from tests.docs.pages import ROOT

VARIABLES: Final = {f"SPECTRON_{name.upper()}" for name in Settings.model_fields}
COMPOSE: Final = (ROOT / "compose.yaml").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Returns the instructions of the Dockerfile, each with its arguments on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    pairs = [line.split(maxsplit=1) for line in whole.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in pairs]


def arguments(name: str) -> list[str]:
    return [rest for each, rest in instructions() if each == name]


def quoted(text: str) -> list[str]:
    """Returns the words of a list in double quotes, as both files write commands."""
    return re.findall(r'"([^"]*)"', text)


def final_stage() -> list[tuple[str, str]]:
    found = instructions()
    last = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return found[last:]


def service(name: str) -> str:
    """Returns the part of compose.yaml that describes a service."""
    parts = re.split(r"^  (?=\w+:$)", COMPOSE.partition("\nvolumes:\n")[0], flags=re.MULTILINE)
    [found] = [part for part in parts if part.startswith(f"{name}:\n")]
    return found


SERVICES: Final = re.findall(r"^  (\w+):$", COMPOSE.partition("\nvolumes:\n")[0], re.MULTILINE)


def test_the_image_is_built_of_named_versions_and_hashed_packages() -> None:
    for base in arguments("FROM"):
        assert re.match(r"python:3\.\d+-slim-\w+( AS \w+)?$", base)
    assert len({base.split()[0] for base in arguments("FROM")}) == 1
    installs = [rest for rest in arguments("RUN") if "pip install" in rest]
    assert any("--require-hashes --no-deps" in rest for rest in installs)
    assert all("--no-deps" in rest for rest in installs)
    assert not arguments("ADD")
    assert not any(re.search(r"\b(curl|wget)\b|https?:", rest) for rest in arguments("RUN"))


def test_the_image_runs_as_a_user_that_has_a_name() -> None:
    stage = final_stage()
    [user] = [rest for name, rest in stage if name == "USER"]
    number, group = map(int, user.split(":"))
    assert number
    assert group
    made = " ".join(rest for name, rest in stage if name == "RUN")
    assert f"useradd --uid {number} --gid {group} " in made
    # It owns the place of the data, and nothing is done as another user after it was chosen.
    place = dict(stage)["VOLUME"]
    assert f"--home-dir {place} --create-home" in made
    assert not {"RUN", "COPY"} & {name for name, _ in stage[stage.index(("USER", user)) :]}


def test_the_image_holds_no_secret_and_sets_what_the_server_reads() -> None:
    assert not arguments("ARG")
    variables = dict(re.findall(r"(\w+)=(\S+)", " ".join(arguments("ENV"))))
    assert not [name for name in variables if re.search(r"KEY|SECRET|PASSWORD|TOKEN|URL", name)]
    ours = {name: value for name, value in variables.items() if name.startswith("SPECTRON_")}
    assert set(ours) <= VARIABLES
    assert ours["SPECTRON_DATA_DIR"] == arguments("VOLUME")[0]
    assert ours["SPECTRON_LISTEN"].rpartition(":")[2] == arguments("EXPOSE")[0]
    assert understood(" ".join([*quoted(arguments("ENTRYPOINT")[0]), *quoted(arguments("CMD")[0])]))


def test_the_builder_is_sent_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {
        source
        for rest in arguments("COPY")
        if not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert copied == sent
    for source in copied:
        assert (ROOT / source).exists()


@pytest.mark.parametrize("answers", [True, False])
async def test_the_health_check_needs_no_key(server: Server, answers: bool) -> None:
    words = quoted(arguments("HEALTHCHECK")[0])
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("SPECTRON_")
    }
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name(words[0]),
        *words[1:],
        # Nothing listens on the port for discarding.
        env=environment | {"SPECTRON_ENDPOINT": server.endpoint if answers else "127.0.0.1:9"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    assert (process.returncode == 0) == answers, printed.decode()


def test_the_services_are_those_that_are_meant() -> None:
    assert SERVICES == ["postgres", "migrate", "server", "worker", "vllm"]


@pytest.mark.parametrize("name", ["migrate", "server", "worker"])
def test_a_service_waits_for_what_it_needs(name: str) -> None:
    text = service(name)
    [command] = re.findall(r"^    command: \[(.*)\]$", text, re.MULTILINE)
    assert understood(" ".join(["spectron", *quoted(command)]))
    waits = dict(re.findall(r"^      (\w+):\n        condition: (\w+)$", text, re.MULTILINE))
    expected = {"postgres": "service_healthy"}
    if name != "migrate":
        expected["migrate"] = "service_completed_successfully"
    assert waits == expected
    assert set(re.findall(r"^      (SPECTRON_\w+):", text, re.MULTILINE)) <= VARIABLES


def test_the_database_can_be_reached_by_the_services_only() -> None:
    assert "pg_isready" in service("postgres")
    assert re.search(r"image: postgres:16\b", service("postgres"))
    published = {
        name: re.findall(r"^ +- \"?(\S+:\d+)\"?$", service(name), re.MULTILINE) for name in SERVICES
    }
    assert {name: ports for name, ports in published.items() if ports} == {
        "server": ["127.0.0.1:50051:50051"]
    }


def test_the_model_is_served_only_where_that_is_asked_for_and_only_to_the_services() -> None:
    text = service("vllm")
    assert 'profiles: ["gpu"]' in text
    assert "ports:" not in text
    assert "restart: always" in text
    assert re.search(r"image: vllm/vllm-openai:v\d+\.\d+\.\d+$", text, re.MULTILINE)
    name = re.search(r"--served-model-name=(\w+)", text)
    assert name
    assert f"SPECTRON_VLLM_MODEL: {name[1]}\n" in service("worker")
    assert f"SPECTRON_CHAT_MODEL={name[1]} " in COMPOSE
    options = set(re.findall(r"^      - (--.*)$", text, re.MULTILINE))
    page = (ROOT / "docs" / "vllm.md").read_text(encoding="utf-8")
    [command] = re.findall(r"```text\n(vllm serve [^`]*)```", page)
    told = {word.replace("'", "") for word in re.findall(r"--\S+", command)}
    assert options - {option for option in options if "served-model-name" in option} <= told


def test_every_secret_comes_from_the_environment() -> None:
    named = re.compile(r" +\w*(PASSWORD|KEY|DATABASE_URL)")
    secrets = [line for line in COMPOSE.splitlines() if named.match(line)]
    assert secrets
    assert all(re.search(r"\$\{\w+:\?", line) for line in secrets)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert ".env" in ignored
