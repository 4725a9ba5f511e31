#!/usr/bin/env python3
"""Other programs open the workbook that `clearance audit --xlsx` writes, and read what the CSV files say.

    python tests/xlsx/check.py PROGRAM [SNAPSHOT...]

Each of the sample snapshots by itself, then all together. LibreOffice opens the workbook without a
window, prints it and saves every sheet as CSV; openpyxl reads its cells, tables and links; openxml-audit
holds every part against the schemas of the format. None of them shares code with the program.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import openpyxl
from openxml_audit import OpenXmlValidator

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
# Comma, quotes, UTF-8, from the first line, cells as they are and not as they look, every sheet.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"


def rows(text: str) -> list[list[str]]:
    """The rows of a CSV file, with the line breaks that a cell has."""
    read = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in read]


def shown(line: list[str]) -> list[str]:
    """A line as a workbook can hold it: control characters, and what turns text around, are replaced."""
    hidden = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")
    return [hidden.sub("\ufffd", cell) for cell in line]


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def same(what: str, found: list[list[str]], expected: list[list[str]]) -> None:
    if len(found) != len(expected):
        sys.exit(f"{what}: {len(found)} rows, not {len(expected)}")
    for number, (row, other) in enumerate(zip(found, expected), 1):
        if row != other:
            sys.exit(f"{what}, row {number}:\n  {row}\nis not\n  {other}")


def office(folder: Path, form: str, book: Path) -> None:
    run(
        "soffice",
        "--headless",
        "--norestore",
        f"-env:UserInstallation=file://{folder}/profile",
        "--convert-to",
        form,
        "--outdir",
        folder / "office",
        book,
    )


def libreoffice(folder: Path, book: Path, expected: dict[str, list[list[str]]]) -> int:
    """Compares the sheets as LibreOffice sees them, and counts the pages that it prints."""
    shutil.rmtree(folder / "office", ignore_errors=True)
    office(folder, AS_CSV, book)
    for sheet, lines in expected.items():
        text = (folder / "office" / f"{book.stem}-{sheet}.csv").read_text("utf-8")
        same(f"{sheet} in LibreOffice", rows(text), lines)
    office(folder, "pdf", book)
    pdf = (folder / "office" / f"{book.stem}.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    if not pdf.startswith(b"%PDF-") or pages < len(expected):
        sys.exit(f"LibreOffice prints {pages} pages")
    return pages


def python(path: Path, expected: dict[str, list[list[str]]]) -> None:
    """Compares the sheets as openpyxl sees them, with their tables and links."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = openpyxl.load_workbook(path)
    for sheet, lines in expected.items():
        cells = book[sheet].iter_rows(values_only=True)
        found = [["" if cell is None else str(cell) for cell in row] for row in cells]
        same(f"{sheet} in openpyxl", found, lines)
    for sheet in book.worksheets[1:]:
        (table,) = sheet.tables.values()
        # A table has a row below its heads even where there is nothing to say.
        area = f"A1:{sheet.cell(max(2, sheet.max_row), sheet.max_column).coordinate}"
        if table.ref != area or sheet.freeze_panes != "A2":
            sys.exit(f"{sheet.title}: the table is {table.ref}, the sheet {area}")
        if sheet.print_title_rows != "$1:$1":
            sys.exit(f"{sheet.title}: the heads are not on every page")
    for row in book["Findings"].iter_rows(min_row=2):
        target = row[4].hyperlink.location.removeprefix("'Rules'!")
        if book["Rules"][target].value != row[4].value:
            sys.exit(f"the finding in row {row[4].row} leads to {target}, another rule")


def schema(path: Path) -> None:
    result = OpenXmlValidator().validate(str(path))
    if not result.is_valid:
        sys.exit("\n".join(str(error) for error in result.errors))


def broken_is_seen(folder: Path, path: Path) -> None:
    """A workbook with a fault is refused; otherwise the schemas say nothing."""
    import zipfile

    copy = folder / "broken.xlsx"
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(copy, "w") as other:
        for name in book.namelist():
            data = book.read(name)
            if name == "xl/worksheets/sheet2.xml":
                data = data.replace(b"<pageMargins", b"<hyperlinks/><pageMargins")
            other.writestr(name, data)
    if OpenXmlValidator().validate(str(copy)).is_valid:
        sys.exit("openxml-audit finds nothing wrong with a broken workbook")


def check(program: str, snapshots: list[Path], folder: Path) -> None:
    files = {name: folder / name for name in ["book.xlsx", "Users.csv", "Findings.csv", "Plan.csv"]}
    book = files["book.xlsx"]
    audit = [program, "--quiet", "audit", *snapshots, "--raw-csv", "--xlsx", book]
    run(*audit, "--csv", files["Users.csv"], "--findings-csv", files["Findings.csv"])
    sheets = ["Users", "Findings"]
    if len(snapshots) == 1:
        files["Plan.csv"].unlink(missing_ok=True)
        run(program, "--quiet", "plan", snapshots[0], "--csv", files["Plan.csv"])
        sheets.append("Plan")
    expected = {}
    for sheet in sheets:
        lines = rows(files[f"{sheet}.csv"].read_bytes().decode())
        expected[sheet] = [shown(line) for line in lines]
    pages = libreoffice(folder, book, expected)
    python(book, expected)
    schema(book)
    broken_is_seen(folder, book)
    lines = ", ".join(f"{len(expected[sheet]) - 1} {sheet}" for sheet in sheets)
    print(f"{' + '.join(path.stem for path in snapshots)}: {lines}, {pages} pages")


def main() -> None:
    program, *given = sys.argv[1:]
    snapshots = [Path(path) for path in given] or sorted(FIXTURES.glob("*.snapshot"))
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1795420800")
    with tempfile.TemporaryDirectory() as folder:
        for some in [[one] for one in snapshots] + [snapshots][: len(snapshots) - 1]:
            check(program, some, Path(folder))


main()
