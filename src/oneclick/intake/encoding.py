"""How the bytes of a file become characters."""

import codecs
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from encodings import cp1251
from pathlib import Path
from typing import IO

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding

PREFIX = 1 << 20
_CHUNK = 1 << 22
_LONGEST = 1 << 21  # bytes of a line; DuckDB refuses longer ones
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}
_BOMS |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # that of UTF-32 begins so

# Byte 0x98 means nothing in windows-1251; programs that take UTF-8 for it keep the byte as U+0098.
_LETTERS = cp1251.decoding_table.replace("\ufffe", "\x98")
_WINDOWS_1251 = codecs.charmap_build(_LETTERS)
# A Russian letter is D0 or D1 and a continuation byte in UTF-8: «Р» or «С» and one of these signs.
# No Russian word has two such pairs in a row.
_MISREAD = re.compile(f"(?:[РС][{re.escape(_LETTERS[0x80:0xC0])}]){{2}}")


def read_prefix(finding: FileFinding) -> bytes:
    """Return the first mebibyte of a file, unpacked.

    Raises:
        OneclickError: The archive is broken, or there is nothing but blanks.
    """
    with _opened(finding) as file:
        prefix = file.read(PREFIX)
    if not prefix.strip(b"\xef\xbb\xbf\xff\xfe\x00\t\r\n "):
        raise OneclickError(f"{finding.path} is empty. Export the table again.")
    return prefix


@contextmanager
def _opened(finding: FileFinding, copy: Path | None = None) -> Iterator[IO[bytes]]:
    """Open a file, unpacked, or its copy in UTF-8; say so where it cannot be read to its end."""
    path = copy or finding.path
    packed = copy is None and finding.kind == "csv in gzip"
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            yield file  # type: ignore[misc]
    except (OSError, EOFError, zlib.error) as error:
        raise OneclickError(
            f"{finding.path} cannot be read to its end ({error}). Copy or export the table again."
        ) from error


def refuse_endless_line(finding: FileFinding, copy: Path | None = None) -> None:
    """Refuse a last line that is longer than any record; DuckDB 2.0 may drop it without a word.

    Raises:
        OneclickError: The file, or its copy in UTF-8, has such a line, or the archive is broken.
    """
    tail = b""
    with _opened(finding, copy) as file:
        if isinstance(file, io.BufferedReader):  # the end of an archive takes all of it
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LONGEST))
        while piece := file.read(_CHUNK):
            tail = (tail + piece)[-_LONGEST:]
    if len(tail) == _LONGEST and not re.search(rb"[\r\n]", tail[:-2]):
        raise OneclickError(
            f"{finding.path} ends with a line of more than 2 MB, which is no record. "
            "Export the table again."
        )


def find_encoding(path: Path, prefix: bytes) -> str:
    """Return ``utf-8``, ``utf-32``, ``utf-16``, ``utf-16-le``, ``utf-16-be`` or ``cp1251``.

    Raises:
        OneclickError: The bytes are not text.
    """
    for bom, encoding in _BOMS.items():
        if prefix.startswith(bom):
            return encoding
    zeros = [prefix[start::2].count(0) for start in (0, 1)]
    if any(zeros):
        # Digits, delimiters and line ends have a zero as their other byte, and always the same one.
        if min(zeros) > 0 or max(zeros) * 20 < len(prefix):
            raise OneclickError(f"{path} is not text (it holds zero bytes). Export it as CSV.")
        return "utf-16-le" if zeros[1] else "utf-16-be"
    headers = re.split(rb"[\r\n]", prefix, maxsplit=1)[0]
    # Cyrillic headers settle it, so that a broken byte further down is found and named.
    return "utf-8" if _is_utf8(prefix if headers.isascii() else headers) else "cp1251"


def _is_utf8(content: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)  # the last letter may be cut
    except UnicodeDecodeError:
        return False
    return True


def decode_prefix(prefix: bytes, encoding: str) -> str:
    """Return the beginning of a file as text, as far as it can be read."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(prefix).removeprefix("\ufeff")


def undo_windows_1251(text: str) -> str | None:
    """Return the text that was UTF-8 and was taken for windows-1251; None if it was not."""
    try:
        return _as_taken(text).decode("utf-8-sig")
    except UnicodeError:
        return None


def _as_taken(text: str) -> bytes:
    return codecs.charmap_encode(text, "strict", _WINDOWS_1251)[0]


def write_utf8(finding: FileFinding, target: Path) -> None:
    """Copy a file as UTF-8 with line feeds, piece by piece, put right where it was misread.

    Raises:
        OneclickError: Some bytes mean nothing in this encoding, or the repair is not possible.
    """
    path, line, cut = finding.path, 1, ""
    restored = codecs.getincrementaldecoder("utf-8")()
    try:
        with target.open("wb") as copy:
            for piece in _decoded(finding):
                # A carriage return at the end of a piece may be the first half of a line end.
                text, cut = cut + piece, "\r" if piece.endswith("\r") else ""
                text = text.removesuffix(cut).replace("\r\n", "\n").replace("\r", "\n")
                content = _as_taken(text) if finding.repaired else text.encode("utf-8")
                restored.decode(content, final=not piece)
                copy.write(content)
                line += text.count("\n")
    except UnicodeEncodeError as error:
        near = line + error.object.count("\n", 0, error.start)
        raise _lost(path, f"line {near}") from error
    except UnicodeDecodeError as error:
        near = line + error.object.count(b"\n", 0, error.start)
        if finding.repaired:
            raise _lost(path, f"line {near}") from error
        raise OneclickError(
            f"{path} begins as {finding.encoding}, but about line {near} there are bytes that mean "
            "nothing in it. Export the whole table in one encoding, best UTF-8."
        ) from error


def _decoded(finding: FileFinding) -> Iterator[str]:
    """Yield a file's text in pieces without its byte-order mark; the last piece is empty."""
    decoder = codecs.getincrementaldecoder(finding.encoding or "utf-8")()
    begun = False
    with _opened(finding) as file:
        while piece := file.read(_CHUNK):
            text = decoder.decode(piece)
            yield text if begun else text.removeprefix("\ufeff")
            begun = True
    if rest := decoder.decode(b"", final=True):
        yield rest
    yield ""


def refuse_misread(path: Path, texts: Iterable[str | None]) -> None:
    """Refuse texts that are UTF-8 read as windows-1251.

    Raises:
        OneclickError: Some text looks like «РџСЂРёР±С‹Р»СЊ».
    """
    if any(text and _MISREAD.search(text) for text in texts):
        raise _lost(path, "some headers or cells")


def _lost(path: Path, where: str) -> OneclickError:
    return OneclickError(
        f"{path}: UTF-8 was read as windows-1251 and saved («РџСЂРёР±С‹Р»СЊ» for «Прибыль»), and "
        f"it cannot be restored: look at {where}. Export the table again as UTF-8."
    )
