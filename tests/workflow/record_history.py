"""
Play paths and store their histories: ``python -m tests.workflow.record_history NAME…`` (or ``all``).

A stored history is a promise to the complaints that run: code that cannot replay it would stop them. Record a new path,
or a path that no released code has run yet; never record again to make a failing replay pass.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from temporalio.client import Client

from engine.exit import leave
from engine.keys import KeyRing
from engine.plugin import plugin
from engine.server import EmbeddedServer
from engine.time_skipping import time_skipper
from tests.workflow.paths import PATHS, SHORT_HISTORY, TEST_KEYS
from tests.workflow.stage import Stage

HISTORIES = Path(__file__).parent.parent / "histories"


async def record(name: str) -> Path:
    """Play the path called *name* on a server of its own and store the history of its last run."""
    path = PATHS[name]
    home = Path(tempfile.mkdtemp(prefix="tousu-history-"))
    async with AsyncExitStack() as stack:
        short = (SHORT_HISTORY,) if path.server == "short" else ()
        skipping = path.server == "skipping"
        server = await stack.enter_async_context(
            EmbeddedServer(home / "server", time_skipping=skipping, dynamic_config=short)
        )
        keys = KeyRing.parse(TEST_KEYS, source="tests/workflow/paths.py")
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        stage = await stack.enter_async_context(Stage.open(client, home, time_skipper(client) if skipping else None))
        play = await path.play(stage)
        named = f"{play.handle.id}.{path.child}" if path.child else path.other
        handle = client.get_workflow_handle(named) if named else play.handle
        history = await handle.fetch_history()
    file = HISTORIES / f"{name}.json"
    HISTORIES.mkdir(exist_ok=True)
    file.write_text(json.dumps(json.loads(history.to_json()), separators=(",", ":")) + "\n", encoding="utf-8")
    return file


def main(names: list[str]) -> int:
    chosen = list(PATHS) if names == ["all"] else names
    if not chosen or set(chosen) - set(PATHS):
        sys.stderr.write(f"Error: name one or more of {', '.join(PATHS)}, or all\n")
        return 2
    for name in chosen:
        file = asyncio.run(record(name))
        sys.stdout.write(f"{file}: {file.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
