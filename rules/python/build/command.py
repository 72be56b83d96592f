"""What the programs that build wheels have in common: their arguments, and how they fail."""

import json
import os
import sys

from problem import Problem


def run(build):
    """Calls `build` with the configuration and the path of the output that the command line names.

    A Problem ends the program with a message that begins with the target.
    """
    config_path, output = sys.argv[1:]
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    try:
        build(config, os.path.abspath(output))
    except Problem as problem:
        sys.exit("%s: %s" % (config["label"], problem))
