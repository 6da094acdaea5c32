from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.data_science import nodes
from oneclick.previews import chart_of_model_choice, previewed_node

_FEATURES, _CHOICE, _TRAINING = "params:features", "params:choice", "params:training"
_ECONOMICS, _JUDGING = "params:contact_economics", "params:judging"
_EXPLAINING = "params:explaining"


def create_pipeline() -> Pipeline:
    """Return the training: from customers to a judged model and a probability for everybody."""
    choose = [
        Node(nodes.make_training_set,
             ["customers", _FEATURES, _TRAINING],
             "training_set", name="draw_training_set"),
        Node(nodes.evaluate_candidates,
             ["training_set", _FEATURES, "params:candidates", _CHOICE, _TRAINING],
             "nested_scores", name="evaluate_candidates"),
        previewed_node(nodes.compare_candidates,
             ["nested_scores", "customers", _CHOICE, _ECONOMICS],
             ["model_comparison", "champion", "verdict"],
             name="choose_champion", chart=chart_of_model_choice),
    ]  # fmt: skip
    judge = [
        Node(nodes.judge_champion,
             ["nested_scores", "champion", "training_set", _ECONOMICS, _JUDGING],
             ["evaluation", "roc_curve", "precision_recall_curve", "calibration",
              "score_distribution", "lift_table", "group_metrics"],
             name="judge_champion"),
        Node(nodes.probe_champion,
             ["nested_scores", "champion", "verdict", _CHOICE, _JUDGING],
             ["champion_choice", "learning_curve", "permutation_importance"],
             name="probe_champion"),
        Node(nodes.write_model_card,
             ["model_info", "champion_choice", "evaluation", "group_metrics", "explanation_info",
              "params:report"],
             "model_card", name="write_model_card"),
    ]  # fmt: skip
    apply = [
        Node(nodes.fit_model,
             ["nested_scores", "champion", "training_set", "verdict", "params:snapshot"],
             ["decline_model", "model_info", "model_background", "training_scores"],
             name="fit_model"),
        Node(nodes.score_customers,
             ["customers", "decline_model", "model_info", "training_scores", _FEATURES],
             ["decline_scores", "scored_by"], name="score_customers"),
        Node(nodes.explain_training_customers,
             ["training_set", "decline_model", "training_scores", _FEATURES, _CHOICE, _ECONOMICS,
              _EXPLAINING, _TRAINING],
             ["feature_importance", "explanation_points", "worked_examples", "explanation_info",
              "training_reasons"],
             name="explain_training_customers"),
        Node(nodes.choose_explained,
             ["customers", "decline_scores", "params:offer_catalogue", "params:campaign",
              "params:profit_value", _EXPLAINING],
             "explained_customers", name="choose_explained"),
        Node(nodes.explain_customers,
             ["explained_customers", "decline_model", "model_background", "training_reasons",
              _FEATURES, _CHOICE, _EXPLAINING, _TRAINING],
             "decline_reasons", name="explain_customers"),
    ]  # fmt: skip
    return Pipeline([*choose, *judge, *apply], tags="data_science")
