"""Describes a bundle: `NAME.json` for programs, `NAME.sizes.txt` for people.

usage: python describe.py CONFIG STAGED ACTIONS ARCHIVE JSON SIZES

CONFIG is the JSON object that rules/python/bundle.bzl writes, STAGED the report
of the stage program, ACTIONS the keys of all actions behind ARCHIVE, which is
the bundle.
"""

import collections
import hashlib
import json
import os
import sys

_KINDS = {
    "code": "bytecode",
    "names": "names, constants",
    "lines": "line tables",
    "docs": "docstrings",
    "data": "data",
}


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def description(config, staged, actions, archive):
    """Returns what there is to know about a bundle, as a JSON object."""
    return {
        "name": staged["name"],
        "version": staged["version"],
        "import_name": config["import_name"],
        "modules": staged["modules"],
        "source": config["source"],
        "dependencies": staged["requires"],
        "abi": {"tag": config["abi"], "python": config["python"], "python_sha256": sha256(sys.executable)},
        "archive": os.path.basename(archive),
        "size": os.path.getsize(archive),
        "sha256": sha256(archive),
        "actions": actions,
    }


def size_report(staged, archive):
    """Returns a table of what the bytes of a bundle are, the largest part first."""
    parts = collections.defaultdict(collections.Counter)
    total = collections.Counter()
    for path, sizes in staged["files"].items():
        for counter in parts[_part(path)], total:
            counter.update(sizes, files=1)
    rows = [["", "files", "bytes", *_KINDS.values()]]
    for part, sizes in sorted(parts.items(), key=lambda item: (-_bytes(item[1]), item[0])):
        rows.append(_row(part, sizes))
    rows.append(_row("total", total))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [
        "%s %s: %d bytes in %d files, %d bytes as %s"
        % (
            staged["name"],
            staged["version"],
            _bytes(total),
            total["files"],
            os.path.getsize(archive),
            os.path.basename(archive),
        ),
        "",
    ]
    for label, *numbers in rows:
        cells = [label.ljust(widths[0]), *(n.rjust(w) for n, w in zip(numbers, widths[1:]))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _part(path):
    """Returns the sub-package or top-level module of a file."""
    folders = path.split("/")[:-1]
    return "/".join(folders[:2]) or path


def _bytes(sizes):
    return sum(sizes[kind] for kind in _KINDS)


def _row(label, sizes):
    return [label, str(sizes["files"]), str(_bytes(sizes)), *(str(sizes[kind]) for kind in _KINDS)]


def main(config_path, staged_path, actions_path, archive, json_path, sizes_path):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    with open(staged_path, encoding="utf-8") as f:
        staged = json.load(f)
    with open(actions_path, encoding="utf-8") as f:
        actions = f.read().splitlines()
    with open(json_path, "w", encoding="utf-8") as f:
        json.dump(description(config, staged, actions, archive), f, indent=1)
        f.write("\n")
    with open(sizes_path, "w", encoding="utf-8") as f:
        f.write(size_report(staged, archive))


if __name__ == "__main__":
    main(*sys.argv[1:])
