"""Decides which files go where.

Patterns are globs in which `**` stands for any number of folders.
"""

import glob
import os
import re

from problem import Problem


def choose(paths, default_strip, strip, keep):
    """Returns, sorted, the paths that are not stripped.

    `strip` adds to `default_strip`; `keep` names exceptions to both. A pattern of
    `strip` or `keep` that changes nothing is a mistake.
    """
    stripped = matching(paths, default_strip) | named("strip", strip, paths)
    kept = named("keep", keep, stripped, "file that would be stripped")
    return sorted(set(paths) - (stripped - kept))


def matching(paths, patterns):
    """Returns the set of paths that match any of the patterns."""
    matchers = [_matcher(pattern) for pattern in patterns]
    return {path for path in paths if any(match(path) for match in matchers)}


def named(attribute, patterns, paths, kind="file of the source"):
    """Returns what `matching` does. A pattern that matches nothing is a mistake in the attribute."""
    found = set()
    for pattern in patterns:
        matches = matching(paths, [pattern])
        if not matches:
            near = _near(pattern, paths)
            raise Problem("%s: no %s matches %r%s" % (attribute, kind, pattern, "; did you mean %r?" % near if near else ""))
        found |= matches
    return found


def _near(pattern, paths):
    """Returns the pattern that who wrote one that matches nothing most likely meant, or None."""
    import difflib  # takes longer than all the rest, and is not needed as a rule

    candidates = set(paths)
    for path in paths:
        parts = path.split("/")
        candidates.update("/".join(parts[:i]) + "/**" for i in range(1, len(parts)))
        candidates.add("**/*" + os.path.splitext(path)[1])
    return next(iter(difflib.get_close_matches(pattern, candidates, n=1)), None)


def _matcher(pattern):
    return re.compile(glob.translate(pattern, recursive=True, include_hidden=True)).match
