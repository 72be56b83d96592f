"""Keeps what a build has to say to itself, unless it fails."""

import contextlib
import os
import sys
import traceback

from problem import Problem

_LOG = "/tmp/build.log"

# How much of the log is shown, and how many calls of those that led to the
# failure: what the compiler said comes before them.
_LINES = 60
_CALLS = 3


@contextlib.contextmanager
def quiet(failure):
    """Has this process, and those that it starts, write to a log.

    An error becomes a Problem that says `failure` and shows the end of the log.
    """
    sys.stdout.flush()
    saved = {fd: os.dup(fd) for fd in (1, 2)}
    with open(_LOG, "wb") as log:
        for fd in saved:
            os.dup2(log.fileno(), fd)
    try:
        yield
    except (Exception, SystemExit) as e:
        sys.stdout.flush()
        # Who exits says why; what came before is of no interest.
        traceback.print_exc(limit=-_CALLS, chain=not isinstance(e, SystemExit))
        with open(_LOG, encoding="utf-8", errors="replace") as log:
            end = log.read().splitlines()[-_LINES:]
        raise Problem("\n".join([failure, *end])) from e
    finally:
        sys.stdout.flush()
        for fd, original in saved.items():
            os.dup2(original, fd)
            os.close(original)
