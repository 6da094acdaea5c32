"""Mistakes in parameters, told by name before anything runs."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from oneclick.errors import OneclickError

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
            raise OneclickError(_told(files, group, error, given, parameters[group])) from error


def list_unknown_values(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield a warning for each value that an offer or a segment asks for and no customer can have.

    Two groups of parameters are compared, so neither is wrong by itself: a shop without a premium
    tier may keep the offers for it.
    """
    known: dict[str, list[str]] = {}
    for table in parameters["cleaning"]["tables"].values():
        for column, rule in table["columns"].items():
            known.setdefault(column, []).extend(rule.get("values", ()))
    asked = [
        (f"offer «{offer['id']}» suits", condition)
        for offer in parameters["offer_catalogue"]["offers"]
        for condition in offer.get("suits", ())
    ] + [
        (f"segment «{segment['key']}» asks for", condition)
        for segment in parameters["segmentation"]["segments"]
        for condition in segment.get("only", ())
    ]
    for who, condition in asked:
        column, values = condition["column"], condition.get("one_of") or ()
        for value in values:
            if column in known and value not in known[column]:
                yield (
                    f"The {who} {column} «{value}», which no customer can have: values that the "
                    f"rules of cleaning know are {', '.join(known[column])}. Mend it in "
                    "conf/base/segmentation, or teach the value in "
                    f"conf/base/data_processing/parameters.yml, cleaning.tables, {column}."
                )


def _told(
    files: list[Path],
    group: str,
    error: ValidationError | OneclickError,
    given: Mapping[str, Any],
    values: Any,
) -> str:
    """Say of every mistake in a group which parameter it is and where it was set."""

    def line_of(*place: str | int) -> str:
        return ", ".join(f"{file}, line {_line(file, (group, *place))}" for file in files)

    if isinstance(error, OneclickError):
        return f"Parameter {group}: {error} (file: {line_of() or 'conf/base'})"
    typed = dict(list_given(given))
    lines = []
    for problem in error.errors(include_url=False):
        value, text = problem["input"], problem["msg"].removeprefix("Value error, ")
        place = problem["loc"] or _blamed(values, text)
        name = ".".join((group, *map(str, problem["loc"])))
        from_command = {option for file in files for option in _options_at(file, (group, *place))}
        options = (
            option
            for option in typed
            if f"{name}.".startswith(f"{option}.")
            or option.startswith(f"{name}.")
            or option in from_command
            or option == name.rpartition(".")[2]
        )
        option = next(options, None)
        where = f"--params {option}" if option else f"it in {line_of(*place) or 'conf/base'}"
        found = f" (found: {value!r})" if isinstance(value, bool | int | float | str) else ""
        said = ".".join((group, *_names(values, place)))
        lines.append(f"Parameter {said}: {text}{found}; change {where}.")
    return "\n".join(lines)


def list_given(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what the command line set under the names that were typed, such as GROUP.KEY."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", each) for inner, each in list_given(value))
        else:
            yield name, value


def _blamed(values: Any, text: str) -> tuple[str | int, ...]:
    """Point a mistake of a whole group at the last item whose id its text names first."""
    named = text.partition("«")[2].partition("»")[0]
    places = [
        (key, number)
        for key, items in _parts(values).items()
        for number, item in _parts(items).items()
        if _parts(item).get("id") == named
    ]
    return places[-1] if places else ()


def _names(values: Any, place: tuple[str | int, ...]) -> Iterator[str]:
    """Yield the parts of a place among values; an item of a list by its id or key if it has one."""
    for part in place:
        values = _parts(values).get(part)
        item = _parts(values) if isinstance(part, int) else {}
        yield str(item.get("id", item.get("key", part)))


def _parts(values: Any) -> dict[Any, Any]:
    listed = dict(enumerate(values)) if isinstance(values, list) else {}
    return values if isinstance(values, dict) else listed


def _line(file: Path, place: tuple[str | int, ...]) -> int:
    """Return the line, counted from 1, of the deepest part of a place that a file has."""
    node, line = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), 1
    for part in place:
        parts: dict[str | int, tuple[yaml.Node, yaml.Node]] = {}
        if isinstance(node, yaml.MappingNode):
            parts = {key.value: (key, value) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            parts = {number: (value, value) for number, value in enumerate(node.value)}
        if part not in parts:
            break
        start, node = parts[part]
        line = start.start_mark.line + 1
    return line


def _options_at(file: Path, place: tuple[str | int, ...]) -> list[str]:
    """Return the names after ``--params`` that the line of a place asks for."""
    line = file.read_text(encoding="utf-8").splitlines()[_line(file, place) - 1]
    return _TAKEN_FROM_COMMAND.findall(line)


def _declarations(conf: Path) -> dict[str, list[Path]]:
    """The groups of parameters and the files that declare each, the one that counts last."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(conf.rglob("parameters*.yml")):
        for group in re.findall(r"^(\w+):", path.read_text(encoding="utf-8"), re.MULTILINE):
            found[group].append(Path(os.path.relpath(path)))
    return found
