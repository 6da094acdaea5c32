"""What to fabricate."""

from pydantic import Field

from oneclick.parameters import Parameters


class SampleShop(Parameters):
    """Which synthetic shop to write, and where."""

    customers: int
    seed: int = Field(ge=0)
    folder: str
