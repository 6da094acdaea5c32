"""The pipeline writes the shop that parameters and the command line ask for."""

from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from pydantic import ValidationError

from oneclick.pipelines.sample_data.pipeline import (
    SampleShop,
    create_pipeline,
    write_sample_shop,
)

# Raised by omegaconf itself whenever configuration is read; nobody here can do anything about it.
pytestmark = pytest.mark.filterwarnings("ignore:register_new_resolver:UserWarning")


def parameters(project: Path, **runtime: Any) -> dict[str, Any]:
    loader = OmegaConfigLoader(
        str(project / "conf"),
        base_env="base",
        default_run_env="local",
        runtime_params=runtime,
        config_patterns={
            "parameters": ["parameters*", "sample_data/parameters*"],
            "globals": ["globals*"],
        },
    )
    return loader["parameters"]["sample_shop"]


def test_parameters_ask_for_the_committed_sample(project: Path) -> None:
    shop = SampleShop(**parameters(project))
    assert shop.customers == 1300
    assert shop.folder == "data/01_raw/sample"


def test_command_line_asks_for_another_shop(project: Path) -> None:
    shop = SampleShop(
        **parameters(project, snapshot="big", sample_customers=100_000, sample_seed=7)
    )
    assert shop == SampleShop(customers=100_000, seed=7, folder="data/01_raw/big")


def test_misspelt_parameter_is_an_error(project: Path) -> None:
    with pytest.raises(ValidationError, match="custommers"):
        SampleShop(**parameters(project), custommers=5)


def test_it_says_how_to_run_on_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    with caplog.at_level("INFO", logger="oneclick"):
        write_sample_shop(SampleShop(customers=100, seed=1, folder="data/01_raw/big"))
    assert caplog.messages == [
        "Tables are in data/01_raw/big. Run: kedro run --params raw=data/01_raw/big,snapshot=big"
    ]


def test_pipeline_writes_four_files(tmp_path: Path) -> None:
    shop = SampleShop(customers=100, seed=1, folder=str(tmp_path / "made"))
    catalog = DataCatalog({"params:sample_shop": MemoryDataset(shop)})

    SequentialRunner().run(create_pipeline(), catalog)

    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "market_file.csv",
        "market_money.csv",
        "market_time.csv",
        "money.csv",
    ]


def test_same_parameters_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample_shop(SampleShop(customers=100, seed=1, folder=str(tmp_path / name)))
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
