"""The report as a Word document: East Asian fonts set, page numbers, and no trace of the machine that made it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from activities.closure_report.parts import Block, Label, Pairs, Prose, Report, Table

LATIN, BODY, HEADING = "Arial", "宋体", "黑体"
ACCENT, SOFT, RED = RGBColor(0x1F, 0x4E, 0x79), RGBColor(0x5B, 0x65, 0x70), RGBColor(0xB3, 0x26, 0x1E)
SHADE, LINE = "F1F4F8", "C8CED6"
WIDTH = 17.0
"""Centimetres of an A4 page between its margins."""


def to_docx(report: Report) -> bytes:
    """Return *report* as a document; its dates are those of the record, so the same report gives the same bytes."""
    document = Document()
    _page(document, report)
    _styles(document)
    _head(document, report)
    for number, section in enumerate(report.sections, start=1):
        _heading(document, section.label, level=1, before=f"{number}. ")
        for block in section.blocks:
            _block(document, block)
        if not section.blocks:
            _run(document.add_paragraph(), "无 none", soft=True)
    _properties(document, report)
    written = BytesIO()
    document.save(written)
    return _dated(written.getvalue(), report.as_of)


def _page(document: Any, report: Report) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2)
    header = page.header.paragraphs[0]
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _run(header, f"{report.title.zh} {report.complaint_id}", soft=True)
    if report.draft:
        _run(header, "   草稿 DRAFT", size=16, colour=RED, bold=True)
    footer = page.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(footer, "第 ", soft=True)
    _field(footer, "PAGE")
    _run(footer, " 页，共 ", soft=True)
    _field(footer, "NUMPAGES")
    _run(footer, " 页", soft=True)


def _styles(document: Any) -> None:
    for name, east, size, colour in (
        ("Normal", BODY, 10, None),
        ("Title", HEADING, 20, ACCENT),
        ("Heading 1", HEADING, 13, ACCENT),
        ("Heading 2", HEADING, 10.5, RGBColor(0, 0, 0)),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        if colour is not None:
            style.font.color.rgb = colour
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # Word prefers a font of the theme to one that is named, and the theme has no Chinese one.
        for attribute in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[attribute]
        fonts.set(qn("w:eastAsia"), east)
        fonts.set(qn("w:cs"), LATIN)
        _language(style.element.get_or_add_rPr())
    document.styles["Normal"].paragraph_format.space_after = Pt(3)


def _language(properties: Any) -> None:
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)


def _head(document: Any, report: Report) -> None:
    title = document.add_paragraph(style="Title")
    title.add_run(report.title.zh)
    _run(title, f"  {report.title.en}", size=12, soft=True)
    if report.draft:
        _run(document.add_paragraph(), "草稿 DRAFT", size=16, colour=RED, bold=True)
    _run(
        document.add_paragraph(),
        f"{report.institution} · 投诉 {report.complaint_id} · 记录截至 record as of {report.as_of_text}",
        soft=True,
    )
    warning = "内部文件，含个人信息，注意保密。Internal, holds personal data, keep confidential."
    _run(document.add_paragraph(), warning, soft=True)


def _heading(document: Any, label: Label, *, level: int, before: str = "") -> None:
    heading = document.add_heading(level=level)
    heading.add_run(f"{before}{label.zh}")
    if label.en:
        _run(heading, f"  {label.en}", size=9, soft=True)


def _block(document: Any, block: Block) -> None:
    _DRAWN[type(block)](document, block)


def _prose(document: Any, block: Prose) -> None:
    _heading(document, block.label, level=2)
    _run(document.add_paragraph(), block.text)
    if block.note:
        _run(document.add_paragraph(), block.note, size=8.5, soft=True)


def _pairs(document: Any, block: Pairs) -> None:
    if block.label:
        _heading(document, block.label, level=2)
    grid = _grid(document, len(block.rows), (3, 7))
    for row, (label, value) in zip(grid.rows, block.rows, strict=True):
        _name(row.cells[0], label, line=False)
        _text(row.cells[1], value)
    _gap(document)


def _table(document: Any, block: Table) -> None:
    _heading(document, block.label, level=2)
    grid = _grid(document, 1 + len(block.rows), block.widths)
    head, *rows = grid.rows
    for cell, label in zip(head.cells, block.columns, strict=True):
        _name(cell, label, line=True)
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row, values in zip(rows, block.rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            _text(cell, value)
    _gap(document)


def _gap(document: Any) -> None:
    gap = document.add_paragraph()
    gap.paragraph_format.space_after = Pt(0)
    gap.paragraph_format.line_spacing = Pt(6)


_DRAWN: dict[type, Callable[[Any, Any], None]] = {Prose: _prose, Pairs: _pairs, Table: _table}


def _grid(document: Any, rows: int, widths: tuple[int, ...]) -> Any:
    grid = document.add_table(rows=rows, cols=len(widths), style="Table Grid")
    grid.autofit = False
    _borders(grid)
    centimetres = [Cm(WIDTH * width / sum(widths)) for width in widths]
    for column, width in zip(grid.columns, centimetres, strict=True):
        column.width = width
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, centimetres, strict=True):
            cell.width = width
    return grid


def _borders(grid: Any) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    grid._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _name(cell: Any, label: Label, *, line: bool) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.keep_with_next = line
    _run(paragraph, label.zh, size=8.5, bold=line)
    if label.en:
        _run(paragraph, f"{chr(10) if line else '  '}{label.en}", size=7.5, soft=True)


def _text(cell: Any, value: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    _run(paragraph, value, size=8.5)


def _run(
    paragraph: Any,
    text: str,
    *,
    size: float | None = None,
    colour: RGBColor | None = None,
    bold: bool | None = None,
    soft: bool = False,
) -> Any:
    run = paragraph.add_run(text)
    run.bold = False if soft else bold
    if size:
        run.font.size = Pt(size)
    if colour or soft:
        run.font.color.rgb = colour or SOFT
    return run


def _field(paragraph: Any, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    field.append(_run(paragraph, "1", soft=True)._r)
    paragraph._p.append(field)


def _properties(document: Any, report: Report) -> None:
    at = report.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about = document.core_properties
    about.title, about.subject = f"{report.title.zh} {report.complaint_id}", report.title.en
    about.author = about.last_modified_by = report.institution
    about.comments, about.language = ("草稿 DRAFT" if report.draft else ""), "zh-CN"
    about.created = about.modified = at
    # The library's own template brings a picture of its first page and the name of another program.
    relations = document.part.package.rels
    for kind in (RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES):
        for name in [name for name, relation in relations.items() if relation.reltype == kind]:
            del relations[name]


def _dated(packed: bytes, at: datetime) -> bytes:
    """Return the archive *packed* with *at* as the date of every member: the library writes the present instant."""
    moment = at.astimezone(UTC)
    dated = BytesIO()
    with ZipFile(BytesIO(packed)) as old, ZipFile(dated, "w") as new:
        for name in old.namelist():
            member = ZipInfo(name, moment.timetuple()[:6])
            member.compress_type, member.create_system, member.external_attr = ZIP_DEFLATED, 3, 0o600 << 16
            new.writestr(member, old.read(name))
    return dated.getvalue()
