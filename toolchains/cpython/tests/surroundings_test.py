"""What surrounds a program: time zones, files, and no network."""

import gc
import importlib
import operator
import os
import py_compile
import socket
import stat
import time
import urllib.error
import urllib.request

import pytest


@pytest.mark.parametrize(
    "zone, names, offsets, local",
    [
        ("UTC0", ("UTC", "UTC"), (0, 0), "09:46 UTC +0000"),
        ("EST5EDT,M3.2.0,M11.1.0", ("EST", "EDT"), (18000, 14400), "05:46 EDT -0400"),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", ("AEST", "AEDT"), (-36000, -39600), "19:46 AEST +1000"),
    ],
)
def test_time_zones(monkeypatch, zone, names, offsets, local):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert time.tzname == names
        assert (time.timezone, time.altzone) == offsets
        assert time.strftime("%H:%M %Z %z", time.localtime(1720000000)) == local
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("function", [open, os.stat, os.listdir, os.chdir, os.unlink])
def test_an_empty_path_names_nothing(function):
    with pytest.raises(FileNotFoundError):
        function("")


def test_files_belong_to_the_user(tmp_path):
    for status in os.stat("/"), os.lstat(tmp_path), os.stat(__file__):
        assert (status.st_uid, status.st_gid) == (os.getuid(), os.getgid())


def test_a_module_is_found_as_soon_as_it_is_there(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for name in "first_module", "second_module":
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(name)
        (tmp_path / f"{name}.py").touch()
        importlib.import_module(name)


def test_times_of_files_are_those_of_the_clock(tmp_path):
    path = tmp_path / "f"
    times = [time.time()]
    for text in "a", "b":
        path.write_text(text)
        times.append(path.stat().st_mtime)
    times.append(time.time())
    assert times == sorted(set(times))


SOURCE = """
import warnings
def code(): return [f.__code__ for f in (code, lambda: 0)]
def warn(): warnings.warn("!")
"""


@pytest.mark.parametrize("source, module", [("m.py", "m"), ("p/__init__.py", "p"), ("q/m.py", "q.m")])
def test_bytecode_knows_where_it_is(tmp_path, monkeypatch, source, module):
    path = tmp_path / source
    path.parent.mkdir(exist_ok=True)
    path.write_text(SOURCE)
    py_compile.compile(path, cfile=path.with_suffix(".pyc"), dfile="elsewhere.py")
    path.unlink()
    monkeypatch.syspath_prepend(tmp_path)
    m = importlib.import_module(module)
    assert m.__file__ == str(path) + "c"
    assert {code.co_filename for code in m.code()} == {str(path)}
    with pytest.warns(UserWarning) as caught:
        m.warn()
    assert caught[0].filename == str(path)


def test_pipes_are_known():
    read, write = os.pipe()
    assert stat.S_ISFIFO(os.fstat(read).st_mode) and stat.S_ISFIFO(os.fstat(write).st_mode)
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("function", [os.mkdir, lambda path: open(path, "w")])
def test_devices_cannot_be_made(function):
    with pytest.raises(OSError):
        function("/dev/tty")


def test_there_is_no_network():
    with pytest.raises(socket.gaierror, match="there is no network"):
        socket.getaddrinfo("localhost", 80)
    with pytest.raises(urllib.error.URLError, match="there is no network"):
        urllib.request.urlopen("http://localhost/")
    assert socket.getfqdn() == socket.gethostname()


def test_what_is_collected():
    cycle = {}
    cycle[1] = operator.methodcaller("x", cycle)
    del cycle
    assert gc.collect() >= 2
