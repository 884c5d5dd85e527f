"""Where rule packs and calendars lie: those published with the rulebook, and beside them those of one further folder."""

from __future__ import annotations

from pathlib import Path

PUBLISHED = Path(__file__).parent

_added: list[Path] = []


def shelves() -> tuple[Path, ...]:
    """Return the folders with `packs` and `calendars` in them, the published one first."""
    return (PUBLISHED, *_added)


def add_shelf(folder: Path | None) -> None:
    """Put *folder* beside what is published, instead of the one before; None takes it away again."""
    _added[:] = [folder] if folder else []


def pack_files() -> dict[str, Path]:
    """Return the file of every pack by the pack's name."""
    return {path.stem: path for shelf in shelves() for path in sorted((shelf / "packs").glob("*.yaml"))}


def calendar_folders() -> dict[str, Path]:
    """Return the folder of every calendar by the calendar's id."""
    found = (path for shelf in shelves() if (shelf / "calendars").is_dir() for path in (shelf / "calendars").iterdir())
    return {path.name: path for path in sorted(found) if path.is_dir()}
