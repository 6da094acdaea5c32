"""Errors for people: the message says what is wrong, where, and what to do."""


class OneclickError(Exception):
    """A mistake that the user can mend; shown as one message, without a traceback."""
