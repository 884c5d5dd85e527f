"""
A worker that dies when it has stored its first package: ``python -m tests.archive.dying_worker``.

The package lies in the store, the index does not name it, the workflow does not know of it: the worst moment to die.
"""

from __future__ import annotations

import os
import signal

from activities.sealing import archive, store
from engine.exit import leave
from tests import present  # noqa: F401  # its clocks too say what they say there
from worker import main


class LastPackage(store.Store):
    """A store whose process does not survive that it has stored something."""

    def put(self, path: str, data: bytes) -> bool:
        super().put(path, data)
        os.kill(os.getpid(), signal.SIGKILL)
        return True


if __name__ == "__main__":
    # The archive takes it from there.
    vars(archive)["Store"] = LastPackage
    leave(main())
