"""A script of ours, run in the present of the tests: ``python -m tests.later worker.py WORD...``."""

import runpy
import sys

import tests.present  # noqa: F401  # from here on clocks say what they say there

if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
