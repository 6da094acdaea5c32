"""Kedro's settings of the project: which hooks run and where configuration lies."""

import warnings

from oneclick.parallel import collect_seldom

# Kedro calls omegaconf by an old name at every start; a user can do nothing about it.
warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")

collect_seldom()

from oneclick.hooks import InputHooks, ProcessHooks, ProgressHooks, PublishingHooks  # noqa: E402

# The last registered is called first: inputs are checked before anything is staged, and the last
# step is shown as done before the results are published.
HOOKS = (PublishingHooks(), ProcessHooks(), ProgressHooks(), InputHooks())

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {
        "catalog": ["**/catalog*"],
        "parameters": ["**/parameters*"],
        "globals": ["globals*"],
        "credentials": [],  # the warehouse reads its own; kedro's errors would quote the password
    },
}
