"""How a month's scoring grows with the shop, and cleaning beside plain DuckDB, pandas and Spark.

    python -m benchmarks.scaling [CUSTOMERS ...]

A model (SVC with RBF kernel) is trained on the sample; then shops of each size are scored: four
CSV files to scores, segments, offers, register and campaign files, with a budget for one letter
per hundred customers. Ten million customers need 25 GB of disk in TMPDIR.
"""

import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import yaml

from benchmarks.measuring import Usage, exponent, measure
from oneclick.sample.shop import write_shop
from tests.end_to_end.shop import PROJECT, make_project

BUDGET = 0.03  # RUB per customer: a letter costs 3 RUB at least
SIZES = (10_000, 100_000, 1_000_000)


def kedro(project: Path, *arguments: str) -> Usage:
    """Run a kedro command in a project."""
    return measure("-m", "kedro", "run", *arguments, folder=project)


def train(project: Path) -> None:
    """Put an SVC with RBF kernel in service."""
    shipped = yaml.safe_load(
        (project / "conf/base/data_science/parameters.yml").read_text(encoding="utf-8")
    )
    few = {name: shipped["candidates"][name] for name in ("svc_rbf",)}
    (project / "conf/local").mkdir(exist_ok=True)
    (project / "conf/local/parameters.yml").write_text(
        yaml.safe_dump({"candidates": few}, allow_unicode=True), encoding="utf-8"
    )
    params = f"raw={PROJECT / 'data/01_raw/sample'},snapshot=sample,effort=quick"
    kedro(project, "--pipelines", "data_processing,data_science", "--params", params)


def read_in_duckdb(shop: Path, what: str) -> Usage:
    """Read the exported files and nothing else."""
    return measure("-m", "benchmarks.reading_in_duckdb", str(shop), what)


def compare_cleaning(project: Path, shop: Path) -> dict[str, Usage]:
    """Return what tables → customers takes here and elsewhere, and reading alone."""
    cleaning = ("--pipeline", "data_processing", "--params", f"raw={shop},snapshot=cleaned")
    found = {
        "DuckDB reads and counts": read_in_duckdb(shop, "count"),
        "DuckDB reads every cell": read_in_duckdb(shop, "values"),
        "DuckDB reads into tables": read_in_duckdb(shop, "tables"),
        "tables → customers": kedro(project, *cleaning),
        "pandas, plain": measure(
            "-m", "benchmarks.features_in_pandas", str(shop), str(project / "pandas.parquet")
        ),
    }
    if find_spec("pyspark") and (project / "conf/spark").is_dir():
        found["tables → customers, Spark"] = kedro(project, "--env", "spark", *cleaning)
    return found


def main(sizes: list[int]) -> None:
    """Print time and memory of each size, the exponent of growth, and the comparison."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "oneclick")
        train(project)
        scoring, cleaning = [], []
        for size in sizes:
            shop = Path(folder) / "shop"
            write_shop(shop, size, seed=1)
            params = f"raw={shop},snapshot=month,budget={size * BUDGET}"
            scoring.append(kedro(project, "--pipeline", "scoring", "--params", params))
            print(f"{size:>10} scoring                    {scoring[-1]}", flush=True)
            found = compare_cleaning(project, shop)
            cleaning.append(found["tables → customers"])
            for name, usage in found.items():
                ratio = cleaning[-1].cpu / usage.cpu
                print(f"{size:>10} {name:26} {usage}   ours takes × {ratio:.1f}", flush=True)
            shutil.rmtree(shop)
            shutil.rmtree(project / "data/snapshots/.runs/month")
    if len(sizes) < 2:
        return
    for name, usages in {"scoring": scoring, "tables → customers": cleaning}.items():
        grown = exponent(sizes, [usage.cpu for usage in usages])
        print(f"{name}: CPU seconds grow as customers^{grown:.2f}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
