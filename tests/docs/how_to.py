"""What a page of docs/how_to tells a reader to write, written as the reader would."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs/how_to"
BLOCK = re.compile(
    r"^```(?:yaml|python)\n# (?P<path>[^\s,]+)(?:, (?P<place>[^\n]+))?\n(?P<text>.*?)^```",
    re.M | re.S,
)


def follow(page: str, project: Path) -> None:
    """Put every block of a page where its first line says.

    That is in a file «at the end», «after «line»», or «instead of «line»»: the first line that
    contains the words. Without a place the block is a file of its own.
    """
    blocks = list(BLOCK.finditer((PAGES / page).read_text(encoding="utf-8")))
    assert blocks, f"{page} shows nothing to write"
    for block in blocks:
        path, place, text = project / block["path"], block["place"], block["text"]
        if place is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        else:
            old = path.read_text(encoding="utf-8")
            path.write_text(_placed(old, place, text), encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    """The commands that a page tells its reader to run, without the word kedro."""
    text = (PAGES / page).read_text(encoding="utf-8")
    shown = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S))
    return [line.removeprefix("kedro ").split() for line in shown.splitlines()]


def _placed(old: str, place: str, text: str) -> str:
    if place == "at the end":
        return old + text
    how, words = re.fullmatch(r"(after|instead of) «(.+)»", place).groups()
    lines = old.splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if words in line)
    kept = lines[: number + 1] if how == "after" else lines[:number]
    return "".join([*kept, text, *lines[number + 1 :]])
