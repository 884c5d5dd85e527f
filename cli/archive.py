"""The archive (档案): sealing files of closed complaints, finding them, and proving years later that no byte was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import archive_keeping, output, session
from cli.archive_session import days, open_archive, seal_at_rest
from cli.cases import AsJson
from cli.errors import REFUSED, bad_input
from models.archive import PACKAGE_SUFFIX, TOMBSTONE_SUFFIX, Manifest
from models.signing import KEY_BYTES, SigningKey, decoded

if TYPE_CHECKING:
    from activities.sealing import Archive, Checked
    from models.archive_tables import PackageRow

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="The complaints.")]
Paths = Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Packages, or folders of packages.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the commands of this module."""
    group = typer.Typer(help="The archive of closed complaints, for years.", rich_markup_mode=None)
    group.command("key", epilog="Example: tousu archive key")(key)
    group.command("seal", epilog="Example: tousu archive seal C-2026-0042")(seal)
    group.command("find", epilog="Example: tousu archive find --unit gd-sz --closed-from 2026-01-01")(find)
    group.command("show", epilog="Example: tousu archive show C-2026-0042.zip")(show)
    group.command("verify", epilog="Example: tousu archive verify C-2026-0042.zip --key PUBLIC_KEY")(verify)
    group.command("reindex", epilog="Example: tousu archive reindex")(reindex)
    archive_keeping.add_to(group)
    app.add_typer(group, name="archive")


def key(
    public: Annotated[bool, typer.Option("--public", help="Print the public half of the keys that are set.")] = False,
) -> None:
    """Print a new key for TOUSU_ARCHIVE_KEYS, or the public keys by which anybody can check what was sealed."""
    if not public:
        typer.echo(SigningKey.new().text)
        return
    config = session.settings().archive
    if config is None:
        raise bad_input("TOUSU_ARCHIVE_KEYS is not set; make a key with `tousu archive key`")
    for one in config.keys:
        typer.echo(f"{one.id} {one.public}")


def seal(
    complaint_ids: Ids = None,
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Every complaint that is closed and at rest, such as from before the archive.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Seal the file of a complaint that is closed and at rest; what is sealed already stays as it is.

    Complaints that end are sealed by themselves, as the last step. This is for those that ended before. With --all
    the last line, on standard error, counts what is not at rest: not closed, or something is owed or may still be asked for.
    By name, the refusal says what is missing. It is what the last step of the process asks too.
    """
    if bool(complaint_ids) == all_of_them:
        raise bad_input("name complaints, or give --all")
    with open_archive() as archive:
        left: list[str] = []
        done = 0
        for manifest in _sealed(archive, complaint_ids, left):
            done += 1
            if as_json:
                output.json_line(
                    {"complaint_id": manifest.complaint_id, "path": manifest.path, "sha256": manifest.sha256}
                )
            else:
                typer.echo(f"{manifest.complaint_id}  {manifest.path}")
    if all_of_them:
        typer.echo(f"in the archive {done}  not at rest {len(left)}", err=True)


def _sealed(archive: Archive, named: Sequence[str] | None, left: list[str]) -> Iterator[Manifest]:
    from activities.sealing import ArchiveRefused  # noqa: PLC0415  # the database's libraries take long to load

    if named:
        yield from (seal_at_rest(archive, complaint_id) for complaint_id in named)
        return
    for complaint_id in archive.ledger.ids(destroyed=False):
        try:
            yield seal_at_rest(archive, complaint_id)
        except ArchiveRefused as error:
            if error.code != "NotAtRest":
                raise
            left.append(complaint_id)


def find(
    *,
    complaint_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Only this complaint.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Only this handling unit and those below it.")] = None,
    closed_from: Annotated[
        str | None, typer.Option("--closed-from", metavar="DAY", help="Closed on this day or later.")
    ] = None,
    closed_to: Annotated[
        str | None, typer.Option("--closed-to", metavar="DAY", help="Closed on this day or earlier.")
    ] = None,
    received_from: Annotated[
        str | None, typer.Option("--received-from", metavar="DAY", help="Received on this day or later.")
    ] = None,
    received_to: Annotated[
        str | None, typer.Option("--received-to", metavar="DAY", help="Received on this day or earlier.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what the archive holds, by the day of closure, with how long it is kept, holds and destructions."""
    closures = days(closed_from, closed_to, "--closed-from", "--closed-to")
    receipts = days(received_from, received_to, "--received-from", "--received-to")
    with open_archive() as archive:
        rows = archive.index.find(
            complaint_id=complaint_id,
            units=archive.organisation.with_below(unit) if unit is not None else None,
            closed=closures,
            received=receipts,
        )
        told = [_told(archive, row) for row in rows]
    if as_json:
        for one in told:
            output.json_line(one)
        return
    shown = output.table(
        None, "投诉 complaint", "机构 unit", "结案 closed", "保管至 kept to", "状态 status", "文件 file"
    )
    for one in told:
        closed, kept = output.instant(one["closed_at"]), f"{one['kept_to'] or '—'} {one['rule'] or ''}"
        shown.add_row(one["complaint_id"], one["unit"], closed, kept, one["status"], one["path"])
    output.console().print(shown)


def _told(archive: Archive, row: PackageRow) -> dict[str, Any]:
    kept, held = archive.kept(row), archive.index.held(row.complaint_id, session.now().date())
    status = "已销毁 destroyed" if row.tombstone else "封存 held" if held else "在档 kept"
    return {
        "complaint_id": row.complaint_id,
        "unit": row.unit,
        "received_at": row.received_at,
        "closed_at": row.closed_at,
        "events": row.events,
        "path": row.tombstone or row.path,
        "sha256": row.sha256,
        "predecessor": row.predecessor,
        "kept_to": kept.last_day if kept else None,
        "rule": kept.rule if kept else None,
        "holds": [hold.number for hold in held],
        "recordings": row.recordings,
        "status": status,
    }


def show(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A package; a file, or a path that `find` prints.")],
    as_json: AsJson = False,
) -> None:
    """Show what a package holds, or what remains of one that was destroyed; exit code 1 when it does not verify."""
    from activities.sealing import check  # noqa: PLC0415  # as above

    found = check(_bytes(path), path)
    if found.kept is not None:
        told = found.kept.model_dump(mode="json", exclude={"chain"})
        if as_json:
            output.json_line(told)
        else:
            for name, value in told.items():
                for line in value if isinstance(value, list) else [value]:
                    typer.echo(f"{name}: {' '.join(map(str, line.values())) if isinstance(line, dict) else line}")
    _report([(path, found)], as_json=True if as_json and found.ok else None)


def _bytes(path: str) -> bytes:
    file = Path(path)
    if file.exists():
        return _read(file)
    if session.settings().archive is None:
        raise bad_input(f"{path}: there is no such file")
    with open_archive() as archive:
        data = archive.store.get(path)
    if data is None:
        raise bad_input(f"{path}: there is no such file, nor does the archive hold it")
    return data


def verify(
    paths: Paths = None,
    trusted: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="PUB", help="A public key of the insurer, in base64, or a file of them."),
    ] = None,
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Everything in the archive that is set up, against its index.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Check packages, offline: seal, every byte, the chain, the letters, and each deadline under the rules enclosed.

    It needs the files alone, no database and no network. Exit code 1 when anything differs. Without --key it says by which
    key they were sealed, and cannot tell whose that is. Of a package that was destroyed it checks the tombstone.
    """
    if bool(paths) == all_of_them:
        raise bad_input("name packages, or give --all")
    if paths:
        from activities.sealing import check  # noqa: PLC0415  # as above

        keys = _keys(trusted or [])
        results = [(str(path), check(_read(path), path.name, keys)) for path in _files(paths)]
    else:
        with open_archive() as archive:
            results = list(archive.check_all())
    _report(results, as_json=as_json)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(file for file in path.rglob("*") if file.name.endswith((PACKAGE_SUFFIX, TOMBSTONE_SUFFIX)))
        if not found:
            raise bad_input(f"{path}: there is no package in this folder")
        yield from found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise bad_input(f"{path}: cannot be read: {error.strerror}") from None


def _keys(given: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for one in given:
        file = Path(one)
        words = file.read_text(encoding="utf-8", errors="replace").split() if file.is_file() else [one]
        keys = {word for word in words if len(decoded(word) or b"") == KEY_BYTES}
        if not keys:
            raise bad_input("--key: neither a public key in base64 nor a file that holds one")
        found |= keys
    return found


def _report(results: Sequence[tuple[str, Checked]], *, as_json: bool | None) -> None:
    """Print what was found, one line for each difference; exit code 1 when there is one."""
    for path, found in results:
        if as_json:
            _as_json(path, found)
        elif as_json is None and found.ok:
            typer.echo(_sealed_by(found))
        else:
            for line in found.differences or (f"{'destroyed' if found.destroyed else 'ok'}, {_sealed_by(found)}",):
                typer.echo(f"{path}: {line}")
    different = sum(not found.ok for _, found in results)
    if as_json is False:
        destroyed = sum(found.ok and found.destroyed for _, found in results)
        gone = f", {destroyed} destroyed when their time was over" if destroyed else ""
        typer.echo(f"{len(results)} files: {different or 'none'} different{gone}")
    if different:
        raise typer.Exit(REFUSED)


def _as_json(path: str, found: Checked) -> None:
    output.json_line(
        {
            "path": path,
            "complaint_id": found.kept.complaint_id if found.kept else None,
            "head_hash": found.kept.head_hash if found.kept else None,
            "destroyed": found.destroyed,
            "key": found.seal.key if found.seal else None,
            "public_key": found.seal.public_key if found.seal else None,
            "trusted": found.trusted,
            "differences": list(found.differences),
        }
    )


def _sealed_by(found: Checked) -> str:
    if found.seal is None or found.kept is None:
        return "not sealed"
    trust = "a key you trust" if found.trusted else "a key that was not compared: give --key"
    return f"{found.kept.complaint_id}, {found.kept.events} events, sealed by {found.seal.key}, {trust}"


def reindex() -> None:
    """Make the index of the archive anew from what lies in the store; holds and destructions stay as they are."""
    with open_archive() as archive:
        typer.echo(f"{archive.reindex()} packages and tombstones are in the index.")
