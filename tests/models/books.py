"""Workbooks made by hand, cell by cell in XML: what libraries would not write, other systems do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from models.source import MappingError
from models.tabular.workbook import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def text(value: str, place: str = "") -> str:
    at = f' r="{place}"' if place else ""
    return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def row(*cells: str, number: int | None = None) -> str:
    at = f' r="{number}"' if number else ""
    return f"<row{at}>{''.join(cell if cell.startswith('<c') else text(cell) for cell in cells)}</row>"


def styles(*codes: str | int) -> str:
    """Styles 1, 2, …, each with a number format of its own: a code, or the id of one that is built in."""
    own = "".join(
        f'<numFmt numFmtId="{200 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for at, code in enumerate(codes)
        if isinstance(code, str)
    )
    ids = [code if isinstance(code, int) else 200 + at for at, code in enumerate(codes)]
    used = "".join(f'<xf numFmtId="{number}"/>' for number in (0, *ids))
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def book(
    rows: Sequence[str],
    *,
    dimension: str = "",
    after: str = "",
    strings: Sequence[str] | None = None,
    style: str | None = None,
    properties: str = "",
    namespace: str = MAIN,
    sheets: Mapping[str, tuple[str, Sequence[str]]] | None = None,
    prolog: str = "",
    parts: Mapping[str, bytes] | None = None,
) -> bytes:
    """A workbook with one visible sheet of *rows*, or with *sheets*, each its state and its rows."""
    held = sheets if sheets is not None else {"数据": ("visible", rows)}
    extent = f'<dimension ref="{dimension}"/>' if dimension else ""
    files: dict[str, str | bytes] = {
        "_rels/.rels": relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{RELATION}">{properties}<sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{at}" state="{state}" r:id="rId{at}"/>'
            for at, (name, (state, _)) in enumerate(held.items(), start=1)
        )
        + "</sheets></workbook>",
    }
    related = {f"rId{at}": ("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(held) + 1)}
    for at, (_, inside) in enumerate(held.values(), start=1):
        files[f"xl/worksheets/sheet{at}.xml"] = (
            f'{prolog}<worksheet xmlns="{namespace}">{extent}<sheetData>{"".join(inside)}</sheetData>{after}</worksheet>'
        )
    if strings is not None:
        related["rId90"] = ("sharedStrings", "/xl/sharedStrings.xml")
        files["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{"".join(strings)}</sst>'
    if style is not None:
        related["rId91"] = ("styles", "styles.xml")
        files["xl/styles.xml"] = style
    files["xl/_rels/workbook.xml.rels"] = relations(related)
    return packed({**files, **(parts or {})})


def relations(found: Mapping[str, tuple[str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="{name}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for name, (kind, target) in found.items()
    )
    return f'<Relationships xmlns="{PACKAGE}">{inside}</Relationships>'


def packed(files: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def read(data: bytes, sheet: str | None = None) -> list[tuple[int, list[str] | str]]:
    """The rows of a workbook, what is wrong with one in place of its cells."""
    opened = Workbook(data)
    return [
        (number, str(cells) if isinstance(cells, MappingError) else cells)
        for number, cells in opened.rows(opened.sheet(sheet))
    ]


def cell(inside: str, *, style: str | None = None, properties: str = "", strings: Sequence[str] | None = None) -> str:
    """What the one cell *inside* a workbook is read to."""
    ((_, cells),) = read(book([row(inside)], style=style, properties=properties, strings=strings)) or [(1, [""])]
    assert isinstance(cells, list)
    return cells[0]
