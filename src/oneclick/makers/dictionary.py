"""The data dictionary, ``docs/data_dictionary.md``: ``make dictionary``.

Nothing is said here about any table: meanings stand beside the columns in the schemas, spellings
and beliefs in the configuration, units in the texts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.utils import load_obj

from oneclick.pipeline_registry import MAIN_JOB
from oneclick.tables.rules import CleaningRules, ColumnRule
from oneclick.tables.schemas import Customers
from oneclick.texts.words import Words

STAGES = (*MAIN_JOB, "scoring", "readout")
_WORDS = Words("columns", "en", profit_unit="`profit_unit`")
_SIGNS = {
    "greater_than_or_equal_to": "≥",
    "greater_than": ">",
    "less_than_or_equal_to": "≤",
    "isin": "one of",
}
_HEAD = """# Data dictionary

Made by `make dictionary` from the schemas, the catalog and the cleaning rules: what the shop
exports, and every table with a contract that passes from one pipeline to another or to people.
Change it there, not here. The columns of the campaign files are those of `campaign_register`, under
the headers of `src/oneclick/texts/ru/campaign.yml` (with `language=en` those of
`src/oneclick/texts/en/campaign.yml`), and of `crm_headers` in
`conf/base/segmentation/parameters.yml`.
"""


class Flow(NamedTuple):
    """Which pipelines make a dataset, and which others read it."""

    makers: tuple[str, ...]
    readers: tuple[str, ...]

    def __str__(self) -> str:
        makers = ", ".join(self.makers) or "the last training"
        return f"{makers} → {', '.join(self.readers) or 'people'}"


def write_dictionary(project: Path) -> str:
    """Return the data dictionary of the project in a folder as Markdown."""
    bootstrap_project(project)
    config = KedroSession.create(project).load_context().config_loader
    catalog, flows = config["catalog"], find_flows()
    exported = sorted(name for name in flows if "columns" in catalog[name])
    promised = [name for name in flows if schema_of(catalog[name])]
    promised.sort(key=lambda name: STAGES.index(flows[name].makers[0]))
    read = {name for name, flow in flows.items() if flow.readers and "filepath" in catalog[name]}
    others = sorted(read.difference(exported, promised))
    rules = CleaningRules(**config["parameters"]["cleaning"]).tables.values()
    columns = {table.file: table.columns for table in rules}
    parts = [
        _HEAD,
        "## What the shop exports\n",
        *(_exported_table(name, catalog[name]["columns"], columns[name]) for name in exported),
        "## What the pipelines make of it\n",
        *(_promised_table(name, catalog[name], flows[name]) for name in promised),
        "## Facts and models\n",
        _markdown(
            ("dataset", "from → to", "file"),
            [(name, str(flows[name]), _file(catalog[name])) for name in others],
        ),
    ]
    return "\n".join(parts)


def find_flows() -> dict[str, Flow]:
    """Return who makes and who reads each dataset, in the order of the story.

    Charts and chapters are pictures and text, and a later month's tables are like the first's;
    they are left out.
    """
    makers: dict[str, set[str]] = defaultdict(set)
    readers: dict[str, set[str]] = defaultdict(set)
    main_job = set(pipelines["__default__"].nodes)
    for run in ("__default__", *STAGES[-2:]):
        for node in pipelines[run].nodes:
            # The other two reuse steps of the main job, partly on data of their own.
            stage = node.tags & set(MAIN_JOB) if node in main_job else {run}
            for stages, names in ((readers, node.inputs), (makers, node.outputs)):
                for name in names:
                    stages[name] |= stage
    return {
        name: Flow(_in_order(makers[name]), _in_order(readers[name] - makers[name]))
        for name in makers | readers
        if not name.startswith(("params:", "chart_", "chapter_", "outcome"))
    }


def _in_order(stages: set[str]) -> tuple[str, ...]:
    return tuple(sorted(stages, key=STAGES.index))


def _exported_table(
    name: str, headers: dict[str, list[str]], rules: Mapping[str, ColumnRule]
) -> str:
    known = Customers.to_schema().columns
    rows = []
    for column, rule in rules.items():
        header = "», «".join(headers[column])
        meaning = known[column].description if column in known else f"{_WORDS.column(column)}."
        unit = _WORDS.unit(column)
        rows.append((f"«{header}»", f"`{column}`", rule.kind, unit, str(meaning), _beliefs(rule)))
    table = _markdown(("header", "our name", "kind", "unit", "meaning", "believed"), rows)
    return f"### {name}\n\n{table}"


def _beliefs(rule: ColumnRule) -> str:
    said = [f"{rule.minimum:,.0f} to {rule.maximum:,.0f}"]
    if rule.values:
        meant = (
            " = ".join(f"«{word}»" for word in dict.fromkeys((*spellings, value)))
            for value, spellings in rule.values.items()
        )
        said = [", ".join(meant)]
    if rule.unknown is not None:
        said.append(f"anything else counts as «{rule.unknown}»")
    if rule.missing == "reject":
        said.append("may not be empty")
    return "; ".join(said)


def schema_of(entry: dict[str, Any]) -> str:
    """Return the import path of a dataset's schema, whoever checks it; empty if it has none."""
    return str(entry.get("contract") or entry.get("validator", {}).get("class", ""))


def _promised_table(name: str, entry: dict[str, Any], flow: Flow) -> str:
    schema = load_obj(schema_of(entry))
    rows = []
    for key, column in schema.to_schema().columns.items():
        kind = str(column.dtype).lower()
        kind = "string" if kind.startswith("str") else kind
        unit = _WORDS.unit(key) or column.metadata["unit"]
        rows.append((f"`{key}`", kind, unit, column.description, _promise(column)))
    about = schema.__doc__.splitlines()[0]
    table = _markdown(("column", "type", "unit", "meaning", "promised"), rows)
    return f"### {name}\n\n{about}\n\n{flow}: {_file(entry)}\n\n{table}"


def _promise(column: Any) -> str:
    said = []
    for check in column.checks:
        value = next(iter(check.statistics.values()))
        listed = ", ".join(f"`{each}`" for each in value) if isinstance(value, list) else value
        said.append(f"{_SIGNS[check.name]} {listed}")
    return "; ".join([*said, "may be empty"] if column.nullable else said)


def _file(entry: dict[str, Any]) -> str:
    return f"`{entry['filepath']}`".replace("/sample/", "/<snapshot>/")


def _markdown(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    Path("docs/data_dictionary.md").write_text(write_dictionary(Path.cwd()), encoding="utf-8")
