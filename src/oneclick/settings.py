"""Kedro's settings of the project: which hooks run and where configuration lies."""

import gc
import warnings

# Kedro calls omegaconf by an old name at every start; a user can do nothing about it.
warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")

# Libraries make some 300 000 objects that stay. Python would look through them all again and again,
# for a quarter of the time that loading takes and a twentieth of a short run.
gc.set_threshold(500_000)

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
    },
}
