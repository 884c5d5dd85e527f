"""A worker process like worker.py, with the tests' own workflows: ``python -m tests.engine.worker_process``."""

import asyncio

from temporalio.runtime import Runtime

from engine.client import connect
from engine.exit import leave
from engine.logs import configure_logs, core_runtime
from engine.settings import Settings
from engine.worker import run_until_stopped
from tests.engine.parts import Delivery, Parked, SlowDelivery, deliver, slow_delivery


async def serve() -> None:
    settings = Settings.from_environment()
    configure_logs(settings)
    Runtime.set_default(core_runtime())
    await run_until_stopped(
        await connect(settings),
        settings,
        workflows=[Delivery, Parked, SlowDelivery],
        activities=[deliver, slow_delivery],
    )


if __name__ == "__main__":
    asyncio.run(serve())
    leave(0)
