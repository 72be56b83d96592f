"""What the programs behind the rules have in common: their arguments, and how they fail."""

import json
import os
import sys

from problem import Problem


def run(work):
    """Calls `work` with what the command line names: a configuration, which is a JSON object, and paths.

    The paths are absolute, for those who change the working directory. A Problem
    ends the program with a message that begins with the target.
    """
    config_path, *paths = sys.argv[1:]
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    try:
        work(config, *map(os.path.abspath, paths))
    except Problem as problem:
        sys.exit("%s: %s" % (config["label"], problem))
