"""The system user that root's embedded PostgreSQL runs as."""

import contextlib
import os
import pwd
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spectron_server.storage import system_user


def test_first_starts_side_by_side_make_the_user_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    users: list[str] = []
    both_looked = threading.Barrier(2)
    both_add = threading.Barrier(2)
    waited = threading.local()

    def look(name: str) -> str:
        if not hasattr(waited, "once"):
            waited.once = True
            both_looked.wait(10)
        if name not in users:
            raise KeyError(name)
        return name

    def add(command: list[str], **_: object) -> None:
        # Without a lock, the other one gets here as well: each found no user.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_add.wait(0.5)
        users.append(command[-1])

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", look)
    monkeypatch.setattr(subprocess, "run", add)
    monkeypatch.setattr(system_user, "_LOCK", tmp_path / "lock")
    with ThreadPoolExecutor(2) as pool:
        for made in [pool.submit(system_user.ensure_system_user) for _ in range(2)]:
            made.result(timeout=20)
    assert users == ["pgserver"]
