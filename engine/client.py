"""The one way to a Temporal client, for workers, commands and tests alike."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from engine.errors import NotConnected
from engine.keys import load_keys
from engine.plugin import plugin
from engine.server import NOTE, running_server
from engine.settings import Settings

DEFAULT_ADDRESS = "localhost:7233"
_PATIENCE = timedelta(seconds=10)
_ONE_TRY = timedelta(seconds=5)


def address_of(settings: Settings) -> str:
    """
    Return the configured address, else that of the embedded server running for home, else Temporal's default.

    NotConnected where home has an embedded server that does not run: at the default address another may listen.
    """
    if settings.temporal.address:
        return settings.temporal.address
    if (note := running_server(settings.home)) is not None:
        return note.address
    if (settings.home / NOTE).exists():
        raise NotConnected(f"the embedded server of {settings.home} does not run; start it with `tousu up`")
    return DEFAULT_ADDRESS


async def connect(settings: Settings, *, address: str | None = None, patience: timedelta = _PATIENCE) -> Client:
    """
    Return a client with our plugin installed.

    *address* wins over what is configured. Tries again until *patience* is used up, then raises `NotConnected`; an
    answer that credentials are wrong is final at once.
    """
    config: dict[str, Any] = {**settings.temporal.to_client_connect_config(), "plugins": [plugin(load_keys(settings))]}
    config["target_host"] = address or address_of(settings)
    pause = 0.1
    try:
        async with asyncio.timeout(patience.total_seconds()):
            while True:
                try:
                    async with asyncio.timeout(_ONE_TRY.total_seconds()):
                        return await Client.connect(**config)
                except (RuntimeError, TimeoutError) as error:
                    _raise_if_refused(error, config["target_host"])
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
    except TimeoutError:
        raise NotConnected(
            f"no Temporal server answers at {config['target_host']}; start one with `make up`, or set TEMPORAL_ADDRESS"
        ) from None


def _raise_if_refused(error: Exception, address: str) -> None:
    text = str(error).lower()  # The SDK gives a RuntimeError with the gRPC status as text only.
    if any(word in text for word in ("unauthenticated", "permissiondenied", "permission denied", "unauthorized")):
        raise NotConnected(
            f"the Temporal server at {address} refuses our credentials; check TEMPORAL_API_KEY, the TEMPORAL_TLS "
            "variables and TEMPORAL_NAMESPACE"
        ) from None
