"""How a short-lived command line process leaves."""

import contextlib
import logging
import os
import sys
from typing import NoReturn

INTERRUPTED = 130
"""The exit code of a process that Ctrl-C ended before it had begun."""


def leave(code: int) -> NoReturn:
    """
    Flush what was written and end the process with *code*; call it last, after all clean-up.

    The SDK's Rust threads can outlive the Python interpreter, which then crashes while it tears itself down (SIGABRT
    or SIGSEGV, seen in 1 of 6 runs) and spoils the exit code of a command that had succeeded. So there is no teardown.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # The reader is gone, or someone closed it: nothing to save.
            stream.flush()
    os._exit(code)
