"""The customers of a synthetic shop as one typed table, cleaned by the test's own plain rules."""

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from oneclick.sample.shop import FILES, draw_tables

NAMES = {
    "Покупательская активность": "declined",
    "Тип сервиса": "service_tier",
    "Разрешить сообщать": "allows_contact",
    "Маркет_актив_6_мес": "marketing_contacts_6m",
    "Маркет_актив_тек_мес": "marketing_contacts_current",
    "Длительность": "days_since_registration",
    "Акционные_покупки": "promo_share",
    "Популярная_категория": "favourite_category",
    "Средний_просмотр_категорий_за_визит": "categories_per_visit",
    "Неоплаченные_продукты_штук_квартал": "unpaid_items_quarter",
    "Ошибка_сервиса": "service_errors",
    "Страниц_за_визит": "pages_per_visit",
    "препредыдущий_месяц": "revenue_two_months_ago",
    "предыдущий_месяц": "revenue_previous",
    "текущий_месяц": "revenue_current",
}
WORDS = ["service_tier", "favourite_category", "declined", "allows_contact"]


class Shop(NamedTuple):
    """The four tables as the shop exports them."""

    behaviour: pa.Table
    revenue: pa.Table
    time_on_site: pa.Table
    profit: pa.Table


def make_shop(customers: int, seed: int) -> Shop:
    chunks = list(draw_tables(customers, seed))
    return Shop(**{name: pa.concat_tables(chunk[name] for chunk in chunks) for name in FILES})


def customers_of(shop: Shop) -> pd.DataFrame:
    """All customers, flawed ones included, ordered by id."""
    revenue = by_period(shop.revenue, "Выручка")
    minutes = by_period(shop.time_on_site, "минут")
    profit = shop.profit.to_pandas().set_index("id")["Прибыль"].str.replace(",", ".")
    customers = (
        shop.behaviour.to_pandas()
        .set_index("id")
        .join(revenue)
        .rename(columns=NAMES)
        .assign(
            minutes_previous=minutes["предыдцщий_месяц"],
            minutes_current=minutes["текущий_месяц"],
            monthly_profit=profit,
        )
    )
    numbers = customers.columns.difference(WORDS)
    customers[numbers] = customers[numbers].astype(float)
    customers["declined"] = customers["declined"] == "Снизилась"
    customers["service_tier"] = customers["service_tier"].replace("стандартт", "стандарт")
    return customers


def by_period(table: pa.Table, values: str) -> pd.DataFrame:
    rows = table.to_pandas()
    assert not rows.duplicated(["id", "Период"]).any()
    return rows.pivot_table(index="id", columns="Период", values=values, aggfunc="first")


def usable(customers: pd.DataFrame) -> pd.DataFrame:
    """Without the inactive customers and the revenue outliers."""
    return customers[(customers["revenue_previous"] > 0) & (customers["revenue_current"] < 20_000)]
