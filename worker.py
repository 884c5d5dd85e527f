"""
One process that runs workflows and activities until it is told to stop.

    python worker.py          serve; SIGTERM or Ctrl-C finishes what is running, then leaves
    python worker.py --check  leave with 0 if Temporal has seen a worker of this host lately, else with 1

Settings come from the environment (see engine/settings.py and README.md).
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from engine.exit import INTERRUPTED, leave
from rulebook.errors import not_set_up

try:
    import structlog
    from temporalio.client import Client
    from temporalio.runtime import Runtime

    import activities
    from activities.ledger_session import LedgerError
    from activities.sealing import RetentionError, StoreError
    from engine.client import connect
    from engine.errors import ConfigError, EngineError, KeysDiffer
    from engine.logs import configure_logs, core_runtime
    from engine.settings import Settings
    from engine.worker import is_polling, run_until_stopped, stop_on_signal
    from engine.worker_keys import refuse_other_keys
    from models.database import DatabaseError
    from models.figure_files import FiguresError
    from models.organisation import OrganisationError, installed
    from models.outages import Outage
    from models.supervision import SupervisionError
    from rulebook.ceiling import exceeds
    from rulebook.errors import RulebookError
    from rulebook.own_rules import use_rules
    from rulebook.pack import rule_pack
    from workflows import WORKFLOWS
except ModuleNotFoundError as error:
    sys.exit(not_set_up(error))
except KeyboardInterrupt:
    leave(INTERRUPTED)

EXPECTED = (
    *(EngineError, DatabaseError, LedgerError, OrganisationError),
    *(RulebookError, SupervisionError, FiguresError, RetentionError, StoreError),
)
"""What can go wrong at the start, said in one line."""

LOOK_AGAIN_SECONDS = 2.0
"""How often a worker that waits for something looks whether it is back."""


async def serve(settings: Settings) -> int:
    """Connect, wire workflows and activities together, and serve until told to stop."""
    client = await connect(settings, compare_keys=False)
    await report_other_keys(client, settings.task_queue)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        if (wired := await wire(settings, stack)) is not None:
            report_ceiling(installed().rules)
            await run_until_stopped(client, settings, workflows=WORKFLOWS, activities=wired)
    return 0


async def report_other_keys(client: Client, task_queue: str) -> None:
    """Log when a worker that was seen lately has other payload keys: it may just be leaving, so this one starts."""
    try:
        await refuse_other_keys(client, task_queue)
    except KeysDiffer as error:
        structlog.get_logger("worker").warning("another worker has other payload keys", found=str(error))


async def wire(settings: Settings, stack: ExitStack) -> list[Callable[..., Any]] | None:
    """
    Return the activities, waiting for what they need if it is away; None if the process is told to stop meanwhile.

    What they hold open is closed with *stack*.
    """
    said = False
    with stop_on_signal() as stop:
        while not stop.is_set():
            try:
                # Plain values only: activities do not know the engine.
                built = activities.build(
                    database_url=settings.database_url.get_secret_value(),
                    organisation=settings.organisation,
                    home=settings.home,
                    delivery=settings.delivery,
                    supervision=settings.supervision,
                    archive=settings.archive,
                    figures=settings.figures,
                )
                return stack.enter_context(built)
            except Outage as error:
                if not said:
                    structlog.get_logger("worker").warning("worker waits", cause=str(error), error=type(error).__name__)
                said = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_AGAIN_SECONDS)
    return None


def report_ceiling(rules: str | None) -> None:
    """Log which limits of the insurer's own *rules* can last longer than the statute's, which stays the ceiling (C2)."""
    log = structlog.get_logger("rules")
    for finding in exceeds(rule_pack(rules)) if rules else ():
        log.warning("a limit of the insurer can exceed the statute", rules=rules, finding=str(finding))


async def check(settings: Settings) -> int:
    """Return the exit code of the health check."""
    return 0 if await is_polling(await connect(settings, compare_keys=False), settings) else 1


def main() -> int:
    """Run the process; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="only say whether Temporal has seen a worker of this host lately"
    )
    asked = parser.parse_args()
    try:
        settings = Settings.from_environment()
        configure_logs(settings)
        use_rules(settings.rules)
        Runtime.set_default(core_runtime())
        return asyncio.run(check(settings) if asked.check else serve(settings))
    except KeyboardInterrupt:  # Before there was anything to drain.
        return INTERRUPTED
    except EXPECTED as error:
        sys.stderr.write(f"Error: {error} [{type(error).__name__}]\n")
        return 2 if isinstance(error, ConfigError) else 1


if __name__ == "__main__":
    leave(main())
