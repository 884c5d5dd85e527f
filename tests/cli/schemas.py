"""The schemas in docs/schemas, for teams without Python; ``python -m tests.cli.schemas`` writes them anew."""

from pathlib import Path

from cli.schemas import ANSWERED, as_text, command_schemas, payload_schema

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def files() -> dict[str, str]:
    """The content of each file, by its name: one for each payload but the opening, one for the arguments of all updates."""
    # An opening is an intake and, for what another system has begun, a past with every event that there is.
    payloads = {f"{name}.json": as_text(payload_schema(name)) + "\n" for name in ("intake", *ANSWERED)}
    return {**payloads, "commands.json": as_text(command_schemas()) + "\n"}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
