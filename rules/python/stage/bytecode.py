"""Compiles modules to `.pyc` files that hold no more than running them takes.

The interpreter has to be started with `-X no_debug_ranges`: it then leaves the
columns out of the tables from instructions to source positions.
"""

import importlib.util
import marshal
import types
import warnings

from problem import Problem

# Flags 1: the file is hash-based and its source is not looked at, so there is
# no time in it; and the hash of a source that nobody has can be anything.
_HEADER = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)

# The kinds of entries in a location table (CPython's
# InternalDocs/code_objects.md): those that are left without columns.
_NO_COLUMNS = 13
_NO_LOCATION = 15


def compile_module(source, path):
    """Returns the content of the `.pyc` of a module, and what its bytes are.

    The path is where the module is within the bundle: tracebacks show it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError) as e:
        raise Problem("%s: %s. If nothing imports it, add it to strip" % (path, e)) from e
    code = _compact(code)
    content = _HEADER + marshal.dumps(code)
    sizes = {"code": 0, "lines": 0, "docs": 0}
    _measure(code, sizes)
    sizes["names"] = len(content) - sum(sizes.values())
    return content, sizes


def _compact(code):
    """Returns the code object with location tables as short as they can be."""
    return code.replace(
        co_linetable=_merge(code.co_linetable),
        co_consts=tuple(_compact(c) if isinstance(c, types.CodeType) else c for c in code.co_consts),
    )


def _merge(table):
    """Merges neighbouring entries of a location table that say the same.

    The compiler writes an entry for each change of line or column. With the
    columns gone, many entries differ in nothing: a tenth of what a package is.
    """
    out = bytearray()
    for delta, length in _runs(table):
        kind = _NO_LOCATION if delta is None else _NO_COLUMNS
        while length > 0:
            n = min(length, 8)
            out.append(0x80 | kind << 3 | n - 1)
            if delta is not None:
                out += delta
                delta = b"\0"  # on the same line
            length -= n
    return bytes(out)


def _runs(table):
    """Yields the (change of line, number of code units) of each run of equal entries.

    The change is a signed varint as it is in the table, or None where there is
    no location.
    """
    current, length, i = None, 0, 0
    while i < len(table):
        kind, n = table[i] >> 3 & 15, (table[i] & 7) + 1
        i += 1
        delta = None
        if kind == _NO_COLUMNS:
            end = i + 1
            while table[end - 1] & 0x40:
                end += 1
            delta, i = table[i:end], end
        elif kind != _NO_LOCATION:
            raise AssertionError("the interpreter was started without -X no_debug_ranges")
        same = current is None if delta is None else current is not None and delta == b"\0"
        if length and same:
            length += n
            continue
        if length:
            yield current, length
        current, length = delta, n
    if length:
        yield current, length


def _measure(code, sizes):
    sizes["code"] += len(code.co_code) + len(code.co_exceptiontable)
    sizes["lines"] += len(code.co_linetable)
    sizes["docs"] += len(_docstring(code).encode("utf-8", "surrogatepass"))
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            _measure(const, sizes)


def _docstring(code):
    """Returns the docstring of a module, class or function."""
    function = code.co_flags & 0x02  # CO_NEWLOCALS
    if not function and "__doc__" not in code.co_names:
        return ""
    # The first constants of a class are its qualified name and its first line.
    for const in code.co_consts[: 1 if function else 3]:
        if isinstance(const, str) and const != code.co_qualname:
            return const
    return ""
