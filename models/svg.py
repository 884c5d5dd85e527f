"""A small drawing that becomes one SVG file: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

INK, FAINT, PAPER = "#1f2933", "#d5dbe1", "#ffffff"
FONTS = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


class Drawing:
    """Shapes on a page of a given *width*, as high as what was drawn on it."""

    def __init__(self, width: int, title: str) -> None:
        self.width = width
        self.height = 0.0
        self._title = title
        self._shapes: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, *, fill: str, tip: str = "") -> None:
        """Draw a filled rectangle; *tip* shows when one points at it."""
        shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" fill="{fill}"'
        self._shapes.append(f"{shape}><title>{escape(tip)}</title></rect>" if tip else f"{shape}/>")
        self._reach(y + height)

    def text(self, x: float, y: float, text: str, *, size: int = 13, anchor: str = "start", bold: bool = False) -> None:
        """Write *text* with its baseline at *y*."""
        weight = ' font-weight="600"' if bold else ""
        self._shapes.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
        )
        self._reach(y + size / 2)

    def line(self, points: Sequence[tuple[float, float]], colour: str, thickness: float = 1.0) -> None:
        """Draw a line through *points*."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thickness}"/>')

    def svg(self) -> str:
        """Return the file's text."""
        height = round(self.height + 24)
        size = f'width="{self.width}" height="{height}" viewBox="0 0 {self.width} {height}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONTS}" fill="{INK}">'
        paper = f'<rect width="{self.width}" height="{height}" fill="{PAPER}"/>'
        return "\n".join([head, f"<title>{escape(self._title)}</title>", paper, *self._shapes, "</svg>", ""])

    def _reach(self, y: float) -> None:
        self.height = max(self.height, y)


class Plot:
    """A field with a count axis from 0 to a round number above *most*, on which counts become heights."""

    def __init__(self, drawing: Drawing, y: float, height: float, most: float, *, margins: tuple[float, float]) -> None:
        x, width = margins[0], drawing.width - sum(margins)
        self.drawing, self.x, self.y, self.width, self.height = drawing, x, y, width, height
        step = round_step(most)
        self.top = step * max(1, -(-most // step))
        count = 0.0
        while count <= self.top:
            at = self.at(count)
            drawing.line([(x, at), (x + width, at)], FAINT)
            drawing.text(x - 8, at + 4, f"{count:,.0f}", size=11, anchor="end")
            count += step
        drawing.height = max(drawing.height, y + height)

    def at(self, count: float) -> float:
        """Return the height on the page of *count*."""
        return self.y + self.height * (1 - count / self.top)

    def bar(self, x: float, width: float, count: float, *, fill: str, tip: str) -> None:
        """Draw a bar of *count*."""
        self.drawing.rect(x, self.at(count), width, self.y + self.height - self.at(count), fill=fill, tip=tip)


def round_step(most: float) -> float:
    """Return the distance between two marks of an axis up to *most*: 1, 2 or 5 times a power of ten, about four marks."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if most <= 4 * step:
                return step
        power *= 10
