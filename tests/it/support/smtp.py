"""A mail server for tests: prints its port, then each mail that it takes as a line of JSON.

Arguments: the port, or 0; `plain`, `starttls` or `smtps`; a folder for its certificate.
"""

import asyncio
import datetime
import ipaddress
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("banned@"):
            return "550 5.7.1 not from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 nobody here has that name"
        if address.startswith("busy@"):
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "hello": session.host_name,
            "encrypted": server.transport.get_extra_info("cipher") is not None,
            "login": (session.auth_data or b"").decode(),
            "text": envelope.content.decode(),
        }
        print(json.dumps(mail), flush=True)
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"ada", b"p@ss")
    return AuthResult(success=good, handled=False, auth_data=data.login)


def certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - day).not_valid_after(now + day)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    pem = serialization.Encoding.PEM
    folder = pathlib.Path(folder)
    (folder / "mail.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "mail.key").write_bytes(key.private_bytes(pem, form, none))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "mail.pem", folder / "mail.key")
    return context


async def main(port, mode, folder):
    context = None if mode == "plain" else certificate(folder)
    start = context if mode == "starttls" else None

    def session():
        return SMTP(
            Handler(),
            hostname="mail.test",
            tls_context=start,
            require_starttls=start is not None,
            authenticator=login,
            auth_require_tls=mode == "starttls",
        )

    wrap = context if mode == "smtps" else None
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port, ssl=wrap)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
