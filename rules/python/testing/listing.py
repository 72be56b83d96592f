"""The tests that a BUILD file lists as failing, each with its reason."""

import re


class Listing:
    """Matches test ids against the keys of an `xfail` attribute.

    A key is the id of a test, or of what holds it: a file, a class, a function
    of which all parameters fail. `*` stands for any characters after the file.
    """

    def __init__(self, reasons):
        self._keys = list(reasons)
        self._patterns = {key: _pattern(key) for key in reasons}
        self._used = set()

    def key(self, nodeid):
        """Returns the key that stands for the test, or None if it is not listed."""
        for key, pattern in self._patterns.items():
            if pattern.match(nodeid):
                self._used.add(key)
                return key
        return None

    def check_files(self, files):
        """Raises ValueError if a key names a file that is not tested."""
        for key in self._keys:
            if _file(key) not in files:
                raise ValueError("xfail lists %r, but %s is not among the files that are tested" % (key, _file(key)))

    def unused(self, files):
        """Returns the keys that name one of the files and have matched no test."""
        return [key for key in self._keys if _file(key) in files and key not in self._used]


def _file(key):
    return key.partition("::")[0]


def _pattern(key):
    text = ".*".join(re.escape(part) for part in key.split("*"))
    return re.compile(text + r"(?=$|::|\[)", re.DOTALL)
