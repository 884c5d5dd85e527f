"""Make a server know the search attributes of `models.search_attributes`."""

import shlex
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from engine.errors import SearchAttributesMissing
from models.search_attributes import SEARCH_ATTRIBUTES

_REFUSALS = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.UNIMPLEMENTED}


def server_flags() -> list[str]:
    """Return the arguments that register them on an embedded server at its start."""
    return [part for key in SEARCH_ATTRIBUTES for part in ("--search-attribute", f"{key.name}={_type_name(key)}")]


async def register(client: Client) -> None:
    """
    Add the missing ones to the client's namespace on an outside server; doing it again changes nothing.

    Raise `SearchAttributesMissing`, with the command for an administrator, when we may not, and when a name is
    taken by another type.
    """
    try:
        existing = await _existing(client)
        _refuse_other_types(client, existing)
        if missing := [key for key in SEARCH_ATTRIBUTES if key.name not in existing]:
            types = {key.name: IndexedValueType.ValueType(int(key.indexed_value_type)) for key in missing}
            request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
            await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status in _REFUSALS:
            raise SearchAttributesMissing(
                f"we may not manage search attributes in namespace {client.namespace}; "
                f"an administrator runs: {_command(client)}"
            ) from None
        raise SearchAttributesMissing(
            f"registering search attributes in namespace {client.namespace} failed ({error.status.name}); "
            f"try again, or run: {_command(client)}"
        ) from None


async def _existing(client: Client) -> dict[str, int]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return dict((await client.operator_service.list_search_attributes(request)).custom_attributes)


def _refuse_other_types(client: Client, existing: dict[str, int]) -> None:
    for key in SEARCH_ATTRIBUTES:
        if existing.get(key.name, int(key.indexed_value_type)) != int(key.indexed_value_type):
            raise SearchAttributesMissing(
                f"search attribute {key.name} in namespace {client.namespace} has another type than "
                f"{_type_name(key)}; use another namespace, or remove the attribute there"
            )


def _command(client: Client) -> str:
    pairs = [part for key in SEARCH_ATTRIBUTES for part in ("--name", key.name, "--type", _type_name(key))]
    return shlex.join(["temporal", "operator", "search-attribute", "create", "--namespace", client.namespace, *pairs])


def _type_name(key: SearchAttributeKey[Any]) -> str:
    return key.indexed_value_type.name.title().replace("_", "")
