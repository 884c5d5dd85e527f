"""A report as an Excel workbook with charts: numbers as numbers, so that readers can go on counting."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter.worksheet import Worksheet

from activities.figures import layout
from activities.figures.charts import COLOURS
from activities.figures.layout import NONE, AxisTable, Figure, Value, moment
from activities.figures.report import Report
from activities.figures.words import BASES, DATES, FORMULAS, POPULATIONS, both
from models.tabular.written import new_workbook, printable

CHART_ROWS = 15
"""How many groups a chart shows; the table beside it has all."""


def to_xlsx(report: Report) -> bytes:
    """Return *report* as a workbook; the same report gives the same bytes."""
    made = io.BytesIO()
    report = printable(report)
    book = new_workbook(made)
    # A workbook carries the instant of its making: the end of the period stands for it, and the bytes stay the same.
    created = datetime.fromisoformat(report["period"]["last"])
    book.set_properties({"title": layout.headline(report), "author": report["institution"], "created": created})
    _Workbook(book, report).fill()
    book.close()
    return made.getvalue()


class _Workbook:
    def __init__(self, book: Any, report: Report) -> None:
        self._book = book
        self._report = report
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def fill(self) -> None:
        self._summary()
        if trends := layout.trends(self._report):
            self._trend(trends)
        for table in layout.axis_tables(self._report):
            self._axis(table)
        if self._report["late"] is not None:
            self._late(self._report["late"])
        self._definitions()
        self._sources()

    def _style(self, **looks: Any) -> Any:
        looks = {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "top", **looks}
        key = tuple(sorted(looks.items()))
        if key not in self._styles:
            self._styles[key] = self._book.add_format(looks)
        return self._styles[key]

    def _sheet(self, name: str, widths: Sequence[float], titles: Sequence[str], *, at: int = 0) -> Worksheet:
        sheet: Worksheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        head = self._style(bold=True, bg_color="#E8EDF3", border=1, border_color="#C8CED6", text_wrap=True)
        for column, title in enumerate(titles):
            sheet.write_string(at, column, title, head)
        sheet.freeze_panes(at + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(at)
        mark = f"&C{layout.DRAFT}" if self._report["status"] == "draft" else ""
        sheet.set_header(mark)
        sheet.set_footer(f"&L{self._report['title']['zh']} {self._report['period']['name']}&R&P / &N")
        return sheet

    def _row(self, sheet: Worksheet, row: int, cells: Sequence[str | int | None], **looks: Any) -> None:
        style = self._style(text_wrap=True, border=1, border_color="#C8CED6", **looks)
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell, self._number("#,##0"))
            else:
                sheet.write_string(row, column, cell or "", style)

    def _number(self, form: str, **looks: Any) -> Any:
        return self._style(num_format=form, border=1, border_color="#C8CED6", align="right", **looks)

    def _value(
        self, sheet: Worksheet, row: int, column: int, figure: Figure, value: Value | None, **looks: Any
    ) -> None:
        if value is None or value["value"] is None:
            sheet.write_string(row, column, NONE, self._number("@", **looks))
            if value and value["reason"]:
                sheet.write_comment(row, column, both(value["reason"]))
            return
        if value.get("alert"):
            looks["font_color"] = "#B3261E"
        digits = "." + "0" * figure["decimals"] if figure["decimals"] else ""
        form = f"0{digits}%" if figure["unit"] == "percent" else f"#,##0{digits}"
        sheet.write_number(row, column, float(value["value"]), self._number(form, **looks))

    def _summary(self) -> None:
        report = self._report
        titles = ("指标 indicator", "本期 this period", "单位 unit", "分子 top", "分母 bottom", "上期 before", "变化 change",
                  "口径 counting", "来源 source", "说明 note")  # fmt: skip
        sheet = self._sheet("概览 Summary", (34, 14, 14, 13, 15, 14, 12, 24, 40, 44), titles, at=4)
        sheet.write_string(0, 0, layout.headline(report), self._style(bold=True, font_size=16))
        whole = "全公司 the whole company" if report["unit"]["whole"] else "含下级机构 with all units below"
        where = f"{report['institution']} · {report['unit']['zh']} {report['unit']['code']}（{whole}）"
        sheet.write_string(1, 0, f"{where} · {report['period']['first']} — {report['period']['last']}", self._style())
        red = {"bold": True, "font_color": "#B3261E"} if report["status"] == "draft" else {}
        sheet.write_string(2, 0, layout.standing(report), self._style(**red))
        for row, figure in enumerate(report["figures"], start=5):
            self._row(sheet, row, (both(figure["title"]),), bold=True)
            self._value(sheet, row, 1, figure, figure, bold=True)
            self._row_from(sheet, row, 2, (layout.unit(figure),))
            for column, name in ((3, "top"), (4, "bottom")):
                self._part(sheet, row, column, figure, figure[name])
            self._value(sheet, row, 5, figure, figure["before"])
            note = figure["reason"] or (figure["alert_text"] if figure["alert"] else None)
            told = (layout.change(figure), layout.profile(figure), layout.source(figure), both(note) if note else "")
            self._row_from(sheet, row, 6, told)

    def _part(self, sheet: Worksheet, row: int, column: int, figure: Figure, part: int | None) -> None:
        if part is None or figure["formula"] == "count":
            sheet.write_string(row, column, "" if figure["formula"] == "count" else NONE, self._number("@"))
        else:
            sheet.write_number(row, column, part, self._number("#,##0"))

    def _row_from(self, sheet: Worksheet, row: int, column: int, cells: Sequence[str]) -> None:
        style = self._style(text_wrap=True, border=1, border_color="#C8CED6")
        for place, cell in enumerate(cells, start=column):
            sheet.write_string(row, place, cell, style)

    def _trend(self, figures: Sequence[Figure]) -> None:
        name = "走势 Trend"
        titles = ("期间 period", *(both(figure["title"]) for figure in figures))
        sheet = self._sheet(name, (14, *(20 for _ in figures)), titles)
        periods = [point["period"] for point in figures[0]["trend"]]
        for row, period in enumerate(periods, start=1):
            self._row(sheet, row, (period,))
            for column, figure in enumerate(figures, start=1):
                self._value(sheet, row, column, figure, figure["trend"][row - 1])
        kinds = (
            ("column", [f for f in figures if f["formula"] == "count"]),
            ("line", [f for f in figures if f["unit"] == "percent"]),
            ("column", [f for f in figures if f["formula"] != "count" and f["unit"] != "percent"]),
        )
        place = len(periods) + 2
        for kind, members in kinds:
            if members:
                columns = [figures.index(member) + 1 for member in members]
                sheet.insert_chart(place, 0, self._chart(name, kind, columns, len(periods), members))
                place += 17

    def _chart(self, sheet: str, kind: str, columns: Sequence[int], rows: int, figures: Sequence[Figure]) -> Any:
        chart = self._book.add_chart({"type": kind})
        for colour, column in zip(COLOURS * len(columns), columns, strict=False):
            series: dict[str, Any] = {
                "name": [sheet, 0, column],
                "categories": [sheet, 1, 0, rows, 0],
                "values": [sheet, 1, column, rows, column],
            }
            line = {
                "line": {"color": colour, "width": 2},
                "marker": {"type": "square", "size": 4, "fill": {"color": colour}},
            }
            chart.add_series(series | (line if kind == "line" else {"fill": {"color": colour}, "gap": 60}))
        axis: dict[str, Any] = {"major_gridlines": {"visible": True, "line": {"color": "#D5DBE1"}}}
        if figures[0]["unit"] == "percent":
            axis |= {"min": 0, "max": 1, "num_format": "0%"}
        chart.set_y_axis(axis)
        if kind == "bar":  # The library calls the axis of the groups y here, and the largest group belongs on top.
            chart.set_x_axis(axis)
            chart.set_y_axis({"reverse": True})
        chart.set_legend({"position": "bottom"} if len(columns) > 1 else {"none": True})
        chart.set_title({"name": " · ".join(both(figure["title"]) for figure in figures), "name_font": {"size": 11}})
        chart.set_size({"width": 760, "height": 320})
        return chart

    def _axis(self, table: AxisTable) -> None:
        name = f"按{table.title['zh']} {table.title['en']}"[:31]
        titles = [both(table.title), "代码 code"]
        for figure in table.figures:
            titles += [both(figure["title"])] + (["分子/分母 made of"] if figure["formula"] != "count" else [])
        sheet = self._sheet(name, (34, 16, *(18 for _ in titles[2:])), titles)
        for row, (label, cells) in enumerate(table.rows, start=1):
            self._row(sheet, row, (label["zh"], label["en"]))
            column = 2
            for figure, value in zip(table.figures, cells, strict=True):
                self._value(sheet, row, column, figure, value)
                column += 1
                if figure["formula"] != "count":
                    made = layout.parts(figure, value) if value else ""
                    sheet.write_string(row, column, made, self._number("@"))
                    column += 1
        if len(table.rows) > 1:
            rows = min(len(table.rows), CHART_ROWS)
            chart = self._chart(name, "bar", [2], rows, table.figures[:1])
            sheet.insert_chart(len(table.rows) + 2, 0, chart)

    def _late(self, late: Report) -> None:
        named = ("投诉 complaint", "义务 duty", "名称 title", "机构 unit", "部门 department")
        titles = (*named, "期限 due", "履行 done", "来源 source")
        sheet = self._sheet("逾期 Late", (24, 18, 34, 24, 30, 18, 18, 44), titles)
        for row, one in enumerate(late["rows"], start=1):
            where = (one["unit_zh"], one["department_zh"] if one["department"] else "")
            told = (one["complaint_id"], one["duty"], f"{one['zh']} {one['en']}", *where)
            self._row(sheet, row, (*told, moment(one["due"]), moment(one["met_at"]), one["citation"]))
        if late["total"] > len(late["rows"]):
            more = late["total"] - len(late["rows"])
            sheet.write_string(len(late["rows"]) + 1, 0, f"另有 {more} 项 {more} more", self._style(bold=True))

    def _definitions(self) -> None:
        named = ("指标 indicator", "编号 id", "定义 what it says", "公式 formula", "对象 of what")
        titles = (*named, "归期 dated by", "口径 counting", "来源 source")
        sheet = self._sheet("口径 Definitions", (32, 24, 80, 16, 22, 24, 26, 46), titles)
        for row, figure in enumerate(self._report["figures"], start=1):
            says = f"{figure['says']['zh']}\n{figure['says']['en']}"
            told = (
                both(FORMULAS[figure["formula"]]),
                both(POPULATIONS[figure["population"]]),
                both(DATES[figure["dated_by"]]),
            )
            source = (layout.profile(figure), layout.source(figure))
            self._row(sheet, row, (both(figure["title"]), figure["id"], says, *told, *source))

    def _sources(self) -> None:
        sources = self._report["sources"]
        titles = ("来源 source", "版本 version", "数值 amount", "SHA-256 / 说明 note")
        sheet = self._sheet("来源 Sources", (44, 24, 18, 80), titles)
        record, named = sources["record"], sources["definitions"]
        rows: list[tuple[str | int | None, ...]] = [
            ("指标定义 definitions", named["version"], None, named["hash"]),
            ("组织 organisation", sources["organisation"]["version"], None, sources["organisation"]["hash"]),
            ("输入 inputs", None, None, sources["inputs_hash"]),
            ("记录（案件） record, cases", f"{moment(record['until'])} UTC", record["cases"], record["head"]),
            ("记录（事件） record, events", None, record["events"], None),
        ]
        rows += [(f"规则 rules {rule['pack']}", None, rule["cases"], rule["hash"]) for rule in sources["rules"]]
        for base in sources["bases"]:
            place = f"{both(BASES[base['name']])} {base['unit']} {base['period']} {base['line'] or ''}".strip()
            rows.append((place, str(base["version"]), base["amount"], base["source"]))
        for row, cells in enumerate(rows, start=1):
            self._row(sheet, row, cells)
