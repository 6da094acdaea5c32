"""The base of every group of parameters that a pipeline takes from ``conf``."""

from pydantic import BaseModel, ConfigDict


class Parameters(BaseModel):
    """A frozen group of parameters; a misspelt or unknown key is an error, never ignored."""

    # Groups that a command does not use are never built: listing pipelines needs none of them.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)


class Wording(Parameters):
    """A text in both languages."""

    ru: str
    en: str
