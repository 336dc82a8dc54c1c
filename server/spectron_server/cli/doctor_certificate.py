"""Until when a certificate is good, as those who connect will see it.

Python reads a certificate's dates only of one that it has verified as a client. So the server's
files are tried out on a client that trusts just them, within this process.
"""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from spectron_server.cli.finding import Check, fail, good, warn
from spectron_server.cli.output import day
from spectron_server.domain.clock import Clock

_SOON: Final = timedelta(days=21)
_CONNECT_S: Final = 5.0
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_WHY: Final = "Clients refuse to connect with a certificate that is not valid."
_ADVICE: Final = "Renew it, and restart the server: it reads its certificate when it starts."


def certificate_of_files(certificate: Path, key: Path, clock: Clock) -> Check:
    """Checks the certificate that a server is to show.

    Args:
        certificate: The chain, a PEM file.
        key: Its private key.
        clock: The clock.

    Returns:
        What was found. The two files must fit together.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key, password="")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    showing = server.wrap_bio(to_server, to_client, server_side=True)
    try:
        for _ in range(3):
            for side in (asking, showing):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
    except ssl.SSLCertVerificationError as error:
        return _refused(error)
    return _told(asking.getpeercert(), clock)


def certificate_of_server(
    host: str, port: int, root_certificates: bytes | None, clock: Clock
) -> Check | None:
    """Checks the certificate that a server shows.

    Args:
        host: Where it listens.
        port: On which port.
        root_certificates: What is trusted; None: what this machine trusts.
        clock: The clock.

    Returns:
        What was found; None if nothing there speaks TLS.
    """
    context = ssl.create_default_context(
        cadata=root_certificates.decode("ascii", "ignore") if root_certificates else None
    )
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((host, port), timeout=_CONNECT_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            return _told(connection.getpeercert(), clock)
    except ssl.SSLCertVerificationError as error:
        return _refused(error)
    except OSError:
        return None


def _refused(error: ssl.SSLCertVerificationError) -> Check:
    name = "certificate"
    if error.verify_code == _EXPIRED:
        return fail(name, "has expired", _ADVICE, why=_WHY)
    if error.verify_code == _NOT_YET_VALID:
        advice = "Correct this machine's clock, or wait."
        return fail(name, "is not valid yet", advice, why=_WHY)
    advice = (
        "If it is one of your own, name the root that signed it in SPECTRON_TLS_ROOT_CERTIFICATES, "
        "and connect by a name that it holds."
    )
    return fail(name, f"is not trusted: {error.verify_message}", advice, why=_WHY)


def _told(certificate: object, clock: Clock) -> Check:
    name = "certificate"
    assert isinstance(certificate, dict)
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    left = until - clock.now()
    if left <= timedelta():
        return fail(name, f"has expired, on {day(until)}", _ADVICE, why=_WHY)
    if left < _SOON:
        return warn(name, f"expires on {day(until)}, in {left.days} days", _ADVICE, why=_WHY)
    return good(name, f"valid until {day(until)}")
