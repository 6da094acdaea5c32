import ibis
import numpy as np
import pytest

from oneclick.errors import OneclickError
from oneclick.modelling.training_set import draw_training_set
from tests.modelling.shop import FEATURES, make_customers, models

TRAINING = models()["training"]


def table(customers):
    return ibis.memtable(customers)


def test_labelled_customers_come_ordered_by_id_without_consent():
    customers = make_customers(150).sample(frac=1, random_state=1)
    customers["declined"] = customers["declined"].astype("boolean")
    customers.iloc[:20, customers.columns.get_loc("declined")] = None
    drawn = draw_training_set(table(customers), FEATURES, TRAINING)
    assert len(drawn) == 130
    assert drawn["customer_id"].is_monotonic_increasing
    assert list(drawn.columns) == ["customer_id", "declined", "monthly_profit", *FEATURES.names]


def test_a_large_table_is_sampled_by_class_whatever_the_order_of_rows():
    customers = make_customers(3000, declined_share=0.1)
    training = TRAINING.model_copy(update={"max_rows": 500})
    drawn = draw_training_set(table(customers), FEATURES, training)
    shuffled = customers.sample(frac=1, random_state=3)
    again = draw_training_set(table(shuffled), FEATURES, training)
    assert len(drawn) == 500
    assert drawn["declined"].sum() == 50
    assert drawn.equals(again)
    # Then neither end of the table is preferred
    assert abs(drawn["customer_id"].mean() - customers["customer_id"].mean()) < 150


@pytest.mark.parametrize(
    ("customers", "message"),
    [
        (make_customers(99), "99 labelled rows; at least 100 are needed"),
        (make_customers(120).assign(declined=True), "have the status «Снизилась»"),
        (make_customers(120).assign(declined=False), "have the status «Прежний уровень»"),
        (make_customers(120, declined_share=0.05), "Only 6 of 120 labelled customers"),
        (make_customers(120).drop(columns="promo_share"), "no column promo_share"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_with_what_to_do(customers, message):
    with pytest.raises(OneclickError, match=message):
        draw_training_set(table(customers), FEATURES, TRAINING)


@pytest.mark.parametrize(
    ("kinds", "then"), [(1, "All customers are alike in marketing_contacts_6m, "), (8, "Export")]
)
def test_customers_who_are_clones_of_a_few_are_refused(kinds, then):
    # Given 120 customers of either status who are copies of a few
    customers = make_customers(120)
    for name in FEATURES.names:
        customers[name] = customers[name].to_numpy()[np.arange(120) % kinds]
    # Then folds that keep copies together are not even tried
    said = rf"come to only {kinds} where those alike in every .* a model\. {then}"
    with pytest.raises(OneclickError, match=said):
        draw_training_set(table(customers), FEATURES, TRAINING)


def test_customers_without_any_label_are_refused():
    customers = make_customers(120).assign(declined=np.full(120, None))
    with pytest.raises(OneclickError, match="0 labelled rows"):
        draw_training_set(table(customers.astype({"declined": "boolean"})), FEATURES, TRAINING)
