"""The registry of search attributes: within the embedded server's limits, and registered on an outside one."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType as Kind
from temporalio.common import SearchAttributeKey

from engine.errors import SearchAttributesMissing
from engine.search_attributes import register, server_flags
from engine.server import EmbeddedServer
from models.search_attributes import OVERDUE, SEARCH_ATTRIBUTES, STAGE

SQLITE_LIMITS = {Kind.BOOL: 3, Kind.DATETIME: 3, Kind.KEYWORD: 10, Kind.KEYWORD_LIST: 3}


def test_the_registry_fits_the_embedded_server() -> None:
    """SQLite has columns for so many of each kind; a fourth datetime would be refused when a complaint opens."""
    for kind, count in Counter(key.indexed_value_type for key in SEARCH_ATTRIBUTES).items():
        assert count <= SQLITE_LIMITS[kind], kind


def test_every_name_is_ours_and_stands_once() -> None:
    """They share a namespace with other people's attributes."""
    names = [key.name for key in SEARCH_ATTRIBUTES]
    assert len(set(names)) == len(names)
    assert all(name.startswith("Tousu") for name in names)


def test_every_key_of_the_module_is_registered() -> None:
    """A key that is defined and left out of the tuple would fail on the first upsert."""
    import models.search_attributes as module

    defined = {name for name, value in vars(module).items() if isinstance(value, SearchAttributeKey)}
    assert len(defined) == len(SEARCH_ATTRIBUTES)


def test_the_server_flags_name_the_types_as_the_command_does() -> None:
    """The spelling is the command's own."""
    flags = server_flags()
    assert flags[:2] == ["--search-attribute", "TousuStage=Keyword"]
    assert {"TousuCategory=KeywordList", "TousuOverdue=Bool", "TousuNextDue=Datetime"} <= set(flags)


async def custom(client: Client) -> dict[str, int]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return dict((await client.operator_service.list_search_attributes(request)).custom_attributes)


async def remove(client: Client, *names: str) -> None:
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=names)
    )


async def test_missing_ones_are_added_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    """A new namespace is made ready by the first worker that comes."""
    async with EmbeddedServer(tmp_path) as server:
        client = await Client.connect(server.address)
        await remove(client, STAGE.name, OVERDUE.name)
        assert STAGE.name not in await custom(client)
        await register(client)
        await register(client)
        found = await custom(client)
        assert {key.name: int(key.indexed_value_type) for key in SEARCH_ATTRIBUTES}.items() <= found.items()


async def test_a_name_taken_by_another_type_is_refused(tmp_path: Path) -> None:
    """Nothing is added then, and the sentence names the attribute."""
    async with EmbeddedServer(tmp_path) as server:
        client = await Client.connect(server.address)
        await remove(client, STAGE.name, OVERDUE.name)
        wrong = {STAGE.name: IndexedValueType.INDEXED_VALUE_TYPE_TEXT}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=wrong)
        )
        with pytest.raises(SearchAttributesMissing) as caught:
            await register(client)
        assert str(caught.value) == (
            "search attribute TousuStage in namespace default has another type than Keyword; "
            "use another namespace, or remove the attribute there"
        )
        assert OVERDUE.name not in await custom(client)


async def test_where_we_may_not_the_administrator_gets_a_command_that_works(temporal_server: EmbeddedServer) -> None:
    """A server that offers no such service to us: the message is the command, and the command is complete."""
    refusing = await Client.connect(temporal_server.address, namespace="no-such-namespace")
    with pytest.raises(SearchAttributesMissing) as caught:
        await register(refusing)
    message = str(caught.value)
    command = message[message.index("temporal operator") :].split()
    assert command[:6] == ["temporal", "operator", "search-attribute", "create", "--namespace", "no-such-namespace"]
    assert command[6:].count("--name") == command[6:].count("--type") == len(SEARCH_ATTRIBUTES)


async def test_the_administrators_command_registers_them(tmp_path: Path) -> None:
    """Run as printed, against a server without them, it leaves nothing to add."""
    from engine.search_attributes import _command
    from engine.temporal_cli import find_temporal

    async with EmbeddedServer(tmp_path) as server:
        client = await Client.connect(server.address)
        await remove(client, *(key.name for key in SEARCH_ATTRIBUTES))
        binary: Path = await find_temporal(tmp_path)
        arguments = _command(client).split()[1:]
        process = await asyncio.create_subprocess_exec(
            binary, *arguments, "--address", server.address, stdout=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == 0
        assert {key.name for key in SEARCH_ATTRIBUTES} <= (await custom(client)).keys()
