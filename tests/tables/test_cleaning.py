"""Cleaning: every cell is read rightly or its row is rejected with the reason."""

from functools import reduce
from operator import getitem

import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from oneclick import engines
from oneclick.errors import OneclickError
from oneclick.pipelines.data_processing import nodes
from oneclick.tables.accounting import (
    account_for_rows,
    count_repairs,
    describe_quality,
    refuse_unread_columns,
    refuse_unusable,
)
from oneclick.tables.checking import check_table
from oneclick.tables.joining import join_tables, value_columns
from oneclick.tables.quarantine import reject_rows
from oneclick.tables.rules import CleaningRules, ColumnRule
from tests.tables.exports import Rows, as_arrow, small_shop


class Cleaned:
    """All results of cleaning one small shop, as pandas frames."""

    def __init__(self, cleaner: "Cleaner") -> None:
        checked, joined, rejected = cleaner.checked, cleaner.joined, cleaner.rejected
        self.accounting = account_for_rows(checked, joined, cleaner.rules)
        self.repairs = count_repairs(checked)
        self.quality = describe_quality(
            self.accounting, self.repairs, joined, rejected, cleaner.rules, 1000
        )
        kept = joined.filter(~joined.rejected).select("customer_id", *value_columns(cleaner.rules))
        self.customers: pd.DataFrame = kept.order_by("customer_id").execute()
        self.rejected: pd.DataFrame = rejected.execute()

    def reasons(self) -> list[tuple]:
        columns = ["customer_id", "table", "column", "value", "reason"]
        found = self.rejected[columns].astype(object).where(self.rejected[columns].notna(), None)
        return [tuple(row) for row in found.itertuples(index=False)]


class Cleaner:
    """Cleans many small shops with SQL that is written once."""

    def __init__(self, rules: CleaningRules) -> None:
        self.rules = rules
        self._connection = ibis.duckdb.connect()
        self._steps: list[tuple[str, str]] = []
        self._fill(small_shop())
        self.checked = {
            name: self._step(
                name, check_table(self._connection.table(f"exported_{name}"), table, rules)
            )
            for name, table in rules.tables.items()
        }
        self.joined = self._step("joined", join_tables(self.checked, rules))
        self.rejected = self._step("rejected", reject_rows(self.checked, self.joined))

    def __call__(self, rows: Rows) -> Cleaned:
        self._fill(rows)
        for name, sql in self._steps:
            self._connection.con.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")
        return Cleaned(self)

    def _fill(self, rows: Rows) -> None:
        for name, table in as_arrow(rows).items():
            self._connection.create_table(f"exported_{name}", table, overwrite=True)

    def _step(self, name: str, expression: ir.Table) -> ir.Table:
        self._steps.append((name, str(ibis.to_sql(expression, dialect="duckdb"))))
        self._connection.con.execute(f"CREATE OR REPLACE TABLE {name} AS {self._steps[-1][1]}")
        return self._connection.table(name)


@pytest.fixture(scope="module")
def clean(cleaning_rules) -> Cleaner:
    return Cleaner(cleaning_rules)


def test_a_sound_shop_is_kept_whole(clean):
    cleaned = clean(small_shop(4))

    assert cleaned.customers.customer_id.tolist() == [1, 2, 3, 4]
    assert cleaned.rejected.empty
    first = cleaned.customers.iloc[0]
    assert first.revenue_two_months_ago == 4800.5
    assert first.minutes_previous == 13
    assert first.monthly_profit == 4.16
    assert first.allows_contact and not first.declined


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("promo_share", " 0.25 ", 0.25),
        ("promo_share", "\u2009 0.25\u00a0", 0.25),
        ("promo_share", "", None),
        ("promo_share", "NaN", None),
        ("promo_share", "н/д", None),
        ("pages_per_visit", "1e1", 10.0),
        ("service_tier", "Премиум", "премиум"),
        ("service_tier", "стандартт", "стандарт"),
        ("service_tier", "\ufeffСТАНДАРТ\u00a0", "стандарт"),
        ("favourite_category", "Товары\u202fдля\u00a0детей", "Товары для детей"),
        ("favourite_category", "Домашнии\u0306 текстиль", "Домашний текстиль"),  # as a Mac writes й
        ("favourite_category", "косметика  и АКСЕСУАРЫ", "Косметика и аксессуары"),
        ("declined", None, None),
        ("declined", "снизилась", True),
        ("allows_contact", "", False),  # consent that is not known is not given
        ("allows_contact", "возможно", False),
        ("allows_contact", "TRUE", True),
        ("allows_contact", "Ложь", False),
    ],
)
def test_a_cell_is_read(clean, column, cell, value):
    rows = small_shop()
    rows["behaviour"][0][column] = cell

    cleaned = clean(rows)

    assert cleaned.rejected.empty
    read = cleaned.customers[column][0]
    assert pd.isna(read) if value is None else read == value


@pytest.mark.parametrize(
    ("table", "place", "column", "cell", "reason"),
    [
        ("behaviour", 1, "promo_share", "много", "not_a_number"),
        ("behaviour", 1, "promo_share", "0,25", "not_a_number"),  # not this file's decimal mark
        ("behaviour", 1, "promo_share", "1.2", "above_maximum"),
        ("behaviour", 1, "promo_share", "inf", "above_maximum"),
        ("behaviour", 1, "pages_per_visit", "-3", "below_minimum"),
        ("behaviour", 1, "service_errors", "2.5", "not_a_whole_number"),
        ("behaviour", 1, "favourite_category", "Рыбалка", "unknown_value"),
        ("behaviour", 1, "service_tier", "золотой", "unknown_value"),
        ("behaviour", 1, "declined", "Выросла", "unknown_value"),
        ("revenue", 3, "period", "май", "unknown_value"),
        ("revenue", 3, "revenue", "", "missing"),
        ("revenue", 3, "revenue", "-1", "below_minimum"),
        ("time_on_site", 2, "minutes", "99999", "above_maximum"),
        ("profit", 1, "monthly_profit", "", "missing"),
    ],
)
def test_a_faulty_cell_rejects_its_customer(clean, table, place, column, cell, reason):
    rows = small_shop()
    rows[table][place][column] = cell

    cleaned = clean(rows)

    assert cleaned.customers.customer_id.tolist() == [1, 3, 4]
    assert cleaned.reasons() == [(2, table, column, cell, reason)]
    assert cleaned.rejected.line.tolist() == [place + 2]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "missing"),
        ("A-17", "not_a_number"),
        ("9223372036854775807", "above_maximum"),
        ("-5", "below_minimum"),
        ("5.5", "not_a_whole_number"),
        ("1.00768E+11", "rounded"),
        ("1e+05", "rounded"),
    ],
)
def test_a_row_without_a_readable_id_is_rejected(clean, cell, reason):
    rows = small_shop()
    rows["profit"].append({"customer_id": cell, "monthly_profit": "1.0"})

    cleaned = clean(rows)

    assert cleaned.customers.customer_id.tolist() == [1, 2, 3, 4]
    assert cleaned.reasons() == [(None, "profit", "customer_id", cell, reason)]


def test_an_id_whose_exponent_hides_no_digit_is_read(clean):
    rows = small_shop()
    rows["profit"][2]["customer_id"] = "0.3E1"
    rows["profit"][3]["customer_id"] = "4.00E+00"

    assert clean(rows).rejected.empty


def test_copies_count_once_also_if_only_their_spelling_differs(clean):
    rows = small_shop()
    rows["behaviour"].append(dict(rows["behaviour"][0]))
    rows["behaviour"].append({**rows["behaviour"][0], "service_tier": " Стандарт"})
    rows["revenue"].append({**rows["revenue"][0], "revenue": "4800.50"})

    cleaned = clean(rows)

    assert cleaned.customers.customer_id.tolist() == [1, 2, 3, 4]
    assert cleaned.rejected.empty
    duplicates = cleaned.accounting.set_index("table").duplicate
    assert duplicates.to_dict() == {"behaviour": 2, "revenue": 1, "time_on_site": 0, "profit": 0}


def test_copies_that_contradict_each_other_are_all_rejected(clean):
    rows = small_shop()
    rows["behaviour"].append({**rows["behaviour"][0], "pages_per_visit": "9"})
    rows["time_on_site"].append({**rows["time_on_site"][3], "minutes": "1"})

    cleaned = clean(rows)

    assert cleaned.customers.customer_id.tolist() == [3, 4]
    conflicts = cleaned.rejected.query("reason == 'conflicting_duplicate'")
    assert conflicts.query("table == 'behaviour'").line.tolist() == [2, 6]
    assert conflicts.query("table == 'time_on_site'").line.tolist() == [4, 5, 10]


def test_a_customer_in_one_table_only_is_rejected_by_every_other(clean):
    rows = small_shop(3)
    rows["profit"].append({"customer_id": "9", "monthly_profit": "1.0"})

    cleaned = clean(rows)

    assert cleaned.customers.customer_id.tolist() == [1, 2, 3]
    assert cleaned.reasons() == [
        (9, table, "customer_id", "", "absent_from_table")
        for table in ("behaviour", "revenue", "time_on_site")
    ]


def test_a_missing_month_rejects_the_customer_and_is_named(clean):
    rows = small_shop(3)
    del rows["revenue"][4]  # customer 2, previous month

    cleaned = clean(rows)

    assert cleaned.customers.customer_id.tolist() == [1, 3]
    assert cleaned.reasons() == [(2, "revenue", "period", "previous", "month_missing")]


def test_customers_not_active_in_all_months_and_typing_errors_are_set_aside(clean):
    rows = small_shop(4)
    rows["revenue"][0]["revenue"] = rows["revenue"][1]["revenue"] = "0.0"
    rows["revenue"][5]["revenue"] = "52000.0"

    cleaned = clean(rows)

    assert cleaned.reasons() == [
        (1, "revenue", "revenue", "2/3", "not_active_in_all_months"),
        (2, "revenue", "revenue_current", "52000.0", "implausible_revenue"),
    ]
    assert cleaned.customers.customer_id.tolist() == [3, 4]


def test_repairs_are_counted_by_spelling(clean):
    rows = small_shop(3)
    rows["behaviour"][0]["service_tier"] = "стандартт"

    cleaned = clean(rows)

    assert cleaned.quality["repaired"] == [
        {
            "table": "behaviour",
            "column": "service_tier",
            "from": "стандартт",
            "to": "стандарт",
            "rows": 1,
        },
        {
            "table": "time_on_site",
            "column": "period",
            "from": "предыдцщий_месяц",
            "to": "предыдущий_месяц",
            "rows": 3,
        },
    ]


def test_a_note_on_one_customer_is_not_listed(clean):
    rows = small_shop(9)
    for place, cell in enumerate(["да, но только почтой", "спросить Иванова", "", *["не"] * 5]):
        rows["behaviour"][place]["allows_contact"] = cell

    repaired = clean(rows).quality["repaired"]

    consents = {row["from"]: row["rows"] for row in repaired if row["column"] == "allows_contact"}
    assert consents == {"не": 5, "…": 2, "": 1}


@pytest.mark.parametrize(("profit_unit_rub", "odd"), [(1000, 0), (2000, 4)])
def test_profit_is_held_against_revenue_in_its_unit(clean, profit_unit_rub, odd):
    # Given four customers with 4.16 units of profit and about 5 000 RUB of revenue a month
    given = clean(small_shop())
    described = describe_quality(
        given.accounting, given.repairs, clean.joined, clean.rejected, clean.rules, profit_unit_rub
    )
    assert described["profit_exceeds_revenue"] == odd


def test_columns_that_are_empty_or_constant_are_told(clean):
    # Given 40 customers who differ in everything that is told below, and one who is set aside
    rows = small_shop(41)
    for place, row in enumerate(rows["behaviour"]):
        row["service_errors"] = str(place % 7)
        row["promo_share"] = "" if place % 4 else str(place / 50)
        row["pages_per_visit"] = ""
        row["categories_per_visit"] = "3" if place % 2 else None
    rows["behaviour"][40] |= {"service_errors": "-1", "pages_per_visit": "4"}

    gaps = {gap["column"]: gap for gap in clean(rows).quality["gaps"]}

    assert "service_errors" not in gaps
    assert "declined" not in gaps
    assert gaps["promo_share"] == {"column": "promo_share", "missing": 0.75, "constant": False}
    assert gaps["pages_per_visit"]["missing"] == 1
    assert gaps["categories_per_visit"] | {"column": ""} == {
        "column": "",
        "missing": 0.5,
        "constant": True,
    }
    constant = ("allows_contact", "service_tier", "monthly_profit", "revenue_current")
    assert [gaps[name]["missing"] for name in constant] == [0, 0, 0, 0]
    assert all(gaps[name]["constant"] for name in constant)


def test_unknown_periods_everywhere_stop_the_run_with_the_known_ones(clean, cleaning_rules):
    rows = small_shop(3)
    for row in rows["time_on_site"]:
        row["period"] = "май"

    quality = clean(rows).quality

    with pytest.raises(OneclickError, match=r"market_time.*period.*'май'.*текущий_месяц"):
        refuse_unusable(quality, clean.rejected, cleaning_rules)


@pytest.mark.parametrize(("faulty", "stops"), [(1, False), (2, True)])
def test_a_run_stops_above_the_share_that_may_be_rejected(clean, cleaning_rules, faulty, stops):
    # Given 20 customers, of whom 5 % (one) may be rejected
    rows = small_shop(20)
    for row in rows["behaviour"][:faulty]:
        row["promo_share"] = "7"

    quality = clean(rows).quality

    if stops:
        with pytest.raises(OneclickError, match=r"2 of 20 customers cannot be used; at most 5%"):
            refuse_unusable(quality, clean.rejected, cleaning_rules)
    else:
        refuse_unusable(quality, clean.rejected, cleaning_rules)


def test_all_new_values_of_a_column_are_told_as_lines_to_paste(clean, cleaning_rules):
    # Given a shop of 25 categories that nobody has taught, one of them in two spellings
    rows = small_shop(300)
    for place, row in enumerate(rows["behaviour"]):
        row["favourite_category"] = f"Kind: {place % 23 + 10}"
    cells = ["Аквариумы"] * 20 + ["аквариумы "] * 5 + ["yes"] * 5 + ["a note on one customer"]
    for row, cell in zip(rows["behaviour"], cells, strict=False):
        row["favourite_category"] = cell

    with pytest.raises(OneclickError) as stopped:
        refuse_unusable(clean(rows).quality, clean.rejected, cleaning_rules)

    # Then the most frequent are lines of YAML, indented as in the file
    message = str(stopped.value)
    below = "cleaning.tables.behaviour.columns.favourite_category.values:\n"
    lines = message[message.index(below) + len(below) :].partition("\nMend the files")[0]
    assert all(line.startswith(" " * 12) for line in lines.splitlines())
    taught = yaml.safe_load(lines)
    assert next(iter(taught.items())) == ("Аквариумы", ["Аквариумы", "аквариумы"])
    assert len(taught) == 20
    assert ["Kind: 20"] in taught.values()
    assert "a note on" not in lines
    # And once they are pasted, they are known
    values = cleaning_rules.tables["behaviour"].columns["favourite_category"].values
    ColumnRule(kind="category", values=values | taught)


def test_a_message_names_the_folder_a_small_share_and_what_helps(clean, cleaning_rules):
    rows = small_shop(4)
    rows["profit"] += [{"customer_id": '="5"', "monthly_profit": "1"}]
    rows["profit"][0]["monthly_profit"] = "1,234"
    told = {"folder": "outcome_raw", "max_rejected_share": 0.001}

    with pytest.raises(OneclickError) as stopped:
        refuse_unusable(clean(rows).quality, clean.rejected, cleaning_rules.model_copy(update=told))

    message = str(stopped.value)
    assert "1 of 5 rows of outcome_raw/money have no readable id" in message
    assert "at most 0.1% may be rejected" in message
    assert "export values, not formulas" in message
    assert "convert the column to numbers" in message


def test_rows_that_belong_to_no_customer_stop_a_run_too(clean, cleaning_rules):
    # Given all customers sound, and as many rows again whose id got lost
    rows = small_shop(4)
    lost = ("", "x", "-5", "9223372036854775807", "5.5", "1.00768E+11")
    rows["profit"] += [{"customer_id": cell, "monthly_profit": "1"} for cell in lost]

    quality = clean(rows).quality

    assert quality["customers"]["rejected"] == 0
    with pytest.raises(OneclickError, match=r"^6 of 10 rows of money have no readable id; at most"):
        refuse_unusable(quality, clean.rejected, cleaning_rules)


@pytest.mark.parametrize(
    ("cells", "most"),
    [(["yes", "no", "yes"], "'yes'"), (["1", "0", "1"], "'1'"), (["", None, "-"], "''")],
)
def test_a_column_in_which_no_spelling_is_known_stops_a_run(clean, cleaning_rules, cells, most):
    rows = small_shop(3)
    for row, cell in zip(rows["behaviour"], cells, strict=True):
        row["allows_contact"] = cell
    given = clean(rows)

    with pytest.raises(OneclickError, match=rf"market_file, column allows_contact: .*{most}"):
        refuse_unread_columns(given.accounting, given.repairs, cleaning_rules)


@pytest.mark.parametrize("cells", [["НЕТ", "", ""], ["да", "1", "1"], ["нет", "нет", "нет"]])
def test_a_column_in_which_some_spelling_is_known_is_read(clean, cleaning_rules, cells):
    rows = small_shop(3)
    for row, cell in zip(rows["behaviour"], cells, strict=True):
        row["allows_contact"] = cell
    given = clean(rows)

    refuse_unread_columns(given.accounting, given.repairs, cleaning_rules)


def test_rules_refuse_a_category_without_values():
    with pytest.raises(ValueError, match="values"):
        ColumnRule(kind="category")


LEFT_OUT = object()
CONTACT = "behaviour.columns.allows_contact"


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (f"{CONTACT}.values", {"true": ["да"], "false": ["нет", "ДА"]}, "'ДА' is a spelling of b"),
        (f"{CONTACT}.values", {"true": ["да"], "false": []}, "'false' has no spelling"),
        (f"{CONTACT}.unknown", LEFT_OUT, "allows_contact may not be empty"),
        ("profit.columns.monthly_profit.missing", "keep", "monthly_profit may not be empty"),
        ("profit.columns.monthly_profit.maximum", float("nan"), "finite number"),
        ("profit.columns.monthly_profit.minimum", 2e6, "minimum 2e\\+06 is not below"),
        ("profit.columns.customer_id.missing", "keep", "id needs 'missing: reject'"),
        ("profit.columns.customer_id.maximum", 1e19, "maximum of 9.0e"),
        ("profit.columns.customer_id.kind", "number", "customer_id must be there, of 'kind: id'"),
        ("profit.columns.customer_id", LEFT_OUT, "customer_id must be there"),
        ("profit", LEFT_OUT, "rules for the table profit are missing"),
        ("behaviour.columns.service_errors", LEFT_OUT, "no rule fills service_errors"),
        ("behaviour.columns.age", {"kind": "number"}, "customers has no column age"),
        ("revenue.months", LEFT_OUT, "no rule fills revenue_current, revenue_prev"),
        ("revenue.months.value", "revenu", "names 'revenu', which is no column"),
        ("revenue.months.columns.next", "revenue_next", "same periods; only one of them has next"),
        ("revenue.columns.period.values.next", ["май"], "same periods; only one of them has next"),
    ],
)  # fmt: skip
def test_rules_that_cannot_work_are_refused_by_name(cleaning_rules, place, value, words):
    told = cleaning_rules.model_dump()
    *path, last = place.split(".")
    changed = reduce(getitem, path, told["tables"])
    if value is LEFT_OUT:
        del changed[last]
    else:
        changed[last] = value

    with pytest.raises(ValidationError, match=words):
        CleaningRules.model_validate(told)


def test_without_markers_only_an_empty_cell_is_missing(cleaning_rules):
    rules = cleaning_rules.model_copy(update={"missing_markers": []})
    rows = small_shop(3)
    rows["behaviour"][0]["promo_share"], rows["behaviour"][1]["promo_share"] = "", "н/д"

    cleaned = Cleaner(rules)(rows)

    assert cleaned.reasons() == [(2, "behaviour", "promo_share", "н/д", "not_a_number")]


def test_a_column_that_is_not_read_is_named(cleaning_rules):
    raw = ibis.memtable(as_arrow(small_shop())["profit"].drop(["monthly_profit"]))
    with pytest.raises(OneclickError, match=r"name monthly_profit, which the entry money in"):
        check_table(raw, cleaning_rules.tables["profit"], cleaning_rules)


CELLS = st.sampled_from(["", "x", "-1", "0", "1", "1e99", "nan", "0,5", "да", "май", "2", None])
FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["behaviour", "revenue", "time_on_site", "profit"]),
        st.integers(0, 30),
        st.integers(0, 12),
        CELLS,
        st.sampled_from(["change", "copy", "drop"]),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(FAULTS)
def test_no_row_and_no_customer_is_lost_whatever_is_wrong(clean, faults):
    """Ids in = ids kept + ids rejected, each rejected id has a reason, the rows add up."""
    rows = small_shop(5)
    for table, place, column, cell, what in faults:
        records = rows[table]
        if len(records) < 2:
            continue
        record = records[place % len(records)]
        changed = {**record, list(record)[column % len(record)]: cell}
        if what == "change":
            records[place % len(records)] = changed
        elif what == "copy":
            records.append(changed)
        else:
            records.remove(record)

    cleaned = clean(rows)  # adds up, or raises

    kept = set(cleaned.customers.customer_id)
    rejected = set(cleaned.rejected.customer_id.dropna())
    assert not kept & rejected
    assert len(kept) + len(rejected) == cleaned.quality["customers"]["in"]
    assert cleaned.rejected.reason.notna().all()
    assert cleaned.accounting.read.tolist() == [len(records) for records in rows.values()]


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(clean, random):
    rows = small_shop(6)
    rows["behaviour"][2]["promo_share"] = "7"
    rows["behaviour"].append(dict(rows["behaviour"][4]))
    expected = clean(rows)

    for records in rows.values():
        random.shuffle(records)
    shuffled = clean(rows)

    pd.testing.assert_frame_equal(shuffled.customers, expected.customers)
    assert shuffled.reasons() == expected.reasons()
    pd.testing.assert_frame_equal(shuffled.accounting, expected.accounting)


def test_joining_in_ranges_of_ids_changes_nothing(clean, cleaning_rules, monkeypatch):
    # Given copies, contradictions, unreadable ids, and ids that only one table knows, at both ends
    rows = small_shop(9)
    rows["behaviour"][2]["promo_share"] = "7"
    rows["behaviour"] += [dict(rows["behaviour"][4]), {**rows["behaviour"][6], "customer_id": "?"}]
    rows["time_on_site"].append({**rows["time_on_site"][3], "minutes": "1"})
    rows["revenue"][0]["customer_id"] = None
    for lonely in ("0", "4000000000000"):
        rows["profit"].append({"customer_id": lonely, "monthly_profit": "1.0"})
    clean(rows)
    at_once = nodes.join_tables(cleaning_rules, **clean.checked).execute()
    # When three customers are joined at a time
    monkeypatch.setattr(engines, "_RANGE", 3)
    in_ranges = nodes.join_tables(cleaning_rules, **clean.checked).read_all().to_pandas()
    # Then the same customers stand there, with the same reasons against them
    assert at_once["customer_id"].tolist() == [0, *range(1, 10), 4000000000000]
    assert at_once["rejected"].sum() >= 5
    pd.testing.assert_frame_equal(in_ranges, at_once, check_dtype=False)
