"""A new month with the model in service: nothing is learned, everything is checked."""

import logging
from typing import Any

from oneclick.annotations import DataFrame, Table
from oneclick.errors import OneclickError
from oneclick.modelling.parameters import Choice, Features

logger = logging.getLogger(__name__)
_SAMPLE = 50_000  # customers that drift is measured on


def take_model(
    model: Any,
    model_info: dict[str, Any],
    training_scores: DataFrame,
    features: Features,
    snapshot: str,
) -> tuple[Any, DataFrame, DataFrame]:
    """Return the model in service, the customers it learned from with their scores, no reasons.

    A customer keeps the out-of-fold probability of training only within the snapshot that the
    model was trained on; in another month it is scored anew, and known to be no stranger.

    Raises:
        OneclickError: The model was made for other features than the parameters name, or by
            another version of the project.
    """
    from oneclick.explain.reasons import REASONS_SCHEMA
    from oneclick.modelling.drift import REFERENCE_FORMAT

    served = f"The model in service, trained on snapshot '{model_info['snapshot']}',"
    if model_info.get("reference_format") != REFERENCE_FORMAT:
        raise OneclickError(
            f"{served} was noted down by another version of oneclick, so drift could not be told. "
            "Train again: kedro run on a labelled month."
        )
    if model_info["features"] != features.model_dump(mode="json"):
        raise OneclickError(
            f"{served} uses other features than conf/base/data_science/parameters.yml names. Train "
            "again (kedro run on a labelled month) or restore the features it was made for."
        )
    no_reasons = REASONS_SCHEMA.empty_table().to_pandas()  # every customer is explained afresh
    known = training_scores
    if model_info["snapshot"] != snapshot:
        known = known.assign(p_decline=float("nan"))
    return model, known, no_reasons


def measure_drift(
    customers: Table,
    decline_scores: Table,
    model_info: dict[str, Any],
    features: Features,
) -> tuple[DataFrame, dict[str, Any]]:
    """Compare this month's customers with those the model learned from."""
    from oneclick.modelling import drift, monitoring
    from oneclick.modelling.features import as_model_frame
    from oneclick.tables.sampling import draw_customers

    sample = draw_customers(customers.join(decline_scores, "customer_id"), _SAMPLE)
    frame = as_model_frame(sample, features)
    known = float((sample["score_source"] == "in_sample").mean())
    p = sample["p_decline"].to_numpy()
    table = drift.measure_drift(model_info["reference"], frame, p, known)
    found = monitoring.describe_drift(table, model_info, len(frame))
    for sentence in (*found["sentences"]["en"], found["verdict"]["en"]):
        logger.info(sentence)
    return table, found


def compare_with_status(
    customers: Table, decline_scores: Table, choice: Choice, seed: int
) -> dict[str, Any]:
    """Say how the model did where this month's status is already known."""
    from oneclick.modelling import monitoring
    from oneclick.tables.sampling import draw_customers

    labelled = customers.filter(customers.declined.notnull())
    known = draw_customers(labelled.join(decline_scores, "customer_id"), _SAMPLE)
    return monitoring.compare_with_status(known, choice.chosen_effort.bootstrap, seed)
