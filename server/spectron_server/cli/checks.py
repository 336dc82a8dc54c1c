"""What `spectron doctor` checks on the server's own machine, without disturbing a server there."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg
from pydantic import ValidationError

from spectron_server.cli.doctor_certificate import certificate_of_files
from spectron_server.cli.doctor_database import database_checks
from spectron_server.cli.doctor_models import model_checks
from spectron_server.cli.errors import settings_faults
from spectron_server.cli.finding import Check, Status, fail, good, skip, warn
from spectron_server.domain.clock import Clock
from spectron_server.domain.errors import DatabaseUnavailableError
from spectron_server.index.weights import WeightsError, locate_weights
from spectron_server.rpc.tls import CertificateError, Tls
from spectron_server.settings import Settings
from spectron_server.storage import migrate
from spectron_server.storage.embedded import (
    DataDirectoryInUseError,
    EmbeddedPostgres,
    EmbeddedPostgresError,
)

_LEAST_POSTGRES: Final = 150_000
_CONNECT_S: Final = 5
_LITTLE_DISK: Final = 2 << 30
_NO_DISK: Final = 256 << 20
_CLOCK_TOLERANCE: Final = timedelta(seconds=30)
_NO_SERVER: Final = "The server does not start like this."
_NEWER: Final = "Install that version of spectron, or go back to a backup."
_ITS_LOG: Final = "See its log, under postgres/log in the data directory."
_FULL: Final = "PostgreSQL stops when the disk is full, and nothing can be recorded."


def local_checks(clock: Clock) -> Iterator[Check]:
    """Checks the settings, the data, the database, models, the certificate and the disk."""
    try:
        settings = Settings()
    except ValidationError as error:
        for sentence in settings_faults(error):
            advice = "Correct the environment variable, or unset it."
            yield fail("settings", sentence, advice, why="The server does not start with it.")
        yield skip("data, database", "not checked, because the settings cannot be read")
        return
    database = "the embedded database" if settings.embedded else "the database that is named"
    yield good("settings", f"readable: {settings.listen}, {database}")
    owner = lock_owner(settings.data_dir)
    yield _data_directory(settings, owner)
    if settings.embedded:
        yield from _embedded_database(settings, owner, clock)
    else:
        yield from _named_database(settings, clock)
    yield _weights()
    yield from model_checks(settings)
    yield from _certificate(settings, clock)
    yield _disk(settings.data_dir)


def unused_data_directory() -> Path | None:
    """Returns the data directory of this machine's embedded database if no server uses it."""
    try:
        settings = Settings()
    except ValidationError:
        return None
    unused = settings.embedded and lock_owner(settings.data_dir) is None
    return settings.data_dir if unused else None


def data_of_server(unused: Path) -> Check:
    """Returns that a server answers, and none uses the data that was checked.

    Args:
        unused: The data directory.
    """
    return warn(
        "server's data",
        f"not checked: the server that answers does not use {unused}",
        "Set SPECTRON_DATA_DIR or SPECTRON_DATABASE_URL as it has them, or look with --remote at "
        "the server alone.",
        why="What was found of data and database here is not about that server.",
    )


def lock_owner(data_dir: Path) -> str | None:
    """Returns the process id of the server that uses a data directory, `?` if it is not known.

    A shared lock, freed at once, tells whether a server holds its exclusive one.

    Returns:
        The process id; None if no server uses the directory.
    """
    try:
        with (data_dir / "server.lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip() or "?"
    except OSError:
        return None
    return None


def _data_directory(settings: Settings, owner: str | None) -> Check:
    path = settings.data_dir
    advice = "Choose another with SPECTRON_DATA_DIR, or give this user the right to write there."
    existing = _existing(path)
    if not existing.is_dir():
        return fail("data", f"{existing} is not a directory", advice, why=_NO_SERVER)
    if not os.access(existing, os.W_OK | os.X_OK):
        message = f"{existing} cannot be written by this user"
        return fail("data", message, advice, why=_NO_SERVER)
    if not path.exists():
        return good("data", f"{path} does not exist yet: the first start makes it")
    if owner is not None:
        return good("data", f"{path} is used by a server, process {owner}")
    return good("data", f"{path} can be written, and no server uses it")


def _embedded_database(settings: Settings, owner: str | None, clock: Clock) -> Iterator[Check]:
    name = "database"
    data_dir = settings.data_dir
    cluster = data_dir / "postgres"
    if not os.access(data_dir, os.R_OK | os.X_OK) or not (cluster / "PG_VERSION").exists():
        yield skip(name, "there is no embedded database yet: the first start makes it")
        return
    if owner is not None:
        url = running_url(cluster)
        if url is None:
            yield skip(name, "a server uses the embedded database; it tells its state itself")
            return
        yield (schema := _schema(name, url, "the embedded PostgreSQL runs, and its schema fits"))
        if schema.status is Status.OK:
            yield from database_checks(url, settings, clock, expect_server=True)
        return
    try:
        postgres = EmbeddedPostgres.start(data_dir)
    except DataDirectoryInUseError:
        yield skip(name, "a server is starting on the embedded database")
        return
    except EmbeddedPostgresError as error:
        yield fail(name, str(error), _ITS_LOG, why=_NO_SERVER)
        return
    try:
        url = postgres.url
        yield (schema := _schema(name, url, "the embedded PostgreSQL starts, and its schema fits"))
        if schema.status is Status.OK:
            yield from database_checks(url, settings, clock, expect_server=False)
    finally:
        postgres.stop()


def running_url(cluster: Path) -> str | None:
    """Returns the address of the PostgreSQL that runs on a cluster, None if it cannot be told.

    PostgreSQL writes its port on the fourth line of `postmaster.pid` and the directory of its
    socket on the fifth.
    """
    try:
        told = (cluster / "postmaster.pid").read_text().splitlines()
        port, directory = told[3].strip(), told[4].strip()
    except (OSError, IndexError):
        return None
    if not directory or not port.isdecimal():
        return None
    url = f"postgresql://postgres@/spectron?host={directory}&port={port}"
    try:
        psycopg.connect(url, connect_timeout=_CONNECT_S).close()
    except psycopg.Error:
        return None
    return url


def _schema(name: str, url: str, message: str) -> Check:
    try:
        migrate.check(url)
    except migrate.SchemaOutdatedError as error:
        advice = "Start `spectron serve`: it migrates the embedded one."
        return warn(name, str(error), advice, why="This version of spectron needs them.")
    except migrate.SchemaTooNewError as error:
        return fail(name, str(error), _NEWER, why=_NO_SERVER)
    except DatabaseUnavailableError as error:
        return fail(name, error.message, _ITS_LOG, why=_NO_SERVER)
    return good(name, message)


def _named_database(settings: Settings, clock: Clock) -> Iterator[Check]:
    name = "database"
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_S) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version_num')::int, clock_timestamp()"
            ).fetchone()
    except psycopg.Error as error:
        yield fail(
            name,
            f"cannot be reached: {migrate.reason(error)}",
            "Check SPECTRON_DATABASE_URL, and that PostgreSQL runs and lets this machine in.",
            why="All memories are there: without it, every call is answered with UNAVAILABLE.",
        )
        return
    assert row is not None
    version, there = row
    if version < _LEAST_POSTGRES:
        old = f"PostgreSQL {version // 10_000} is too old"
        yield fail(name, old, "Use 15 or later.", why="Statements of the server fail on it.")
        return
    fits = False
    try:
        migrate.check(url)
        fits = True
    except migrate.SchemaOutdatedError as error:
        yield fail(
            name, str(error), "Stop all servers, and run `spectron migrate`.", why=_NO_SERVER
        )
    except migrate.SchemaTooNewError as error:
        yield fail(name, str(error), _NEWER, why=_NO_SERVER)
    except DatabaseUnavailableError as error:
        yield fail(name, error.message, "Try again.", why=_NO_SERVER)
    else:
        yield good(name, f"PostgreSQL {version // 10_000} answers, and its schema fits")
    apart = abs(there - clock.now())
    if apart > _CLOCK_TOLERANCE:
        yield warn(
            "database clock",
            f"differs from this machine's by {apart.total_seconds():.0f} s",
            "Keep both machines' clocks right, with NTP: `timedatectl set-ntp true`.",
            why="Jobs of workers that live may be taken for those of dead ones.",
        )
    else:
        yield good("database clock", "agrees with this machine's")
    if fits:
        yield from database_checks(url, settings, clock, expect_server=True)


def _certificate(settings: Settings, clock: Clock) -> Iterator[Check]:
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None or key is None:
        return
    try:
        Tls.load(certificate, key)
    except CertificateError as error:
        advice = "Correct SPECTRON_TLS_CERTIFICATE and SPECTRON_TLS_KEY."
        yield fail("certificate", str(error), advice, why=_NO_SERVER)
    else:
        yield certificate_of_files(certificate, key, clock)


def _weights() -> Check:
    name = "embedder"
    try:
        weights = locate_weights()
        weights.read_tokenizer()
        weights.read_tensors()
    except WeightsError as error:
        return fail(name, str(error), "Install the weights as it says.", why=_NO_SERVER)
    except OSError as error:
        message = f"the weights cannot be read: {error.strerror}"
        return fail(name, message, "Install them again.", why=_NO_SERVER)
    return good(name, "the weights are there, and are the official ones")


def _disk(data_dir: Path) -> Check:
    name = "disk"
    existing = _existing(data_dir)
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        return skip(name, f"cannot be asked: {error.strerror}")
    message = f"{free / (1 << 30):.1f} GiB free at {existing}"
    if free < _NO_DISK:
        return fail(name, message, "Make room, or move the data: SPECTRON_DATA_DIR.", why=_FULL)
    if free < _LITTLE_DISK:
        return warn(name, message, "Make room before it is full.", why=_FULL)
    return good(name, message)


def _existing(path: Path) -> Path:
    """Returns a path, or its nearest ancestor that exists."""
    path = path.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
