"""Fetching over real TLS from a server on this machine: only https, only a known authority, only a little."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from qbx_desktop.data.update_manifest import UpdateError
from qbx_desktop.data.update_source import fetch

# Its library of certificates wants a Windows DLL that Wine has not.
trustme = pytest.importorskip("trustme", reason="certificates cannot be made here", exc_type=ImportError)


class Answers(BaseHTTPRequestHandler):
    """`/ok` answers, `/large` too much, `/away` leads to plain http, `/gone` is 404."""

    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append(dict(self.headers.items()))
        code = {"/ok": 200, "/large": 200, "/away": 302}.get(self.path, 404)
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "http://127.0.0.1:9/ok")
        self.end_headers()
        if code == 200:
            self.wfile.write(b"{}" if self.path == "/ok" else b"x" * 70_000)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class TlsServer(ThreadingHTTPServer):
    """Shakes hands in the thread of the connection, and closes one that fails to."""

    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        assert isinstance(request, socket.socket)
        try:
            with self.context.wrap_socket(request, server_side=True) as secure:
                self.RequestHandlerClass(secure, client_address, self)
        except OSError:
            request.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    made = TlsServer(("127.0.0.1", 0), Answers)
    made.context = context
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def why(address: str, context: ssl.SSLContext | None) -> str:
    with pytest.raises(UpdateError) as caught:
        fetch(address, context)
    return caught.value.message.code


def test_what_lies_there_is_fetched_and_nothing_is_told(server: str, trusting: ssl.SSLContext) -> None:
    assert fetch(f"{server}/ok", trusting) == b"{}"
    headers = Answers.asked[-1]
    assert headers["User-Agent"] == "QuantumBotX", "neither version nor system nor account"
    assert set(headers) <= {"User-Agent", "Accept", "Accept-Encoding", "Host", "Connection"}


def test_an_unknown_authority_is_refused(server: str) -> None:
    assert why(f"{server}/ok", None) == "update.unreached"


def test_plain_http_is_refused_at_once() -> None:
    assert why("http://127.0.0.1:9/ok", None) == "update.unsafe"


def test_a_redirect_out_of_https_is_refused(server: str, trusting: ssl.SSLContext) -> None:
    assert why(f"{server}/away", trusting) == "update.unsafe"


@pytest.mark.parametrize("path", ["/large", "/gone"])
def test_too_much_or_nothing_is_refused(server: str, trusting: ssl.SSLContext, path: str) -> None:
    assert why(server + path, trusting) == "update.unreached"


def test_nobody_there_is_a_sentence() -> None:
    assert why("https://127.0.0.1:9/ok", None) == "update.unreached"
