"""
A deployer's own rules: packs and calendars in a folder, beside those that are published with the rulebook.

The folder is laid out like the rulebook itself: ``packs/<name>.yaml`` and ``calendars/<id>/<publication date>.yaml``. It is
read once, when a process starts, and read whole: what is wrong with a file is found then, not when a complaint needs it.
"""

from __future__ import annotations

from pathlib import Path

from rulebook.calendar import calendar, forget_calendars
from rulebook.errors import RulesFolderError
from rulebook.pack import forget_packs, rule_pack
from rulebook.pack_review import review
from rulebook.shelves import PUBLISHED, add_shelf, pack_files, shelves

PARTS = ("packs", "calendars")
"""What such a folder may hold; a misspelt name would be rules that nobody reads."""


def use_rules(folder: Path | None) -> None:
    """
    Add the packs and calendars in *folder* to the published ones, for this process; None leaves the published ones alone.

    RulesFolderError when there is no such folder, or a file in it has no place there or the name of a published one;
    PackError (each fault of a pack that is valid and still wrong, such as two statutes for one day) or CalendarError for
    what is in the files. Nothing is added then.
    """
    if shelves() == ((PUBLISHED, folder) if folder else (PUBLISHED,)):
        return
    before = own_folder()
    _put(None)
    if folder is None:
        return
    try:
        _refuse_misplaced(folder)
        _put(folder)
        _read(folder)
    except ValueError:
        _put(before)
        raise


def own_folder() -> Path | None:
    """Return the folder of rules that this process uses beside the published ones, None for none."""
    return next(iter(shelves()[1:]), None)


def _put(folder: Path | None) -> None:
    add_shelf(folder)
    forget_packs()
    forget_calendars()


def _refuse_misplaced(folder: Path) -> None:
    if not folder.is_dir():
        raise RulesFolderError(f"{folder}: there is no such folder of rules")
    found = {path.name: path for path in folder.iterdir() if path.is_dir()}
    if not found.keys() & set(PARTS):
        raise RulesFolderError(f"{folder}: a folder of rules has the folders {' and '.join(PARTS)}, or one of them")
    for name in sorted(found.keys() - set(PARTS)):
        if not name.startswith("."):
            raise RulesFolderError(f"{folder / name}: a folder of rules has no such part; there are {', '.join(PARTS)}")
    for path in sorted((folder / "packs").glob("[!.]*")):
        if path.suffix != ".yaml":
            raise RulesFolderError(f"packs/{path.name}: the file of a pack ends in .yaml")
        if path.stem in pack_files():
            raise RulesFolderError(f"packs/{path.name}: a pack of this name is published; give yours a name of its own")
    for path in sorted((folder / "calendars").glob("[!.]*")):
        if (PUBLISHED / "calendars" / path.name).exists():
            raise RulesFolderError(f"calendars/{path.name}: a calendar of this name is published; give yours its own")


def _read(folder: Path) -> None:
    for path in sorted((folder / "calendars").glob("[!.]*")):
        calendar(path.name)
    for path in sorted((folder / "packs").glob("[!.]*")):
        calendar(rule_pack(path.stem).calendar)
        review(path)
