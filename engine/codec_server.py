"""
The codec server: by it the Temporal Web UI, in the operator's own browser, reads and writes encrypted payloads.

It holds the keys, so it answers on loopback only, to the configured UI origins only, and only under its own host
name (a page elsewhere could otherwise rebind a name of its own to 127.0.0.1).
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from engine.codec import EncryptionCodec
from engine.errors import PayloadError, ServerFailed
from engine.keys import KeyRing
from engine.server import HOST

MAX_BYTES: Final = 8 * 1024 * 1024  # Temporal takes 4 MB in a message; base64 and JSON make a third more of it.
_ALLOWED_HEADERS: Final = "Content-Type, X-Namespace"


@contextmanager
def codec_server(keys: KeyRing, *, ui_port: int, port: int = 0) -> Iterator[str]:
    """Serve in a thread for the length of the block; give the URL for ``--ui-codec-endpoint``; port 0 takes any."""
    codec = EncryptionCodec(keys)
    origins = frozenset({f"http://localhost:{ui_port}", f"http://{HOST}:{ui_port}"})
    try:
        server = _Server((HOST, port), codec, origins)
    except OSError:
        raise ServerFailed(f"the codec server cannot listen on {HOST}:{port}; another process uses that port") from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="codec-server")
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _object(body: bytes) -> dict[str, Any]:
    value = json.loads(body)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for every bad body
    return value


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away before its answer came; anything else is a defect, and shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as the base declares it

    def __init__(self, address: tuple[str, int], codec: EncryptionCodec, origins: frozenset[str]) -> None:
        super().__init__(address, _Handler)
        self.origins = origins
        self.hosts = frozenset({f"localhost:{self.server_port}", f"{HOST}:{self.server_port}"})
        self.routes: dict[str, Callable[[Payload], Payload]] = {"/encode": codec.encrypt, "/decode": codec.decrypt}


class _Refused(Exception):  # noqa: N818 - it carries an answer, not a failure of ours
    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10  # A client that stops sending frees its thread.

    def do_OPTIONS(self) -> None:
        try:
            self._check_caller()
        except _Refused as refused:
            self._answer(refused.status, f"{refused}\n".encode(), "text/plain; charset=utf-8")
        else:
            self._answer(HTTPStatus.NO_CONTENT)

    def do_POST(self) -> None:
        try:
            self._check_caller()
            body = self._convert()
        except _Refused as refused:
            self._answer(refused.status, f"{refused}\n".encode(), "text/plain; charset=utf-8")
        else:
            self._answer(HTTPStatus.OK, body, "application/json")

    def _check_caller(self) -> None:
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            raise _Refused(HTTPStatus.FORBIDDEN, "this host name is not ours; use localhost or 127.0.0.1")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in self.server.origins:
            raise _Refused(HTTPStatus.FORBIDDEN, "this origin is not the Web UI that we serve")

    def _convert(self) -> bytes:
        # The Web UI appends a query of its own; what it asks for there does not concern a codec.
        if (operation := self.server.routes.get(urlsplit(self.path).path)) is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "there are POST /encode and POST /decode")
        try:
            payloads = json_format.ParseDict(_object(self._body()), Payloads())
        except (json_format.ParseError, ValueError, RecursionError):
            raise _Refused(HTTPStatus.BAD_REQUEST, 'the body is not {"payloads": [...]}') from None
        try:
            converted = Payloads(payloads=[operation(payload) for payload in payloads.payloads])
        except PayloadError as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, f"{error} [{type(error).__name__}]") from None
        return json_format.MessageToJson(converted, indent=None).encode()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        # Python turns no more than some thousands of digits into a number.
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing or no number")
        if int(length) > MAX_BYTES:
            self.close_connection = True
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MAX_BYTES} bytes")
        return self.rfile.read(int(length))

    def _answer(self, status: HTTPStatus, body: bytes = b"", kind: str | None = None) -> None:
        self.send_response(status)
        if (origin := self.headers.get("Origin")) in self.server.origins:
            self.send_header("Access-Control-Allow-Origin", str(origin))
            self.send_header("Access-Control-Allow-Methods", "POST, OPTIONS")
            self.send_header("Access-Control-Allow-Headers", _ALLOWED_HEADERS)
            self.send_header("Access-Control-Max-Age", "600")
        self.send_header("Vary", "Origin")
        if kind is not None:
            self.send_header("Content-Type", kind)
            self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent: what people read in the UI is nobody's business here."""
