"""Spellings are compared without what people change, and alike on every engine."""

# Spaces of Unicode; Excel leaves some beside numbers.
SPACES = "".join(map(chr, [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0xFEFF]))
PLAIN = " " * len(SPACES)

# One table for every engine: lower() depends on the locale of the database server.
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁё" + SPACES
LOWER = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюяее" + PLAIN

# «й» and «ё» as a Mac writes them: a letter, and a sign above it.
APART = {"и\u0306": "й", "е\u0308": "е"}


def fold_text(text: str) -> str:
    """Return a text without its case, the dots of «ё», and spaces or underscores of any number."""
    folded = text.translate(str.maketrans(UPPER, LOWER))
    for letters, letter in APART.items():
        folded = folded.replace(letters, letter)
    return " ".join(folded.replace("_", " ").split())
