"""``python -m rulebook``: the rulebook on the command line, see `rulebook.command_line`."""

import io
import sys

from rulebook.errors import not_set_up

try:
    from rulebook.command_line import main
except ModuleNotFoundError as error:
    sys.exit(not_set_up(error))

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # Help that an output cannot show is better shown with escapes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
