"""The report: chapters and charts, and what both choose to show."""

DIVIDING = "monthly_profit"  # what segments are divided by tells nothing new of them
EXAMPLES = ("early_warning", "already_declined", "safe")
