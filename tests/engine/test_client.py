"""Connecting: which server, how long, and what is said when it fails."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from engine.client import address_of, connect
from engine.errors import ConfigError, NotConnected
from engine.server import NOTE, EmbeddedServer, free_ports
from engine.settings import Settings

KEYS = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


async def test_the_running_embedded_server_is_found_through_its_home(tmp_path: Path) -> None:
    """A second shell needs the same TOUSU_HOME and nothing else."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path)})
    async with EmbeddedServer(tmp_path) as server:
        client = await connect(settings)
        assert client.service_client.config.target_host == server.address
        assert client.namespace == "default"


async def test_a_home_without_a_running_server_asks_no_other(tmp_path: Path) -> None:
    """Never begun, or ended in whatever way: at Temporal's default address another installation may listen."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path / "home")})
    line = (
        f"no Temporal server runs for {tmp_path / 'home'}; start it with `tousu up`, or name another installation: "
        "TOUSU_HOME for its folder, TEMPORAL_ADDRESS for its server"
    )
    with pytest.raises(NotConnected) as caught:
        await connect(settings)
    assert str(caught.value) == line
    assert not await asyncio.to_thread(settings.home.exists), "no folder and no key was made up"
    async with EmbeddedServer(settings.home):
        left_by_a_kill = (settings.home / NOTE).read_text()
    for note in ("", left_by_a_kill):
        (settings.home / NOTE).write_text(note)
        with pytest.raises(NotConnected, match="no Temporal server runs for"):
            address_of(settings)


async def test_the_configured_address_wins_over_the_running_one(tmp_path: Path) -> None:
    """TEMPORAL_ADDRESS is what the operator said."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path), "TEMPORAL_ADDRESS": "temporal.example:7233"})
    async with EmbeddedServer(tmp_path):
        assert address_of(settings) == "temporal.example:7233"


async def test_namespace_and_credentials_come_from_the_standard_environment(temporal_server: EmbeddedServer) -> None:
    """The same variables as for the temporal command."""
    settings = Settings.from_environment(
        {
            "TEMPORAL_ADDRESS": temporal_server.address,
            "TEMPORAL_NAMESPACE": "complaints",
            "TEMPORAL_API_KEY": "s3cret",
            "TEMPORAL_TLS": "false",
            "TOUSU_KEYS": KEYS,
        }
    )
    client = await connect(settings)
    config = client.service_client.config
    assert (client.namespace, config.api_key, config.tls) == ("complaints", "s3cret", False)


async def test_a_server_that_does_not_answer_is_one_clear_error(tmp_path: Path) -> None:
    """After a bounded time, with the address and what to do."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path), "TEMPORAL_ADDRESS": address, "TOUSU_KEYS": KEYS})
    with pytest.raises(NotConnected) as caught:
        await connect(settings, patience=timedelta(seconds=0.5))
    assert str(caught.value) == (
        f"no Temporal server answers at {address}; see that it runs and that TEMPORAL_ADDRESS is right"
    )


async def test_a_server_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    """A worker may be started before its server."""
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    settings = Settings.from_environment({"TEMPORAL_ADDRESS": address, "TOUSU_KEYS": KEYS})
    connecting = asyncio.create_task(connect(settings, patience=timedelta(seconds=30)))
    await asyncio.sleep(0)
    async with EmbeddedServer(tmp_path, port=port):
        client = await connecting
        assert client.service_client.config.target_host == address


async def test_without_a_key_for_an_outside_server_nothing_connects(
    temporal_server: EmbeddedServer, tmp_path: Path
) -> None:
    """The configuration error comes before the first packet."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path), "TEMPORAL_ADDRESS": temporal_server.address})
    with pytest.raises(ConfigError, match="TOUSU_KEYS is not set"):
        await connect(settings)
