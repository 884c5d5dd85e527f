"""
The command line's front door: open complaints, send commands, ask, rehearse, run the demo.

    tousu --help, or python starter.py --help
"""

from cli.app import app
from engine.exit import leave


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        app()
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 1)
    leave(0)


if __name__ == "__main__":
    main()
