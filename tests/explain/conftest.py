import warnings

with warnings.catch_warnings():
    # shap 0.51 calls what matplotlib 3.11 will deprecate
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import shap  # noqa: F401
