"""A workflow and an activity for the engine's own tests: they know nothing of complaints."""

import logging
import time
from datetime import timedelta

import structlog
from pydantic import BaseModel, ConfigDict
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

SECRET = "身份证110101199003070000"


class Letter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    text: str
    fail: bool = False
    wait_days: int = 0


@activity.defn
def deliver(letter: Letter) -> str:
    structlog.get_logger("deliver").info("via structlog")
    logging.getLogger("deliver").info("via logging")
    activity.logger.info("via the SDK")
    if letter.fail:
        raise ApplicationError(letter.text, letter.text, type="Undeliverable")
    return letter.text


@activity.defn
def slow_delivery(folder: str) -> str:
    """Say that it started, then take a moment, as an activity does that a shutdown catches."""
    from pathlib import Path

    Path(folder, "started").touch()
    time.sleep(1.0)
    Path(folder, "finished").touch()
    return "delivered"


@workflow.defn
class Delivery:
    def __init__(self) -> None:
        self.released = False

    @workflow.run
    async def run(self, letter: Letter) -> str:
        workflow.logger.info("from the workflow")
        if letter.wait_days:
            await workflow.sleep(timedelta(days=letter.wait_days))
        return await workflow.execute_activity(
            deliver,
            letter,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )


@workflow.defn
class Parked:
    """Waits for a person, like a complaint does."""

    def __init__(self) -> None:
        self.answer: str | None = None

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.answer is not None)
        return self.answer or ""

    @workflow.update
    async def release(self, answer: str) -> None:
        self.answer = answer


@workflow.defn
class SlowDelivery:
    @workflow.run
    async def run(self, folder: str) -> str:
        return await workflow.execute_activity(
            slow_delivery,
            folder,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )


@workflow.defn
class Broken:
    """Fails its task, as code does that cannot replay its history."""

    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("a mistake in the code")
