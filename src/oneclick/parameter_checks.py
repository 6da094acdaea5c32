"""Mistakes in parameters, told by name before anything runs."""

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from oneclick.errors import OneclickError

_OFFERS = "offer_catalogue"
_SAMPLE = "sample"  # the snapshot of the synthetic tables that are shipped
_TAKEN_FROM_COMMAND = re.compile(r"\$\{runtime_params:\s*(\w+)")


def check_names(conf: Path, given: Mapping[str, Any]) -> None:
    """Refuse a name after ``--params`` that nothing in ``conf`` reads; a run would go without it.

    Raises:
        OneclickError: Nothing reads a name; the nearest known ones are told.
    """
    configured = {
        name
        for path in sorted(conf.rglob("*.yml"))
        for name in _TAKEN_FROM_COMMAND.findall(path.read_text(encoding="utf-8"))
    }
    known = configured.union(_declarations(conf))
    for name in given:
        if name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            raise OneclickError(
                f"--params {name}=… sets nothing: no such parameter is read anywhere."
                + (f" Did you mean {near[0]}?" if near else "")
                + f" Known are {', '.join(sorted(configured))} and GROUP.KEY of conf/base."
            )


def settle_folders(given: dict[str, Any]) -> None:
    """Put a user's home into the folders of tables; shells leave a «~» that stands after «raw=».

    A folder that was taken for a number is refused: 2026.10 comes as 2026.1.

    Raises:
        OneclickError: With the name and a better one.
    """
    for name in ("raw", "outcome_raw"):
        if not isinstance(folder := given.get(name, ""), str):
            raise OneclickError(
                f"{name}={folder} is read as a number, not as the name of a folder. "
                f"Write it with the folder that holds it, such as {name}=./2026.10."
            )
        if folder:
            given[name] = str(Path(folder).expanduser())


def check_snapshot(name: Any, given: Mapping[str, Any]) -> None:
    """Refuse what cannot be the name of a folder, was taken for a number, or is not the shop's.

    Raises:
        OneclickError: With the name and a better one.
    """
    if name == _SAMPLE and "raw" in given and "snapshot" not in given:
        raise OneclickError(
            f"raw={given['raw']} without a name would replace the results of the snapshot "
            f"'{_SAMPLE}'. Name the month, for example --params raw={given['raw']},snapshot=2026-11"
        )
    if not isinstance(name, str):  # 2026.10 comes as 2026.1: two months would be one
        raise OneclickError(
            f"snapshot={name} is read as a number, not as a name. Write a month as "
            "snapshot=2026-10."
        )
    if not re.fullmatch(r"[\w][\w.-]*(?<!\.unfinished)", name):
        raise OneclickError(
            f"'{name}' cannot be the name of a snapshot: it names a folder, so use "
            "letters, digits, '-', '_' and '.', without '.unfinished' at its end, for example "
            "snapshot=2026-12."
        )


def check_values(
    conf: Path, kinds: Mapping[str, type], given: Mapping[str, Any], parameters: Mapping[str, Any]
) -> None:
    """Refuse values that a group of parameters does not allow.

    ``kinds`` is the type of each group, as the nodes ask for it; ``given`` is what the command line
    set, ``parameters`` what the files in ``conf`` make of it.

    Raises:
        OneclickError: Which parameter, what is wrong with it, where to change it.
    """
    for group, kind in sorted(kinds.items()):
        if group not in parameters or not issubclass(kind, BaseModel):
            continue
        try:
            kind.model_validate(parameters[group])
        except (ValidationError, OneclickError) as error:
            files = _declarations(conf)[group]
            if group == _OFFERS and group not in given:
                from oneclick.campaign.offers import check_catalogue

                for path in files:  # marketing edits it, so its mistakes are told by line
                    check_catalogue(path)
            raise OneclickError(_told(files, group, error, given)) from error


def _told(
    paths: list[Path],
    group: str,
    error: ValidationError | OneclickError,
    given: Mapping[str, Any],
) -> str:
    files = ", ".join(map(str, paths)) or "conf/base"
    if isinstance(error, OneclickError):
        return f"Parameter {group}: {error} (file: {files})"
    lines = []
    for problem in error.errors(include_url=False):
        name = ".".join((group, *map(str, problem["loc"])))
        value = problem["input"]
        found = f" (found: {value!r})" if isinstance(value, bool | int | float | str) else ""
        last = str(problem["loc"][-1]) if problem["loc"] else group
        options = (o for o in given if o in (last, group) or given[o] == problem["input"])
        from_command = next(options, None)
        where = f"change --params {from_command}" if from_command else f"change it in {files}"
        text = problem["msg"].removeprefix("Value error, ")
        lines.append(f"Parameter {name}: {text}{found}; {where}.")
    return "\n".join(lines)


def _declarations(conf: Path) -> dict[str, list[Path]]:
    """The groups of parameters and the files that declare each, the one that counts last."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(conf.rglob("parameters*.yml")):
        for group in re.findall(r"^(\w+):", path.read_text(encoding="utf-8"), re.MULTILINE):
            found[group].append(Path(os.path.relpath(path)))
    return found
