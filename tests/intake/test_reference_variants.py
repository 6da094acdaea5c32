"""The shop's real tables in every shape of export: the same cells come out of each."""

import csv
import gzip
from typing import Any

import pytest
import yaml

from tests.intake.shapes import Rows, as_text, misread, parquet, put, read_rows, workbook

pytestmark = pytest.mark.reference

TABLES = ("market_file", "market_money", "market_time", "money")
EXCEL: dict[str, Any] = {"delimiter": ";", "decimal": ",", "line_end": "\r\n"}


@pytest.fixture(scope="module", params=TABLES)
def table(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def columns(project, table) -> dict[str, list[str]]:
    catalog = (project / "conf/base/data_processing/catalog.yml").read_text(encoding="utf-8")
    return yaml.safe_load(catalog)[table]["columns"]


@pytest.fixture(scope="module")
def rows(reference_folder, table) -> Rows:
    """The table as Python's own reader sees it, headers first, numbers with points."""
    delimiter = ";" if table == "money" else ","
    with (reference_folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.reader(file, delimiter=delimiter))
    return [[cell.replace(",", ".") for cell in row] for row in read] if delimiter == ";" else read


@pytest.fixture(scope="module")
def expected(rows) -> list[tuple[Any, ...]]:
    return [(line, *row) for line, row in enumerate(rows[1:], start=2)]


def test_the_export_itself(reference_folder, table, columns, expected):
    assert read_rows(reference_folder / table, columns) == expected


TEXTS = {
    "UTF-8, comma, point": lambda rows: as_text(rows),
    "with mark, CRLF": lambda rows: as_text(rows, line_end="\r\n").encode("utf-8-sig"),
    "CR": lambda rows: as_text(rows, line_end="\r"),
    "Excel, windows-1251": lambda rows: as_text(rows, **EXCEL).encode("cp1251"),
    "Excel, UTF-8 with mark": lambda rows: as_text(rows, **EXCEL).encode("utf-8-sig"),
    "Excel, Unicode text": lambda rows: as_text(rows, **EXCEL | {"delimiter": "\t"}).encode(
        "utf-16"
    ),
    "UTF-16 without mark": lambda rows: as_text(rows, **EXCEL).encode("utf-16-be"),
    "no-break spaces": lambda rows: as_text(rows, **EXCEL, thousands="\u00a0"),
    "narrow no-break spaces": lambda rows: as_text(rows, **EXCEL, thousands="\u202f"),
    "spaces, windows-1251": lambda rows: as_text(rows, **EXCEL, thousands=" ").encode("cp1251"),
    "English thousands": lambda rows: as_text(rows, thousands=","),
    "German thousands": lambda rows: as_text(rows, **EXCEL, thousands="."),
    "everything quoted": lambda rows: as_text(rows, quote_all=True),
    "decimal commas in quotes": lambda rows: as_text(rows, decimal=","),
    "misread": lambda rows: misread(as_text(rows, **EXCEL)),
    "misread, with mark, UTF-16": lambda rows: misread("\ufeff" + as_text(rows)).encode("utf-16"),
    "index column": lambda rows: as_text(_with_index(rows)),
    "columns reversed": lambda rows: as_text([row[::-1] for row in rows]),
    "other headers": lambda rows: as_text([list(map(_sloppy, rows[0])), *rows[1:]]),
    "mixed line ends": lambda rows: as_text(rows).replace("\n", "\r\n", 700),
}


def _with_index(rows: Rows) -> Rows:
    return [["", *rows[0]], *([str(n), *row] for n, row in enumerate(rows[1:]))]


def _sloppy(header: str) -> str:
    return f" {header.upper().replace('_', '  ').replace('Е', 'Ё')} "


@pytest.mark.parametrize("shape", TEXTS.values(), ids=TEXTS)
def test_a_text_in_another_shape(tmp_path, table, columns, rows, expected, shape):
    put(tmp_path, shape(rows), f"{table}.csv")
    assert read_rows(tmp_path / table, columns) == expected


FORMATS = {
    "packed": (".csv.gz", lambda path, rows: path.write_bytes(_packed(rows))),
    "workbook of text": (".xlsx", lambda path, rows: workbook(path, {"1": rows})),
    "parquet of text": (".parquet", lambda path, rows: parquet(path, rows)),
}


def _packed(rows: Rows) -> bytes:
    return gzip.compress(as_text(rows, **EXCEL).encode("cp1251"))


@pytest.mark.parametrize(("ending", "write"), FORMATS.values(), ids=FORMATS)
def test_another_format(tmp_path, table, columns, rows, expected, ending, write):
    write(tmp_path / f"{table}{ending}", rows)
    assert read_rows(tmp_path / table, columns) == expected


@pytest.mark.parametrize("ending", [".xlsx", ".parquet"])
def test_true_numbers_are_the_same_numbers(tmp_path, table, columns, rows, expected, ending):
    typed = [rows[0], *([_typed(cell) for cell in row] for row in rows[1:])]
    path = tmp_path / f"{table}{ending}"
    workbook(path, {"1": typed}) if ending == ".xlsx" else parquet(path, typed)
    read = read_rows(tmp_path / table, columns)
    assert [tuple(map(_typed, row)) for row in read] == [tuple(map(_typed, r)) for r in expected]


def _typed(cell: Any) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell
