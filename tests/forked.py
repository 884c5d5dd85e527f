"""
A module of ours in a process of its own that begins with everything imported.

It is forked from a process that has only imported: a command that does next to nothing takes two seconds of CPU to begin,
and tests that kill processes begin many. What it does, and how it dies, is its own.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from engine.settings import ROOT

_CONTEXT: ForkServerContext = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.present", "cli.app", "worker", "tests.archive.parts"])


@dataclass
class Forked:
    """One process, and the files that take in what it says."""

    process: ForkServerProcess
    said: Path

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for the signal that killed it; None while it runs."""
        return self.process.exitcode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait *timeout* seconds for its end; return what it wrote to standard output and to standard error."""
        self.process.join(timeout)
        assert self.returncode is not None, f"still running after {timeout} s: {self.said}"
        out, err = ((self.said / name).read_text(encoding="utf-8") for name in ("out", "err"))
        shutil.rmtree(self.said)
        return out, err


def forked(module: str, *words: str, env: Mapping[str, str]) -> Forked:
    """Run ``python -m MODULE WORD...`` with *env* as its whole environment."""
    said = Path(tempfile.mkdtemp(prefix="tousu-said-"))
    process = _CONTEXT.Process(target=_run, args=(module, words, dict(env), said))
    process.start()
    return Forked(process, said)


def _run(module: str, words: tuple[str, ...], env: dict[str, str], said: Path) -> None:
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(said / name, os.O_CREAT | os.O_WRONLY, 0o600)
        os.dup2(file, number)
        os.close(file)
    # The process it came from is deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
