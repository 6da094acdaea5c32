"""A tiny shop, as four tables of text; a test changes the cell it is about."""

import pyarrow as pa

BEHAVIOUR = {
    "declined": "Прежний уровень",
    "service_tier": "стандарт",
    "allows_contact": "да",
    "marketing_contacts_6m": "4.2",
    "marketing_contacts_current": "4",
    "days_since_registration": "600",
    "promo_share": "0.25",
    "favourite_category": "Товары для детей",
    "categories_per_visit": "3",
    "unpaid_items_quarter": "2",
    "service_errors": "4",
    "pages_per_visit": "8",
}
REVENUE = {
    "препредыдущий_месяц": "4800.5",
    "предыдущий_месяц": "5000.0",
    "текущий_месяц": "5200.0",
}
MINUTES = {"предыдцщий_месяц": "13", "текущий_месяц": "12"}

Rows = dict[str, list[dict[str, str | None]]]


def small_shop(customers: int = 4) -> Rows:
    """Four exported tables of customers 1…n, cells as text, in which nothing is wrong."""
    ids = [str(number) for number in range(1, customers + 1)]
    return {
        "behaviour": [{"customer_id": key, **BEHAVIOUR} for key in ids],
        "revenue": [
            {"customer_id": key, "period": month, "revenue": value}
            for key in ids
            for month, value in REVENUE.items()
        ],
        "time_on_site": [
            {"customer_id": key, "period": month, "minutes": value}
            for key in ids
            for month, value in MINUTES.items()
        ],
        "profit": [{"customer_id": key, "monthly_profit": "4.16"} for key in ids],
    }


def as_arrow(rows: Rows) -> dict[str, pa.Table]:
    """Each table as the intake hands it over: columns of text and the line in the file."""
    tables = {}
    for name, records in rows.items():
        columns = list(dict.fromkeys(column for record in records for column in record))
        lines = pa.array(range(2, len(records) + 2), pa.int64())
        texts = {
            column: pa.array([record.get(column) for record in records], pa.string())
            for column in columns
        }
        tables[name] = pa.table({"source_row": lines, **texts})
    return tables
