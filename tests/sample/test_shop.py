"""The synthetic shop has the form and the flaws of the real export, and is the same every time."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from oneclick.errors import OneclickError
from oneclick.sample.shop import FILES, FIRST_ID, write_shop
from tests.sample.frame import Shop, customers_of, make_shop

HEADERS = {
    "market_file.csv": "id,Покупательская активность,Тип сервиса,Разрешить сообщать,"
    "Маркет_актив_6_мес,Маркет_актив_тек_мес,Длительность,Акционные_покупки,"
    "Популярная_категория,Средний_просмотр_категорий_за_визит,"
    "Неоплаченные_продукты_штук_квартал,Ошибка_сервиса,Страниц_за_визит",
    "market_money.csv": "id,Период,Выручка",
    "market_time.csv": "id,Период,минут",
    "money.csv": "id;Прибыль",
}
ROW = {
    "market_file.csv": r"\d{6},(Снизилась|Прежний уровень),(премиум|стандартт?),(да|нет),"
    r"\d\.\d,[345],\d{3,4},0\.(0|\d?[1-9]),[А-Я][а-я ]+,\d,\d{1,2},\d,\d{1,2}",
    "market_money.csv": r"\d{6},(пре)?предыдущий_месяц,\d+\.\d|\d{6},текущий_месяц,\d+\.\d",
    "market_time.csv": r"\d{6},(предыдцщий|текущий)_месяц,\d{1,2}",
    "money.csv": r"\d{6};\d(,\d?[1-9])?",
}


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(customers=1300, seed=3)


@pytest.fixture(scope="module")
def customers(shop: Shop) -> pd.DataFrame:
    return customers_of(shop)


def test_committed_sample_is_what_the_code_makes(
    project: Path, tmp_path: Path, sample_seed: int
) -> None:
    write_shop(tmp_path, customers=1300, seed=sample_seed)

    for file in HEADERS:
        committed = project / "data/01_raw/sample" / file
        assert (tmp_path / file).read_bytes() == committed.read_bytes(), file


@pytest.mark.parametrize("file", HEADERS)
def test_files_have_the_dialect_of_the_export(file: str, tmp_path: Path) -> None:
    write_shop(tmp_path, customers=1300, seed=3)

    header, *rows = (tmp_path / file).read_bytes().decode().split("\r\n")

    assert header == HEADERS[file]
    assert rows.pop() == ""  # the last line ends too
    assert len(rows) == {"market_money.csv": 3900, "market_time.csv": 2600}.get(file, 1300)
    assert [row for row in rows if not re.fullmatch(ROW[file], row)] == []


def test_flaws_come_as_often_as_in_the_export(shop: Shop, customers: pd.DataFrame) -> None:
    behaviour = shop.behaviour.to_pandas()
    assert (behaviour["Тип сервиса"] == "стандартт").sum() == 10
    assert not behaviour["Популярная_категория"].str.contains("аксессуары").any()
    assert behaviour["Популярная_категория"].str.contains("аксесуары").sum() > 150

    revenue = customers.filter(like="revenue")
    inactive = customers[(revenue == 0).any(axis=1)]
    assert len(inactive) == 3
    assert inactive["declined"].all()
    assert (inactive["revenue_two_months_ago"] == 0).all()
    assert (inactive["revenue_previous"] == 0).all()
    assert (inactive["promo_share"] == 0).all()
    assert (inactive["revenue_current"] > 2000).all()

    outlier = customers[customers["revenue_current"] > 20_000]
    assert len(outlier) == 1
    assert outlier["declined"].all()
    assert (outlier["revenue_current"] / 18).between(2700, 7900).all()


def test_some_declined_customers_are_cloned_but_for_id_and_profit(customers: pd.DataFrame) -> None:
    indicators = customers.drop(columns="monthly_profit")

    clones = customers[indicators.duplicated(keep=False)]

    assert len(clones) == 22
    assert clones["declined"].all()
    assert clones["monthly_profit"].nunique() > 11


def test_ids_are_consecutive_and_tell_nothing_about_the_class(customers: pd.DataFrame) -> None:
    ids = customers.index.astype(int)
    assert list(ids) == list(range(FIRST_ID, FIRST_ID + 1300))
    assert FIRST_ID > 216_647  # the last of the real export

    ranks = ids[customers["declined"]].to_numpy() - FIRST_ID + 0.5
    assert abs(ranks.mean() / 1300 - 0.5) < 0.04  # is the AUC of the id, shrunk by 0.62


def test_months_stand_in_an_order_of_their_own_for_each_customer(shop: Shop) -> None:
    orders = shop.revenue.to_pandas().groupby("id")["Период"].agg("|".join).value_counts()
    assert len(orders) == 6
    assert orders.iloc[:3].sum() == pytest.approx(900, abs=60)  # the export's favourites
    assert shop.time_on_site.to_pandas().groupby("id")["Период"].agg("|".join).nunique() == 2


def test_amounts_without_kopecks_are_as_frequent_as_in_the_export(shop: Shop) -> None:
    revenue = shop.revenue.to_pandas()
    whole = revenue["Выручка"].str.endswith(".0").groupby(revenue["Период"]).mean()
    assert whole["препредыдущий_месяц"] == 1
    assert whole["предыдущий_месяц"] == pytest.approx(0.675, abs=0.05)
    assert whole["текущий_месяц"] == pytest.approx(0.14, abs=0.04)


@given(customers=st.integers(50, 3000), seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_any_shop_is_whole_and_has_every_flaw(customers: int, seed: int) -> None:
    shop = make_shop(customers, seed)

    assert shop == make_shop(customers, seed)
    assert [len(table) for table in shop] == [
        customers,
        3 * customers,
        2 * customers,
        customers,
    ]
    assert shop.behaviour["id"] == shop.profit["id"]
    assert "стандартт" in shop.behaviour["Тип сервиса"].to_pylist()
    frame = customers_of(shop)
    assert frame["declined"].mean() == pytest.approx(0.383, abs=1.5 / customers + 0.001)
    assert (frame["revenue_previous"] == 0).sum() == -(-3 * customers // 1300)
    assert (frame["revenue_current"] > 20_000).sum() == -(-customers // 1300)


def test_another_seed_is_another_shop(shop: Shop) -> None:
    other = make_shop(customers=1300, seed=4)
    for name in FILES:
        assert getattr(other, name) != getattr(shop, name)


def test_large_shop_is_written_as_it_is_made(tmp_path: Path) -> None:
    """Given more customers than are drawn at a time, files and tables agree and nothing repeats."""
    write_shop(tmp_path, customers=100_001, seed=5)

    shop = make_shop(customers=100_001, seed=5)
    for name, (file, separator) in FILES.items():
        written = pd.read_csv(tmp_path / file, sep=separator, dtype=str)
        pd.testing.assert_frame_equal(written, getattr(shop, name).to_pandas(), check_dtype=False)
    customers = customers_of(shop)
    assert customers.index.is_unique
    assert (customers["revenue_previous"] == 0).sum() == -(-3 * 100_001 // 1300)
    assert customers.drop(columns="monthly_profit").duplicated().sum() == pytest.approx(847, abs=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(HEADERS)


def test_too_small_a_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OneclickError, match="at least 50 customers, not 49"):
        write_shop(tmp_path, customers=49, seed=1)


def test_real_tables_are_never_overwritten(tmp_path: Path) -> None:
    real = tmp_path / "money.csv"
    real.write_text("id;Прибыль\r\n900001;1,50\r\n", encoding="utf-8")

    with pytest.raises(OneclickError, match=r"money\.csv is no synthetic table"):
        write_shop(tmp_path, customers=100, seed=1)

    assert list(tmp_path.iterdir()) == [real]


def test_earlier_synthetic_tables_are_replaced(tmp_path: Path) -> None:
    write_shop(tmp_path, customers=200, seed=1)
    write_shop(tmp_path, customers=100, seed=1)
    assert len(pd.read_csv(tmp_path / "money.csv", sep=";")) == 100


def test_profile_holds_no_customer(project: Path) -> None:
    """No list of the profile is as long as a table, so none can be a copied column."""
    text = (project / "src/oneclick/sample/profile.yml").read_text(encoding="utf-8")

    def longest(node: object) -> int:
        if isinstance(node, dict | list):
            items = node.values() if isinstance(node, dict) else node
            return max([len(node), *map(longest, items)])
        return 0

    assert longest(yaml.safe_load(text)) <= 40
