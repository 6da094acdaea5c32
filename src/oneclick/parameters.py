"""The base of every group of parameters that a pipeline takes from ``conf``."""

from pydantic import BaseModel, ConfigDict


class Parameters(BaseModel):
    """A frozen group of parameters; a misspelt or unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
