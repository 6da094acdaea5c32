"""Odd files that can be read: what stands in them is what comes out."""

import gzip

import pyarrow.parquet as pq
import pytest

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding
from oneclick.intake.reading import read_table
from oneclick.intake.scanning import copy_cells, table_function, text_options
from tests.intake.shapes import (
    MONEY,
    REVENUE,
    as_text,
    connection,
    misread,
    parquet,
    put,
    read_rows,
    workbook,
)

ROWS = [["id", "Прибыль"], ["1", "0.98"], ["2", "-3293.1"], ["3", "5"]]
READ = [(2, "1", "0.98"), (3, "2", "-3293.1"), (4, "3", "5")]
PLAIN = as_text(ROWS)
RUSSIAN = as_text(ROWS, delimiter=";", decimal=",")
TYPED = [["id", "Прибыль"], [1, 0.98], [2, -3293.1], [3, 5.0]]

SAME = {
    "plain": PLAIN,
    "semicolon and decimal comma": RUSSIAN,
    "tab": as_text(ROWS, delimiter="\t", decimal=","),
    "comma between fields and in quoted numbers": as_text(ROWS, decimal=","),
    "byte-order mark": PLAIN.encode("utf-8-sig"),
    "UTF-16 with mark": RUSSIAN.encode("utf-16"),
    "UTF-16 big-endian with mark": b"\xfe\xff" + RUSSIAN.encode("utf-16-be"),
    "UTF-32": RUSSIAN.encode("utf-32"),
    "UTF-16 little-endian": RUSSIAN.encode("utf-16-le"),
    "UTF-16 big-endian": PLAIN.encode("utf-16-be"),
    "UTF-16 with CRLF": RUSSIAN.replace("\n", "\r\n").encode("utf-16"),
    "windows-1251": RUSSIAN.encode("cp1251"),
    "windows-1251 with CRLF": RUSSIAN.replace("\n", "\r\n").encode("cp1251"),
    "windows-1251 with CR": RUSSIAN.replace("\n", "\r").encode("cp1251"),
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "CR": PLAIN.replace("\n", "\r"),
    "mixed line ends": RUSSIAN.replace("\n", "\r\n", 1),
    "mixed line ends the other way round": RUSSIAN[:-1].replace("\n", "\r\n") + "\n",
    "no line end at the end": PLAIN.rstrip(),
    "all quoted": as_text(ROWS, delimiter=";", decimal=",", quote_all=True),
    "index column without header": ",id,Прибыль\n0,1,0.98\n1,2,-3293.1\n2,3,5\n",
    "index column of pandas": "Unnamed: 0,id,Прибыль\n0,1,0.98\n1,2,-3293.1\n2,3,5\n",
    "delimiter at every line's end": "id;Прибыль;\n1;0,98;\n2;-3293,1;\n3;5;\n",
    "another order": "Прибыль;id\n0,98;1\n-3293,1;2\n5;3\n",
    "headers in capitals, with spaces": "  ID ; ПРИБЫЛЬ_ \n1;0,98\n2;-3293,1\n3;5\n",
    "spaces between thousands": as_text(ROWS, delimiter=";", decimal=",", thousands=" "),
    "no-break spaces": as_text(ROWS, delimiter=";", decimal=",", thousands="\u00a0"),
    "narrow no-break spaces": as_text(ROWS, delimiter=";", decimal=",", thousands="\u202f"),
    "no-break spaces in windows-1251": as_text(
        ROWS, delimiter=";", decimal=",", thousands="\u00a0"
    ).encode("cp1251"),
    "English thousands": as_text(ROWS, delimiter=";", thousands=","),
    "English thousands in quotes": as_text(ROWS, thousands=","),
    "German thousands": as_text(ROWS, delimiter=";", decimal=",", thousands="."),
    "UTF-8 read as windows-1251": misread(RUSSIAN),
    "UTF-8 read as windows-1251, saved as UTF-16": misread(RUSSIAN).encode("utf-16"),
    "UTF-8 with mark read as windows-1251": misread("\ufeff" + RUSSIAN),
    "UTF-8 read as windows-1251, CRLF": misread(RUSSIAN.replace("\n", "\r\n")),
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME)
def test_a_text_of_any_usual_shape_reads_the_same(tmp_path, content):
    put(tmp_path, content, "money.csv")
    assert read_rows(tmp_path / "money", MONEY) == READ


NAMED = {
    "packed": ("money.csv.gz", RUSSIAN),
    "packed windows-1251": ("money.csv.gz", RUSSIAN.encode("cp1251")),
    "packed in a file named csv": ("money.csv", gzip.compress(PLAIN.encode())),
    "capital name": ("MONEY.CSV", PLAIN),
    "workbook of text": (
        "money.xlsx",
        lambda path: workbook(
            path, {"1": [[cell.replace(".", ",") for cell in row] for row in ROWS]}
        ),
    ),
    "workbook of text with spaces": (
        "money.xlsx",
        lambda path: workbook(path, {"1": [ROWS[0], ["1", "0,98"], ["2", "-3 293,1"], ["3", "5"]]}),
    ),
    "workbook of numbers": ("money.xlsx", lambda path: workbook(path, {"1": TYPED})),
    "second sheet of a workbook": (
        "money.xlsx",
        lambda path: workbook(path, {"notes": [["about"]], "empty": [], "table": TYPED}),
    ),
    "parquet of text": ("money.parquet", lambda path: parquet(path, ROWS)),
    "another order in parquet": (
        "money.parquet",
        lambda path: parquet(path, [[row[1], "x", row[0]] for row in ROWS]),
    ),
    "parquet with a column of DuckDB's own name": (
        "money.parquet",
        lambda path: parquet(path, [[*row, "File_Row_Number"] for row in ROWS]),
    ),
}


@pytest.mark.parametrize(("name", "content"), NAMED.values(), ids=NAMED)
def test_a_file_of_any_usual_format_reads_the_same(tmp_path, name, content):
    put(tmp_path, content, name)
    assert read_rows(tmp_path / "money", MONEY) == READ


OTHERWISE = {
    "Excel's line about the delimiter": (
        "sep=;\n" + RUSSIAN,
        [(line + 1, *cells) for line, *cells in READ],
    ),
    "empty lines before the headers": (
        "\r\n\r\n" + RUSSIAN.replace("\n", "\r\n"),
        [(line + 2, *cells) for line, *cells in READ],
    ),
    "empty cells": ("id;Прибыль\n;0,98\n2;\n", [(2, None, "0.98"), (3, "2", None)]),
    "three decimals, and one that settles them": (
        "id;Прибыль\n1;0,234\n2;3,293\n",
        [(2, "1", "0.234"), (3, "2", "3.293")],
    ),
    "exponents": ("id;Прибыль\n1;1,5E-05\n2;2\n", [(2, "1", "1.5E-05"), (3, "2", "2")]),
    "millions": (
        "id;Прибыль\n1;1.234.567\n2;7\n3;1.234\n",
        [(2, "1", "1234567"), (3, "2", "7"), (4, "3", "1234")],
    ),
    "a comma among points stays unreadable": (
        "id;Прибыль\n1;0.98\n2;7.5\n3;1,234\n",
        [(2, "1", "0.98"), (3, "2", "7.5"), (4, "3", "1,234")],
    ),
    "a point among commas is made unreadable": (
        "id;Прибыль\n1;0,98\n2;7,5\n3;1.234\n",
        [
            (2, "1", "0.98"),
            (3, "2", "7.5"),
            (4, "3", "1.234 (a decimal point among decimal commas)"),
        ],
    ),
    "most cells missing": (
        "id;Прибыль\n1;н/д\n2;н/д\n3;1,5\n",
        [(2, "1", "н/д"), (3, "2", "н/д"), (4, "3", "1.5")],
    ),
    "what is no number stays": (
        "id;Прибыль\n1;0,98\n2;н/д\n3;<b>\n4;=1+1\n5;7,1\n6;12,0\n7;8\n",
        [
            (2, "1", "0.98"),
            (3, "2", "н/д"),
            (4, "3", "<b>"),
            (5, "4", "=1+1"),
            (6, "5", "7.1"),
            (7, "6", "12.0"),
            (8, "7", "8"),
        ],
    ),
}


@pytest.mark.parametrize(("content", "expected"), OTHERWISE.values(), ids=OTHERWISE)
def test_known_cells(tmp_path, content, expected):
    put(tmp_path, content, "money.csv")
    assert read_rows(tmp_path / "money", MONEY) == expected


def test_texts_keep_commas_points_quotes_and_line_ends(tmp_path):
    cells = ['Или «Шёл», 1.5, "а;б"', "до\nпосле", "1 000 мелочей"]
    rows = [["id", "Период", "Выручка"], *([str(n), cell, "1.5"] for n, cell in enumerate(cells))]
    expected = [(n + 2, str(n), cell, "1.5") for n, cell in enumerate(cells)]
    for name, text in {
        "plain": as_text(rows),
        "russian": as_text(rows, delimiter=";", decimal=","),
        "misread": misread(as_text(rows, delimiter=";", decimal=",")),
    }.items():
        (tmp_path / name).mkdir()
        put(tmp_path / name, text, "revenue.csv")
        assert read_rows(tmp_path / name / "revenue", REVENUE) == expected


def test_every_column_has_its_own_decimal_mark(tmp_path):
    put(tmp_path, "id;Период;Выручка\n1;0.5;0,25\n2;0.75;1,125\n", "revenue.csv")
    read = read_rows(tmp_path / "revenue", REVENUE)
    assert read == [(2, "1", "0.5", "0.25"), (3, "2", "0.75", "1.125")]


def test_workbook_cells_become_the_text_that_a_csv_would_hold(tmp_path):
    from datetime import datetime

    rows = [["id", "Прибыль"], [1, datetime(2026, 4, 3)], [9007199254740991, 1e-7], [True, None]]
    workbook(tmp_path / "money.xlsx", {"1": [*rows[:2], [None, None], *rows[2:], [5, 1.234]]})
    assert read_rows(tmp_path / "money", MONEY) == [
        (2, "1", "2026-04-03"),
        (4, "9007199254740991", "1e-07"),
        (5, "True", None),
        (6, "5", "1.234"),
    ]


def test_parquet_numbers_are_never_ambiguous(tmp_path):
    parquet(tmp_path / "money.parquet", [["id", "Прибыль"], [1, 1.234], [2, 5.678]])
    assert read_rows(tmp_path / "money", MONEY) == [(2, "1", "1.234"), (3, "2", "5.678")]


def test_what_a_person_says_settles_an_ambiguous_file(tmp_path):
    put(tmp_path, "id;Прибыль\n1;1,234\n2;5,678\n", "money.csv")
    decimals = read_rows(tmp_path / "money", MONEY, overrides={"decimal": ","})
    thousands = read_rows(tmp_path / "money", MONEY, overrides={"decimal": "."})
    assert decimals == [(2, "1", "1.234"), (3, "2", "5.678")]
    assert thousands == [(2, "1", "1234"), (3, "2", "5678")]


def test_a_person_may_name_an_encoding_that_is_not_looked_for(tmp_path):
    put(tmp_path, RUSSIAN.encode("cp866"), "money.csv")
    assert read_rows(tmp_path / "money", MONEY, overrides={"encoding": "cp866"}) == READ


def test_a_column_that_may_be_absent_is_null(tmp_path):
    put(tmp_path, "id\n1\n2\n", "money.csv")
    read = read_rows(tmp_path / "money", MONEY, optional=["monthly_profit"])
    assert read == [(2, "1", None), (3, "2", None)]


ODD_FOLDERS = (
    "a*b",
    "a?b",
    "[1]",
    "o'k",
    'q"q',
    "k=v",
    "{a,b}",
    "sp ace",
    "%20",
    "ряд",
    "~",
    "$x;--",
)


@pytest.mark.parametrize("folder", ODD_FOLDERS)
@pytest.mark.parametrize("name", ["money.csv", "money.csv.gz", "money.parquet", "money.xlsx"])
def test_no_letter_in_a_path_has_a_meaning(tmp_path, folder, name):
    odd = tmp_path / folder
    odd.mkdir()
    makers = {
        ".xlsx": lambda path: workbook(path, {"1": ROWS}),
        ".parquet": lambda p: parquet(p, ROWS),
    }
    put(odd, makers.get("." + name.rsplit(".", 1)[1], PLAIN), name)
    for neighbour in ("ab", "axb", "1"):  # what a wildcard would find as well
        (tmp_path / neighbour).mkdir()
        put(tmp_path / neighbour, "id,Прибыль\n9,9\n", "money.csv")
    assert read_rows(odd / "money", MONEY) == READ


def test_what_was_found_is_logged_without_values(tmp_path, caplog):
    put(
        tmp_path,
        as_text(ROWS, delimiter=";", decimal=",", thousands=" ").encode("cp1251"),
        "money.csv",
    )
    with caplog.at_level("INFO", logger="oneclick.intake"):
        read_rows(tmp_path / "money", MONEY)
    assert caplog.messages == [
        "money.csv: csv, 3 rows, cp1251, delimiter semicolon, line ends LF, decimal comma, "
        "thousands set apart in monthly_profit"
    ]


def test_a_finding_says_what_is_unusual(tmp_path):
    finding = FileFinding(
        tmp_path / "money.xlsx", "xlsx", rows=3, header_line=2, sheet="table", left_out=[""]
    )
    assert str(finding) == "money.xlsx: xlsx, 3 rows, headers in line 2, sheet 'table', left out ''"


def test_another_engine_reads_what_duckdb_has_understood(tmp_path):
    class OtherEngine:
        """Reads parquet only, as a cluster would."""

        name = "pyspark"
        read_parquet = staticmethod(connection().read_parquet)

    for name, content in {"a": RUSSIAN.encode("cp1251"), "b": PLAIN}.items():
        (tmp_path / name).mkdir()
        put(tmp_path / name, content, "money.csv")
        found = read_table(tmp_path / name / "money", MONEY, OtherEngine()).to_pyarrow()
        assert list(zip(*(c.to_pylist() for c in found.columns), strict=True)) == READ


def test_the_copy_of_a_text_does_not_tell_how_fast_it_was_read(tmp_path):
    # Given more rows than one of DuckDB's threads takes at a time, of which some are longer
    lines = (f"{row},{'long' * (row % 7 == 0)}\n" for row in range(300_000))
    (tmp_path / "text.csv").write_text("id,text\n" + "".join(lines))
    finding = FileFinding(tmp_path / "text.csv", "csv", delimiter=",")
    options = text_options(finding, ["id", "text"])

    scan = copy_cells(table_function("read_csv", finding.path, options), {"customer_id": "id"}, 2)

    copied = pq.ParquetFile(scan.path)
    groups = [copied.metadata.row_group(place).num_rows for place in range(3)]
    assert (scan.rows, groups) == (300_000, [122_880, 122_880, 54_240])
    assert copied.read()["customer_id"].to_pylist() == [str(row) for row in range(300_000)]


def test_numbers_stored_as_text_in_a_workbook_are_read_where_their_mark_is_sure(tmp_path):
    cells = [0.5, 3, "0,9", "-12,25", " 1234,5 ", "0,125", "0.75", "1,234", "много"]
    workbook(tmp_path / "money.xlsx", {"a": [["id", "Прибыль"], *enumerate(cells)]})

    read = [cell for _, _, cell in read_rows(tmp_path / "money", MONEY)]

    assert read == ["0.5", "3", "0.9", "-12.25", " 1234.5 ", "0.125", "0.75", "1,234", "много"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_rows_without_a_cell_of_ours_are_left_out_and_counted(tmp_path, caplog, encoding):
    text = "id;Прибыль;x\n1;0,98;\n;;\n2;;\n;4;\n;;7\n;;\n"
    put(tmp_path, text.encode(encoding), "money.csv")

    with caplog.at_level("INFO", "oneclick.intake"):
        read = read_rows(tmp_path / "money", MONEY)

    assert read == [(2, "1", "0.98"), (4, "2", None), (5, None, "4")]
    assert "3 rows, 3 empty rows left out" in caplog.text


def test_a_file_of_empty_rows_is_refused(tmp_path):
    put(tmp_path, "id;Прибыль\n;\n;\n", "money.csv")
    with pytest.raises(OneclickError, match="headers and no rows"):
        read_rows(tmp_path / "money", MONEY)


def test_sheets_of_other_things_are_left_alone(tmp_path):
    others = {
        "Итоги": [["Всего", 4]],
        "Поля": [["id", "номер"]],
        "Примечания": [["1"]],
        "пусто": [],
    }
    workbook(tmp_path / "money.xlsx", {**others, "a": [["id", "Прибыль"], [1, 0.5], [2, 4]]})
    assert read_rows(tmp_path / "money", MONEY) == [(2, "1", "0.5"), (3, "2", "4")]
