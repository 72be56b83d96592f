"""Decides which files go into a bundle."""

import glob
import re

from problem import Problem


def choose(paths, default_strip, strip, keep):
    """Returns, sorted, the paths that are not stripped.

    `strip` adds to `default_strip`; `keep` names exceptions to both. Patterns
    are globs in which `**` stands for any number of folders. A pattern of
    `strip` or `keep` that changes nothing is a mistake.
    """
    default = [_matcher(pattern) for pattern in default_strip]
    stripped = {path for path in paths if any(match(path) for match in default)}
    for pattern in strip:
        found = set(filter(_matcher(pattern), paths))
        if not found:
            raise Problem("strip: no file of the source matches %r" % pattern)
        stripped |= found
    kept = set()
    for pattern in keep:
        found = set(filter(_matcher(pattern), stripped))
        if not found:
            raise Problem("keep: no file that would be stripped matches %r" % pattern)
        kept |= found
    return sorted(set(paths) - (stripped - kept))


def _matcher(pattern):
    return re.compile(glob.translate(pattern, recursive=True, include_hidden=True)).match
