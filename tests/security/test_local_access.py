"""What other users of the machine can reach of a running embedded database: nothing."""

import stat
from pathlib import Path

from spectron_server.storage.embedded import EmbeddedPostgres


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_database_and_its_socket_are_closed_to_other_users(data_directory: Path) -> None:
    data_directory.chmod(0o755)
    postgres = EmbeddedPostgres.start(data_directory / "data")
    try:
        cluster = data_directory / "data" / "postgres"
        # Whoever cannot enter the directory can open neither a file nor a socket in it.
        assert mode_of(cluster) == 0o700
        sockets = [each for each in cluster.iterdir() if stat.S_ISSOCK(each.stat().st_mode)]
        assert [mode_of(each) for each in sockets] == [0o700]
        assert mode_of(cluster / "log") & 0o077 == 0
    finally:
        postgres.stop()
