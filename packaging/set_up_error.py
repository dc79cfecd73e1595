"""The one error of the set-up that its user can act on."""


class SetUpError(Exception):
    """Something that the set-up needs is not there; the text says what, and what to do."""
