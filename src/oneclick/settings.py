"""Kedro's settings of the project: which hooks run and where configuration lies."""

import warnings

# Raised by omegaconf itself on every configuration file; a user can do nothing about it.
warnings.filterwarnings("ignore", module=r"omegaconf\..*")

from oneclick.hooks import InputHooks, ProgressHooks, PublishingHooks  # noqa: E402

# Hooks run in reverse order of registration before a run, so inputs are checked first.
HOOKS = (ProgressHooks(), PublishingHooks(), InputHooks())

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {
        "catalog": ["**/catalog*"],
        "parameters": ["**/parameters*"],
        "globals": ["globals*"],
    },
}
