"""
The command line's front door: open complaints, send commands, ask, rehearse, run the demo.

    tousu --help, or python starter.py --help
"""

import sys

from engine.exit import INTERRUPTED, leave
from rulebook.errors import not_set_up

try:
    from cli.app import app
    from cli.output import write_anywhere
except ModuleNotFoundError as error:
    sys.exit(not_set_up(error))
except KeyboardInterrupt:
    leave(INTERRUPTED)


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        write_anywhere()
        app()
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 1)
    except KeyboardInterrupt:
        leave(INTERRUPTED)
    leave(0)


if __name__ == "__main__":
    main()
