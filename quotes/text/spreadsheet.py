"""Cells of a spreadsheet: an exported text must not run as a formula, and an imported one comes
back as it was.
"""

_FORMULA = tuple("=+-@＝＋－＠\t\r\n")  # what spreadsheets take for the beginning of a formula


def spreadsheet_safe(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet would run it as a formula.
    `from_spreadsheet` reverses this.
    """
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def from_spreadsheet(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(_FORMULA) else cell
