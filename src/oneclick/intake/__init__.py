"""Exported files of any usual shape: read rightly, or refused by name with what to do."""

from oneclick.intake.finding import Dialect, FileFinding
from oneclick.intake.locating import find_file, find_files, sha256
from oneclick.intake.reading import read_table

__all__ = ["Dialect", "FileFinding", "find_file", "find_files", "read_table", "sha256"]
