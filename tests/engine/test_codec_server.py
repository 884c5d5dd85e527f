"""The codec server: it serves the Web UI on this machine, and nobody else."""

import asyncio
import base64
import http.client
import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.client import Client

from engine.codec import EncryptionCodec
from engine.codec_server import MAX_BYTES, codec_server
from engine.errors import ServerFailed
from engine.keys import KeyRing, new_key
from engine.plugin import plugin
from engine.server import EmbeddedServer, free_ports
from tests.engine.parts import SECRET, Delivery, Letter
from tests.engine.waiting import until

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='"张三"'.encode())
UI = "http://localhost:8233"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@pytest.fixture
def endpoint(keys: KeyRing) -> Iterator[str]:
    with codec_server(keys, ui_port=8233) as url:
        yield url.removeprefix("http://")


def call(
    endpoint: str, method: str, path: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection(endpoint, timeout=10)
    try:
        connection.request(method, path, body, {"Origin": UI, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def place(endpoint: str) -> tuple[str, int]:
    host, _, port = endpoint.partition(":")
    return host, int(port)


def as_json(*payloads: Payload) -> str:
    return json_format.MessageToJson(Payloads(payloads=payloads))


@pytest.mark.parametrize("path", ["/decode", "/decode?preserveStorageRefs=true"])
def test_the_ui_reads_a_sealed_payload(endpoint: str, keys: KeyRing, path: str) -> None:
    """POST /decode, also with the query that the UI appends, gives the payload in the clear, for the UI's page to read."""
    answer = call(endpoint, "POST", path, as_json(EncryptionCodec(keys).encrypt(PLAIN)), {"X-Namespace": "default"})
    assert answer.status == 200
    assert json_format.Parse(answer.body, Payloads()) == Payloads(payloads=[PLAIN])
    assert answer.headers["Access-Control-Allow-Origin"] == UI
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_the_ui_sends_is_sealed(endpoint: str, keys: KeyRing) -> None:
    """POST /encode gives what a worker can open."""
    answer = call(endpoint, "POST", "/encode", as_json(PLAIN))
    (sealed,) = json_format.Parse(answer.body, Payloads()).payloads
    assert sealed.metadata["encoding"] == b"binary/encrypted"
    assert EncryptionCodec(keys).decrypt(sealed) == PLAIN


@pytest.mark.parametrize("origin", [UI, "http://127.0.0.1:8233"])
def test_the_preflight_of_both_names_of_the_ui_passes(endpoint: str, origin: str) -> None:
    """The browser asks first, with the headers that the UI sends."""
    answer = call(endpoint, "OPTIONS", "/decode", headers={"Origin": origin})
    assert (answer.status, answer.body) == (204, "")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, X-Namespace"


@pytest.mark.parametrize("origin", ["http://localhost:8234", "https://localhost:8233", "http://evil.example", "null"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_another_page_gets_nothing(endpoint: str, keys: KeyRing, method: str, origin: str) -> None:
    """No answer, no permission to read it, and no plain text."""
    answer = call(endpoint, method, "/decode", as_json(EncryptionCodec(keys).encrypt(PLAIN)), {"Origin": origin})
    assert (answer.status, answer.body) == (403, "this origin is not the Web UI that we serve\n")
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_a_rebound_host_name_gets_nothing(endpoint: str) -> None:
    """A foreign name that resolves to this machine is refused."""
    answer = call(endpoint, "POST", "/decode", as_json(PLAIN), {"Host": "evil.example:80"})
    assert (answer.status, answer.body) == (403, "this host name is not ours; use localhost or 127.0.0.1\n")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "身份证110101",
        '{"payloads": "身份证"}',
        '{"other": []}',
        b"\xff\xfe",
        "[" * 5000,
        '{"payloads": [NaN]}',
        '{"payloads": [{"data": ' + "9" * 5000 + "}]}",
        r'{"payloads": [{"metadata": {"\ud800": "aGk="}}]}',
    ],
    ids=[
        "empty",
        "cut",
        "list",
        "text",
        "wrong type",
        "unknown field",
        "no text",
        "deep",
        "NaN",
        "digits",
        "surrogate",
    ],
)
def test_a_bad_body_is_one_line_that_repeats_nothing(endpoint: str, body: str | bytes) -> None:
    """Whatever was sent, the answer is the same sentence."""
    answer = call(endpoint, "POST", "/decode", body.encode() if isinstance(body, str) else body)
    assert (answer.status, answer.body) == (400, 'the body is not {"payloads": [...]}\n')


def test_an_unknown_key_is_told_by_its_stable_type(endpoint: str) -> None:
    """The operator learns which key is missing."""
    other = KeyRing.parse(new_key(), source="the test")
    answer = call(endpoint, "POST", "/decode", as_json(EncryptionCodec(other).encrypt(PLAIN)))
    assert answer.status == 400
    assert answer.body == (
        f"a payload was encrypted with key '{other.current}', which is not in the ring; add it to TOUSU_KEYS "
        "[UnknownPayloadKey]\n"
    )


def test_an_oversized_body_is_refused_unread(endpoint: str) -> None:
    """The announced length is enough to say no."""
    with socket.create_connection(place(endpoint), timeout=10) as connection:
        head = f"POST /decode HTTP/1.1\r\nHost: {endpoint}\r\nContent-Length: {MAX_BYTES + 1}\r\n\r\n"
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(4096).splitlines()[0]


@pytest.mark.parametrize("length", ["", "Content-Length: -1\r\n", "Content-Length: " + "9" * 5000 + "\r\n"])
def test_a_body_without_length_is_refused(endpoint: str, length: str) -> None:
    """Nothing is read that may never end."""
    with socket.create_connection(place(endpoint), timeout=10) as connection:
        connection.sendall(f"POST /decode HTTP/1.1\r\nHost: {endpoint}\r\n{length}\r\n".encode())
        assert b" 411 " in connection.recv(4096).splitlines()[0]


def test_other_paths_and_methods_do_not_exist(endpoint: str) -> None:
    """There is nothing to browse."""
    assert call(endpoint, "POST", "/keys", "{}").status == 404
    assert call(endpoint, "GET", "/").status == 501


def test_a_port_that_is_taken_is_one_clear_error(endpoint: str, keys: KeyRing) -> None:
    """The second codec server says which port it wanted."""
    port = int(endpoint.partition(":")[2])
    with pytest.raises(ServerFailed) as caught, codec_server(keys, ui_port=8233, port=port):
        pass
    assert str(caught.value) == (f"the codec server cannot listen on 127.0.0.1:{port}; another process uses that port")


def test_it_listens_on_loopback_only_and_stops_with_its_block(keys: KeyRing) -> None:
    """After the block the port is closed."""
    with codec_server(keys, ui_port=8233) as url:
        host, port = url.removeprefix("http://").split(":")
        assert host == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


async def test_the_ui_finds_it_and_reads_a_real_history_through_it(
    tmp_path: Path, keys: KeyRing, task_queue: str
) -> None:
    """The UI's settings name the endpoint, and it opens what the UI's own interface hands out."""
    (ui_port,) = free_ports(1)
    with codec_server(keys, ui_port=ui_port) as url:
        async with EmbeddedServer(tmp_path, ui_port=ui_port, codec_endpoint=url) as server:
            assert json.loads((await ui(server, "/api/v1/settings")).body)["Codec"]["Endpoint"] == url
            client = await Client.connect(server.address, plugins=[plugin(keys)])
            await client.start_workflow(Delivery.run, Letter(text=SECRET), id="d", task_queue=task_queue)
            history = "/api/v1/namespaces/default/workflows/d/history"

            async def connected() -> bool:
                return (await ui(server, history)).status == 200

            await until(connected)  # The UI tries its server for the first time before that listens, then after 1 s.
            (started, *_) = json.loads((await ui(server, history)).body)["history"]["events"]
        stored = json.dumps(started["workflowExecutionStartedEventAttributes"]["input"])
        origin = {"Origin": f"http://localhost:{ui_port}"}
        decoded = await asyncio.to_thread(call, url.removeprefix("http://"), "POST", "/decode", stored, origin)
    (payload,) = json.loads(decoded.body)["payloads"]
    assert json.loads(base64.b64decode(payload["data"]))["text"] == SECRET


async def ui(server: EmbeddedServer, path: str) -> Answer:
    return await asyncio.to_thread(call, server.ui.removeprefix("http://"), "GET", path)


def test_a_browser_that_goes_away_leaves_no_traceback(endpoint: str, capfd: pytest.CaptureFixture[str]) -> None:
    """It closes its connection with a reset before it was answered; the next one is served."""
    host, port = endpoint.split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.sendall(f"POST /decode HTTP/1.1\r\nHost: {endpoint}\r\nContent-Length: 2\r\n\r\n".encode())
    assert call(endpoint, "OPTIONS", "/decode").status == 204
    assert "Traceback" not in capfd.readouterr().err
