"""Files that cannot be read without doubt: refused by name, with where it is and what to do."""

import gzip
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import ibis
import pytest

from oneclick.errors import OneclickError
from oneclick.intake.relation import read_relation
from tests.intake.shapes import (
    MONEY,
    REVENUE,
    misread,
    parquet,
    put,
    read_rows,
    rewrite_sheet,
    workbook,
)

RUSSIAN = "id;Прибыль\n1;0,98\n2;3293,1\n3;5\n"
LONG = "id;Период;Выручка\n" + "".join(f"{n};текущий_месяц;{n},5\n" for n in range(60_000))

REFUSED = {
    "empty": (b"", ["is empty", "Export"]),
    "only a byte-order mark": (b"\xef\xbb\xbf", ["is empty"]),
    "only blanks": (b" \r\n \r\n", ["is empty"]),
    "only headers": ("id;Прибыль\n", ["headers and no rows"]),
    "only headers, no line end": ("id;Прибыль", ["headers and no rows"]),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", ["PDF document", "UTF-8"]),
    "web page": (b"\n<!DOCTYPE html><html></html>", ["web page"]),
    "web page with mark": (b"\xef\xbb\xbf<html><table>", ["web page"]),
    "XML": (b'<?xml version="1.0"?><a/>', ["XML"]),
    "ZIP": (b"PK\x03\x04" + bytes(100), ["ZIP archive or a workbook"]),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), ["old or protected Excel"]),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", ["picture"]),
    "RTF": (rb"{\rtf1 id;}", ["RTF"]),
    "zero bytes": (bytes(500), ["is empty"]),
    "random bytes": (bytes(range(256)) * 10, ["not text"]),
    "JSON": ('[{"id": 1, "Прибыль": 2}]', ["no column"]),
    "missing column": ("id;Доход\n1;2\n", ["'Прибыль' (monthly_profit)", "'Доход'", "catalog.yml"]),
    "no headers": ("1;2\n3;4\n", ["no headers", "2 fields", "'Прибыль'"]),
    "headers in another encoding": (RUSSIAN.encode("cp866"), ["no column", "encoding", "cp866"]),
    "a title above the headers": ("Прибыль клиентов\n" + RUSSIAN, ["no column", "a title"]),
    "another delimiter": (RUSSIAN.replace(";", "|"), ["no column", "another mark than comma"]),
    "a footer": (RUSSIAN + "\n(3 rows affected)\n", ["line 6", "footers"]),
    "one column twice": ("id;ID;Прибыль\n1;1;2\n", ["customer_id twice", "'id'", "'ID'"]),
    "too few fields": ("id;Прибыль\n1;0,98\n2\n3;5\n", ["fewer fields", "line 3", "the 2 of"]),
    "too many fields": ("id;Прибыль\n1;0,98\n2;1;2\n3;5\n", ["more or fewer", "line 3"]),
    "ragged after the line for Excel": ("sep=;\nid;Прибыль\n1;0,98\n2\n", ["line 4"]),
    "several ragged lines": ("id;Прибыль\n1\n2;1\n3\n4;1;1\n", ["line 2, 4, 5"]),
    "decimal commas not quoted": ("id,Прибыль\n1,0,98\n2,3293,1\n", ["line 2, 3", "in quotes"]),
    "quote that does not close": ('id;Прибыль\n1;"0,98\n2;3\n', ["quotes", "line 2"]),
    "quote inside a quoted field": ('id;Прибыль\n1;2\n2;"0"98\n', ["quotes", "line 3"]),
    "bytes that are not UTF-8": (RUSSIAN.encode() + b"4;\xff\xfe\n", ["about line 5", "bytes"]),
    "half a UTF-16 letter": (RUSSIAN.encode("utf-16")[:-1], ["utf-16", "about line"]),
    "no byte of windows-1251": (RUSSIAN.encode("cp1251") + b"4;\x98\n", ["cp1251", "about line 5"]),
    "1,234 everywhere": (
        "id;Прибыль\n1;1,234\n2;3,293\n",
        ["3,293", 'decimal: ","', 'decimal: "."'],
    ),
    "1.234 everywhere": (
        "id;Прибыль\n1;1.234\n2;3.293\n",
        ["3.293", 'decimal: ","', 'decimal: "."'],
    ),
    "1,234 in one column, 0.5 in another": (
        "id;x;Прибыль\n1.5;;1,234\n2.5;;5,678\n",
        ["column monthly_profit", 'decimal: "."'],
    ),
    "two delimiters": ("id;x,Прибыль\n1;2,3\n", ["comma or by semicolon", "delimiter"]),
    "misread twice": (misread(misread(RUSSIAN)), ["read as windows-1251"]),
    "misread and lossy": (
        misread(RUSSIAN + "4;ИИ\n").replace("\x98", "?"),
        ["read as windows-1251", "line 5"],
    ),
    "misread headers, sound values": (
        misread("id;Прибыль\n") + "1;стандарт\n",
        ["read as windows-1251", "line 2"],
    ),
    "misread values, sound headers": (
        "id;Прибыль\n" + misread("1;стандарт\n"),
        ["read as windows-1251"],
    ),
    "misread headers that are lost": (
        misread(RUSSIAN).replace("\xa0", " ").replace("џ", "?"),
        ["read as windows-1251"],
    ),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_a_text_that_cannot_be_read_is_refused_by_name(tmp_path, content, words):
    put(tmp_path, content, "money.csv")
    with pytest.raises(OneclickError) as refused:
        read_rows(tmp_path / "money", MONEY)
    message = str(refused.value)
    assert str(tmp_path / "money.csv") in message
    for word in words:
        assert word in message


FAR_DOWN = {
    "bytes that are not UTF-8": (LONG.encode() + b"9;\xff\xfe;1\n", ["line 60002"]),
    "windows-1251 after UTF-8": (LONG.encode() + "9;текущий;1\n".encode("cp1251"), ["line 60002"]),
    "UTF-8 after windows-1251": (LONG.encode("cp1251") + "9;И;1\n".encode(), ["line 60002"]),
    "too few fields": (LONG + "9;текущий\n", ["line 60002", "fewer fields"]),
    "misread and lossy": (misread(LONG) + "9;И;1\n", ["line 60002", "read as windows-1251"]),
}


@pytest.mark.parametrize(("content", "words"), FAR_DOWN.values(), ids=FAR_DOWN)
def test_a_fault_far_down_is_found_too(tmp_path, content, words):
    put(tmp_path, content, "revenue.csv")
    with pytest.raises(OneclickError) as refused:
        read_rows(tmp_path / "revenue", REVENUE)
    for word in words:
        assert word in str(refused.value)


ENDLESS = b"9" * 40_000_000


@pytest.mark.parametrize("name", ["money.csv", "money.csv.gz"])
@pytest.mark.parametrize("headers", [b"id;\xcf\xf0\xe8\xe1\xfb\xeb\xfc", RUSSIAN[:10].encode()])
def test_a_line_without_end_is_never_dropped(tmp_path, name, headers):
    put(tmp_path, headers + b"\n1;2\n3;" + ENDLESS, name)
    with pytest.raises(OneclickError, match=rf"{name} ends with a line of more than 2 MB"):
        read_rows(tmp_path / "money", MONEY)


def test_a_record_of_megabytes_is_told_with_its_line(tmp_path):
    put(tmp_path, RUSSIAN.encode() + b"4;" + ENDLESS[:3_000_000] + b"\n5;6\n", "money.csv")
    with pytest.raises(OneclickError, match=r"a record of more than 2 MB at line 5: a quote"):
        read_rows(tmp_path / "money", MONEY)


def test_a_workbook_that_would_fill_the_memory_is_not_opened(tmp_path):
    # Given a workbook of a few kilobytes that unpacks to 60 MB
    workbook(tmp_path / "money.xlsx", {"a": [HEADERS, [1, 2]]})
    with zipfile.ZipFile(tmp_path / "money.xlsx", "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/more.xml", bytes(60_000_000))

    with pytest.raises(OneclickError, match=r"money\.xlsx unpacks to 60 MB, which no table"):
        read_rows(tmp_path / "money", MONEY)


HEADERS = ["id", "Прибыль"]
FORMATS = {
    "text named xlsx": ("money.xlsx", RUSSIAN, ["no xlsx file"]),
    "text named parquet": ("money.parquet", RUSSIAN, ["no parquet file"]),
    "a ZIP named xlsx": ("money.xlsx", b"PK\x03\x04" + bytes(100), ["no readable workbook"]),
    "an archive without sheets": (
        "money.xlsx",
        lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "a"),
        ["no readable workbook"],
    ),
    "a broken parquet": ("money.parquet", b"PAR1xxxxPAR1", ["cannot be read"]),
    "a packed file cut off": (
        "money.csv",
        gzip.compress(os.urandom(10_000))[:-4000],
        ["money.csv"],
    ),
    "a workbook without the columns": (
        "money.xlsx",
        lambda path: workbook(path, {"a": [["x"], [1]]}),
        ["sheet 'a'", "no column"],
    ),
    "an empty workbook": ("money.xlsx", lambda path: workbook(path, {"a": []}), ["no column"]),
    "a workbook of headers": (
        "money.xlsx",
        lambda path: workbook(path, {"a": [HEADERS]}),
        ["no rows"],
    ),
    "two sheets with the columns": (
        "money.xlsx",
        lambda path: workbook(path, {"a": [HEADERS, [1, 2]], "b": [HEADERS, [3, 4]]}),
        ["'a' or 'b'"],
    ),
    "a sheet that goes on without headers": (
        "money.xlsx",
        lambda path: workbook(path, {"a": [HEADERS, [1, 0.5]], "b": [["2", "3,5"], [3, 4]]}),
        ["sheet 'b' has no headers", "sheet 'a'"],
    ),
    "a formula that was never computed": (
        "money.xlsx",
        lambda path: workbook(path, {"a": [HEADERS, [1, "=1+1"], [2, 3]]}),
        ["cell B2", "formula"],
    ),
    "text of two meanings in a workbook": (
        "money.xlsx",
        lambda path: workbook(path, {"a": [HEADERS, ["1", "1,234"], ["2", "5,678"]]}),
        ["5,678"],
    ),
    "parquet without the columns": (
        "money.parquet",
        lambda path: parquet(path, [["id"], [1]]),
        ["no column"],
    ),
    "parquet whose headers differ in case alone": (
        "money.parquet",
        lambda path: parquet(path, [["ID", "id", "Прибыль"], [2, 1, 0.5]]),
        ["customer_id twice", "'ID'", "'id'"],
    ),
    "parquet with a header twice": (
        "money.parquet",
        lambda path: parquet(path, [["id", "id", "Прибыль"], [2, 1, 0.5]]),
        ["customer_id twice"],
    ),
    "a folder": ("money.csv", lambda path: path.mkdir(), ["is no file"]),
    "a link to nothing": ("money.csv", lambda path: path.symlink_to("nowhere"), ["is no file"]),
}


WRITTEN = {
    "style first": ('<c r="B2"', '<c s="0" r="B2"'),
    "other quotes": ('r="B2"', "r='B2'"),
    "without a place": (r' r="B2"', ""),
    "with a prefix": (r"<(/?)(\w)", r"<\1x:\2"),
}


@pytest.mark.parametrize(("pattern", "written"), WRITTEN.values(), ids=WRITTEN)
def test_a_formula_without_a_value_is_found_however_it_is_written(tmp_path, pattern, written):
    def change(xml: str) -> str:
        xml = re.sub(pattern, written, xml)
        return xml.replace("xmlns=", "xmlns:x=") if "x:" in written else xml

    workbook(tmp_path / "money.xlsx", {"a": [HEADERS, [1, "=1+1"], [2, 3]]})
    rewrite_sheet(tmp_path / "money.xlsx", change)

    with pytest.raises(OneclickError, match=r"(B2|some cell): its formula has no value"):
        read_rows(tmp_path / "money", MONEY)


@pytest.mark.parametrize(("name", "content", "words"), FORMATS.values(), ids=FORMATS)
def test_a_file_of_another_kind_is_refused_by_name(tmp_path, name, content, words):
    put(tmp_path, content, name)
    with pytest.raises(OneclickError) as refused:
        read_rows(tmp_path / "money", MONEY)
    for word in [name, *words]:
        assert word in str(refused.value)


def test_a_packed_file_cut_off_far_down_is_refused(tmp_path):
    packed = gzip.compress(LONG.encode())
    (tmp_path / "revenue.csv.gz").write_bytes(packed[:-4000])
    with pytest.raises(OneclickError, match=r"revenue\.csv\.gz cannot be read to its end"):
        read_rows(tmp_path / "revenue", REVENUE)


def test_a_missing_folder_has_its_own_message(tmp_path):
    with pytest.raises(OneclickError, match=r"no folder .*nowhere.*raw=FOLDER"):
        read_rows(tmp_path / "nowhere" / "money", MONEY)


def test_a_missing_file_is_told_beside_what_is_there(tmp_path):
    put(tmp_path, RUSSIAN, "other.csv")
    with pytest.raises(OneclickError, match=r"money is missing: .* holds other\.csv.*\.parquet"):
        read_rows(tmp_path / "money", MONEY)


def test_two_files_for_one_table_are_refused_with_the_choices(tmp_path):
    put(tmp_path, RUSSIAN, "money.csv")
    put(tmp_path, RUSSIAN, "money.csv.gz")
    with pytest.raises(OneclickError, match=r"money\.csv and money\.csv\.gz"):
        read_rows(tmp_path / "money", MONEY)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    put(tmp_path, RUSSIAN, "money.csv")

    opened = Path.open

    def refuse(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "money.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root
    with pytest.raises(OneclickError, match=r"money\.csv cannot be read \(Permission denied\)"):
        read_rows(tmp_path / "money", MONEY)


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    put(tmp_path, RUSSIAN.encode("cp1251"), "money.csv")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("oneclick.intake.encoding.write_utf8", full)
    with pytest.raises(OneclickError, match=r"No space left on device.*TMPDIR"):
        read_rows(tmp_path / "money", MONEY)


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ({"encoding": "utf-9"}, "no encoding 'utf-9'"),
        ({"encoding": "hex"}, "no encoding 'hex'"),
        ({"delimiter": "|"}, "delimiter"),
        ({"decimal": ";"}, "decimal"),
        ({"seperator": ";"}, "seperator"),
    ],
)
def test_a_wrong_dialect_is_refused_with_its_key(tmp_path, dialect, words):
    put(tmp_path, RUSSIAN, "money.csv")
    with pytest.raises(OneclickError, match=words):
        read_rows(tmp_path / "money", MONEY, overrides=dialect)
    with pytest.raises(OneclickError, match=words):  # a table of an engine, too
        read_relation(ibis.memtable({"id": ["1"]}), "money", {"customer_id": ["id"]}, dialect)
