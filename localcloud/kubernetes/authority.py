"""The cluster's own authority, the API server's certificate, and the administrator's token."""

import base64
import datetime
import ipaddress
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

_LIFE = datetime.timedelta(days=365)


def make_keys(folder: Path, address: str) -> None:
    """Writes ca.crt, api.crt, api.key, service.key and tokens.csv; keeps what is there."""
    if (folder / "tokens.csv").exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("slipway local cluster", ca_key, ca_key, None, ())
    key = ec.generate_private_key(ec.SECP256R1())
    names = (
        x509.IPAddress(ipaddress.ip_address(address)),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("10.96.0.1")),
        x509.DNSName("kubernetes.default.svc"),
    )
    served = _certificate("kube-apiserver", key, ca_key, ca, names)
    _write(folder / "ca.crt", ca.public_bytes(serialization.Encoding.PEM))
    _write(folder / "api.crt", served.public_bytes(serialization.Encoding.PEM))
    _write(folder / "api.key", _pem(key))
    _write(folder / "service.key", _pem(rsa.generate_private_key(65537, 2048)))
    token = secrets.token_hex(16)
    _write(folder / "tokens.csv", f"{token},admin,admin,system:masters\n".encode())


def authority_data(folder: Path) -> str:
    """The CA's certificate as a kubeconfig holds it."""
    return base64.b64encode((folder / "ca.crt").read_bytes()).decode()


def admin_token(folder: Path) -> str:
    """The administrator's token."""
    return (folder / "tokens.csv").read_text().partition(",")[0]


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    names: tuple[x509.GeneralName, ...],
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(signer, hashes.SHA256())


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
