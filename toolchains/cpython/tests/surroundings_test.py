"""What surrounds a program: time zones, files, and no network."""

import gc
import operator
import os
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
