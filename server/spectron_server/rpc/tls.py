"""The certificate that a server shows, read from files and checked before it is used."""

import ssl
from dataclasses import dataclass
from pathlib import Path


class CertificateError(Exception):
    """The files are no certificate and key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """A certificate chain and its private key, in PEM."""

    certificate: bytes
    key: bytes

    @classmethod
    def load(cls, certificate: Path, key: Path) -> "Tls":
        """Reads and checks the two files.

        Raises:
            CertificateError: One cannot be read, or they do not fit; the message says which.
        """
        pair = cls(certificate=_read(certificate), key=_read(key))
        try:
            # gRPC would only say that it cannot listen. The empty password keeps an encrypted key
            # from asking for one on the terminal.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key, password="")
        except ssl.SSLError as error:
            raise CertificateError(
                f"{certificate} and {key} are not a certificate and its unencrypted private key "
                "in PEM. Check SPECTRON_TLS_CERTIFICATE and SPECTRON_TLS_KEY."
            ) from error
        return pair


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"Cannot read {path}: {error.strerror}.") from error
