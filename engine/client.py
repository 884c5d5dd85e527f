"""The one way to a Temporal client, for workers, commands and tests alike."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from engine.errors import NotConnected
from engine.keys import load_keys
from engine.plugin import plugin
from engine.server import running_server
from engine.settings import Settings
from engine.worker_keys import refuse_other_keys

_PATIENCE = timedelta(seconds=10)
_ONE_TRY = timedelta(seconds=5)


def address_of(settings: Settings) -> str:
    """
    Return the configured address, else that of the embedded server running for home.

    `NotConnected` where neither is there: at Temporal's default address another installation may listen.
    """
    if settings.temporal.address:
        return settings.temporal.address
    if (note := running_server(settings.home)) is not None:
        return note.address
    raise NotConnected(
        f"no Temporal server runs for {settings.home}; start it with `tousu up`, or name another installation: "
        "TOUSU_HOME for its folder, TEMPORAL_ADDRESS for its server"
    )


async def connect(settings: Settings, *, patience: timedelta = _PATIENCE, compare_keys: bool = True) -> Client:
    """
    Return a client with our plugin installed.

    Tries again until *patience* is used up, then raises `NotConnected`; an answer that credentials are wrong is final
    at once. With *compare_keys*, `KeysDiffer` when a worker of our task queue has other payload keys than *settings*.
    """
    address, keys = address_of(settings), load_keys(settings)
    client = await _connect(
        {**settings.temporal.to_client_connect_config(), "target_host": address, "plugins": [plugin(keys)]}, patience
    )
    if compare_keys:
        await refuse_other_keys(client, settings.task_queue)
    return client


async def _connect(config: dict[str, Any], patience: timedelta) -> Client:
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
            f"no Temporal server answers at {config['target_host']}; see that it runs and that TEMPORAL_ADDRESS is right"
        ) from None


def _raise_if_refused(error: Exception, address: str) -> None:
    text = str(error).lower()  # The SDK gives a RuntimeError with the gRPC status as text only.
    if any(word in text for word in ("unauthenticated", "permissiondenied", "permission denied", "unauthorized")):
        raise NotConnected(
            f"the Temporal server at {address} refuses our credentials; check TEMPORAL_API_KEY, the TEMPORAL_TLS "
            "variables and TEMPORAL_NAMESPACE"
        ) from None
