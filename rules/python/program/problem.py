"""The one kind of error that is the user's to mend."""


class Problem(Exception):
    """Says what is wrong with a BUILD file or a source, and what to do."""
