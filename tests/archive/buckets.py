"""A real server of the S3 protocol in a process of its own, reached by the client that production has."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import Request, urlopen

from engine.server import free_ports

HOST = "127.0.0.1"
SERVE = "import sys; from moto.server import main; main(['-H', sys.argv[1], '-p', sys.argv[2]])"


@contextmanager
def bucket_server(bucket: str = "archive") -> Iterator[dict[str, str]]:
    """Run the server with one empty *bucket*; give the variables by which a client finds it."""
    (port,) = free_ports(1)
    address = f"http://{HOST}:{port}"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, HOST, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _make(f"{address}/{bucket}", server)
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    finally:
        server.terminate()
        server.wait(30)


def _make(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the bucket server ended"
        try:
            with urlopen(Request(url, method="PUT")):  # noqa: S310  # a server of ours on loopback
                return
        except URLError:
            time.sleep(0.05)
    raise AssertionError("the bucket server does not answer")
