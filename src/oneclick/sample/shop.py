"""The four tables of a synthetic shop, as the files that the real shop exports."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from oneclick.errors import OneclickError
from oneclick.sample.customers import Customers, draw_customers
from oneclick.sample.profile import PeriodOrder, Profile, load_profile

FIRST_ID = 400_001
SMALLEST_SHOP = 50  # fewer might lack the declined customers who carry the flaws
CHUNK = 50_000  # customers drawn at a time; another number is another shop for the same seed
LINE_END = "\r\n"
FILES = {  # table -> file and what separates its columns
    "behaviour": ("market_file.csv", ","),
    "revenue": ("market_money.csv", ","),
    "time_on_site": ("market_time.csv", ","),
    "profit": ("money.csv", ";"),
}
REVENUE = {
    "препредыдущий_месяц": "revenue_two_months_ago",
    "предыдущий_месяц": "revenue_previous",
    "текущий_месяц": "revenue_current",
}
MINUTES = {"предыдцщий_месяц": "minutes_previous", "текущий_месяц": "minutes_current"}
ACTIVITIES = ("Прежний уровень", "Снизилась")
CONSENTS = ("нет", "да")
MISSPELT_TIER = "стандартт"


def write_shop(folder: Path, customers: int, seed: int) -> None:
    """Write the files of a synthetic shop into a folder; equal arguments give equal bytes.

    They appear together when all are complete, in place of those of an earlier synthetic shop.
    Memory does not grow with the shop.

    Raises:
        OneclickError: Fewer than 50 customers are asked for, or the folder holds other tables.
    """
    _check_nothing_real_is_lost(folder)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = {name: folder / f"{file}.unfinished" for name, (file, _) in FILES.items()}
    with ExitStack() as stack:
        targets = {name: stack.enter_context(path.open("wb")) for name, path in unfinished.items()}
        for number, chunk in enumerate(draw_tables(customers, seed)):
            for name, (_, separator) in FILES.items():
                if number == 0:
                    header = separator.join(chunk[name].column_names) + LINE_END
                    targets[name].write(header.encode())
                targets[name].write(_lines(chunk[name], separator))
    for name, (file, _) in FILES.items():
        unfinished[name].replace(folder / file)


def _check_nothing_real_is_lost(folder: Path) -> None:
    for file, _ in FILES.values():
        path = folder / file
        if path.exists():
            with path.open("rb") as lines:
                first_rows = lines.readlines(1000)[1:2]
            if not any(row.startswith(str(FIRST_ID).encode()) for row in first_rows):
                raise OneclickError(
                    f"{path} is no synthetic table and would be overwritten. "
                    "Choose another name: --params snapshot=NAME"
                )


def draw_tables(customers: int, seed: int) -> Iterator[dict[str, pa.Table]]:
    """Yield the tables of a synthetic shop, some thousand customers at a time.

    They have the headers of the exports, and every value as its text: ``behaviour`` and ``profit``
    a row per customer, ``revenue`` one per month of three, ``time_on_site`` one of two.

    Raises:
        OneclickError: Fewer than 50 customers are asked for.
    """
    if customers < SMALLEST_SHOP:
        raise OneclickError(
            f"A synthetic shop needs at least {SMALLEST_SHOP} customers, not {customers}. "
            "Ask for more: --params sample_customers=1300"
        )
    profile = load_profile()
    count = -(-customers // CHUNK)
    for number in range(count):
        start, stop = (customers * edge // count for edge in (number, number + 1))
        rng = np.random.default_rng([seed, number])
        ids = np.arange(FIRST_ID + start, FIRST_ID + stop)
        yield _tables(profile, ids, draw_customers(profile, start, stop, rng), rng)


def _tables(
    profile: Profile, ids: np.ndarray, customers: Customers, rng: np.random.Generator
) -> dict[str, pa.Table]:
    tiers = (*profile.labels["service_tier"], MISSPELT_TIER)
    categories = profile.labels["favourite_category"]
    behaviour = {
        "id": _whole(ids),
        "Покупательская активность": _labels(customers["declined"], ACTIVITIES),
        "Тип сервиса": _labels(customers["service_tier"], tiers),
        "Разрешить сообщать": _labels(customers["allows_contact"], CONSENTS),
        "Маркет_актив_6_мес": _tenths(customers["marketing_contacts_6m"]),
        "Маркет_актив_тек_мес": _whole(customers["marketing_contacts_current"]),
        "Длительность": _whole(customers["days_since_registration"]),
        "Акционные_покупки": _hundredths(customers["promo_share"], ".", ".0"),
        "Популярная_категория": _labels(customers["favourite_category"], categories),
        "Средний_просмотр_категорий_за_визит": _whole(customers["categories_per_visit"]),
        "Неоплаченные_продукты_штук_квартал": _whole(customers["unpaid_items_quarter"]),
        "Ошибка_сервиса": _whole(customers["service_errors"]),
        "Страниц_за_визит": _whole(customers["pages_per_visit"]),
    }
    orders = profile.period_orders
    revenue, amounts = _by_period(orders["revenue"], REVENUE, ids, customers, rng)
    time_on_site, minutes = _by_period(orders["minutes"], MINUTES, ids, customers, rng)
    profit = _hundredths(customers["monthly_profit"], ",", "")
    tables = {
        "behaviour": behaviour,
        "revenue": revenue | {"Выручка": _tenths(amounts)},
        "time_on_site": time_on_site | {"минут": _whole(minutes)},
        "profit": {"id": _whole(ids), "Прибыль": profit},
    }
    return {name: pa.table(columns) for name, columns in tables.items()}


def _by_period(
    known: Sequence[PeriodOrder],
    indicators: dict[str, str],
    ids: np.ndarray,
    customers: Customers,
    rng: np.random.Generator,
) -> tuple[dict[str, pa.Array], np.ndarray]:
    """Return key and values of a row per period, each customer's in an order drawn for them."""
    periods = list(indicators)
    orders = np.array([[periods.index(period) for period in order.periods] for order in known])
    drawn = orders[rng.choice(len(orders), len(ids), p=[order.share for order in known])]
    values = np.column_stack([customers[name] for name in indicators.values()])
    key = {"id": _whole(np.repeat(ids, len(periods))), "Период": _labels(drawn.ravel(), periods)}
    return key, np.take_along_axis(values, drawn, axis=1).ravel()


def _whole(values: np.ndarray) -> pa.Array:
    return pa.array(values).cast(pa.string())


def _tenths(values: np.ndarray) -> pa.Array:
    """Write 51234 as «5123.4» and 51230 as «5123.0»."""
    return pc.binary_join_element_wise(
        _whole(values // 10), _labels(values % 10, list("0123456789")), "."
    )


def _hundredths(values: np.ndarray, point: str, shortest: str) -> pa.Array:
    """Write 75 as «0.75», 90 as «0.9»; ``shortest`` shows how a whole number ends."""
    texts = [f"{value / 100:g}" for value in range(int(values.max()) + 1)]
    return _labels(values, [(t if "." in t else t + shortest).replace(".", point) for t in texts])


def _labels(positions: np.ndarray, texts: Sequence[str]) -> pa.Array:
    return pa.array(texts).take(pa.array(positions))


def _lines(table: pa.Table, separator: str) -> memoryview:
    """Return the rows as the bytes of a CSV file; no value needs quotes.

    Arrow keeps texts end to end in one buffer, so the joined lines already are the file.
    """
    lines = pc.binary_join_element_wise(*(column.chunk(0) for column in table.columns), separator)
    ended = pc.binary_join_element_wise(lines, "", LINE_END)
    size = pc.sum(pc.binary_length(ended)).as_py()
    return memoryview(ended.buffers()[2])[:size]
