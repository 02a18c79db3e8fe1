"""A small table for the terminal: every column as wide as its widest cell."""

from collections.abc import Sequence


def table_lines(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Its lines, the figures set to the right."""
    cells = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
