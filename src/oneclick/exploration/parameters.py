from typing import Annotated

from pydantic import Field

from oneclick.parameters import Parameters

BEYOND_CHANCE = 5.0  # standard deviations of a dependence; what lies below may be chance


class ExplorationParameters(Parameters):
    """What is looked at, and how finely.

    Attributes:
        max_rows: Customers in the sample; all of them where there are fewer.
        bins: Bars of a histogram of a continuous indicator.
        max_levels: Levels shown of a categorical indicator; rarer ones are counted together.
        drawn_pairs: Pairs of indicators whose joint picture is drawn.
        fence_factor: Values further than this many interquartile ranges from the quartiles are
            unusual (Tukey 1977 calls three "far out").
    """

    max_rows: Annotated[int, Field(ge=100)]
    bins: Annotated[int, Field(ge=5, le=60)]
    max_levels: Annotated[int, Field(ge=2, le=30)]
    drawn_pairs: Annotated[int, Field(ge=1, le=6)]
    fence_factor: Annotated[float, Field(gt=0)]
