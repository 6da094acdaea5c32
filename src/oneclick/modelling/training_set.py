"""From all customers to those a model learns from."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.errors import OneclickError
from oneclick.modelling.features import as_model_frame, clone_groups
from oneclick.modelling.parameters import Features, Training
from oneclick.tables.sampling import scatter

_STATUS = {True: "Снизилась", False: "Прежний уровень"}


def draw_training_set(customers: ir.Table, features: Features, training: Training) -> pd.DataFrame:
    """Return the labelled customers to train on, ordered by id, with label, profit and features.

    If there are more than ``training.max_rows``, the engine itself draws that many, each class in
    proportion, by arithmetic on the ids: the same customers in every engine and row order.

    Raises:
        OneclickError: Too few customers, or too few that differ, one class only, or a feature is
            missing.
    """
    missing = sorted(set(features.names).difference(customers.columns))
    if missing:
        raise OneclickError(
            f"customers has no column {', '.join(missing)}, which the model is to use. Mend "
            "features in conf/base/data_science/parameters.yml, or run data_processing again."
        )
    labelled = customers.filter(customers.declined.isin([True, False]))
    counted = labelled.group_by("declined").agg(size=ibis._.count()).execute()
    sizes = {bool(row.declined): int(row.size) for row in counted.itertuples(index=False)}
    _refuse_unusable(sizes, training)
    total = sum(sizes.values())
    if total > training.max_rows:
        quotas = {kind: round(training.max_rows * size / total) for kind, size in sizes.items()}
        order = [scatter(labelled.customer_id, training.seed), labelled.customer_id]
        window = ibis.window(group_by="declined", order_by=order)
        ranked = labelled.mutate(place=ibis.row_number().over(window))
        labelled = ranked.filter(ranked.place < ranked.declined.ifelse(quotas[True], quotas[False]))
    columns = ["customer_id", "declined", "monthly_profit", *features.names]
    drawn = labelled.select(columns).execute().sort_values("customer_id")
    drawn = drawn.astype({"declined": bool}).reset_index(drop=True)
    _refuse_clones(drawn, features, training)
    return drawn


def _refuse_unusable(sizes: dict[bool, int], training: Training) -> None:
    total = sum(sizes.values())
    if total < training.min_rows:
        raise OneclickError(
            f"customers has {total} labelled rows; at least {training.min_rows} are needed to "
            "train a model. Add customers to the export, or score with an earlier model: "
            "kedro run --pipeline scoring"
        )
    if len(sizes) < 2:
        only = _STATUS[True in sizes]
        raise OneclickError(
            f"All {total} labelled customers have the status «{only}», so there is nothing to "
            "learn. Check the column Покупательская активность of market_file: both "
            "«Снизилась» and «Прежний уровень» must occur."
        )
    rarer = min(sizes.values())
    if rarer < training.min_class_rows:
        raise OneclickError(
            f"Only {rarer} of {total} labelled customers are of the rarer class; at least "
            f"{training.min_class_rows} are needed to train and to judge a model. Add customers "
            "to the export."
        )


def _refuse_clones(drawn: pd.DataFrame, features: Features, training: Training) -> None:
    """Stop where too few differ: folds keep copies together, so one would lack a class."""
    groups = pd.Series(clone_groups(as_model_frame(drawn, features)))
    kinds = groups.groupby(drawn["declined"]).nunique()
    if kinds.min() >= training.min_class_rows:
        return
    poorest = kinds.idxmin()
    values = drawn[features.names].nunique(dropna=False)
    alike = list(values.index[values == 1])
    raise OneclickError(
        f"The {(drawn['declined'] == poorest).sum()} labelled customers with the status "
        f"«{_STATUS[bool(poorest)]}» come to only {kinds.min()} where those alike in every "
        f"feature count as one; at least {training.min_class_rows} are needed to train and to "
        "judge a model."
        + (f" All customers are alike in {', '.join(alike)}." if alike else "")
        + " Export the tables again with each customer's own figures."
    )
