"""Threads, which take turns."""

import asyncio
import concurrent.futures
import contextvars
import os
import queue
import subprocess
import sys
import threading
import time

import pytest

DEADLOCK = "all threads wait"


def run(*targets):
    """Runs functions at the same time, each in a thread."""
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(thread.is_alive() for thread in threads)


def test_who_runs():
    names, idents = [], set()

    def note():
        names.append(threading.current_thread().name)
        idents.add(threading.get_ident())
        time.sleep(1)

    run(note, note, note)
    assert len(set(names)) == len(idents) == 3
    assert threading.current_thread() is threading.main_thread()
    assert threading.active_count() == 1


def test_sleeping_takes_turns():
    log = []

    def work(name):
        for i in range(3):
            time.sleep(0.1)
            log.append(f"{name}{i}")

    run(lambda: work("a"), lambda: work("b"))
    assert log == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_queue():
    q, got = queue.Queue(2), []

    def produce():
        for i in range(20):
            q.put(i)
        q.put(None)

    run(produce, lambda: got.extend(iter(q.get, None)))
    assert got == list(range(20))


def test_conditions():
    barrier, event, log = threading.Barrier(3), threading.Event(), []

    def meet():
        barrier.wait()
        event.wait()
        log.append(1)

    threading.Timer(5, event.set).start()
    run(meet, meet, meet)
    assert len(log) == 3 and event.wait(0)


def test_executors():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(abs, range(-20, 0))) == list(range(20, 0, -1))
        assert isinstance(pool.submit(lambda: 1 / 0).exception(), ZeroDivisionError)
    assert asyncio.run(asyncio.to_thread(threading.get_ident)) != threading.get_ident()


def test_each_has_its_own():
    local, variable, seen = threading.local(), contextvars.ContextVar("x", default=0), []
    local.x = 1
    variable.set(1)
    run(lambda: seen.append((hasattr(local, "x"), variable.get())))
    assert seen == [(False, 0)] and local.x == 1


def test_pipes():
    read, write = os.pipe()
    got = []
    run(lambda: got.append(os.read(read, 10)), lambda: os.write(write, b"x"))
    assert got == [b"x"]


@pytest.mark.parametrize(
    "wait",
    [
        lambda lock: lock.acquire(),
        lambda lock: threading.RLock() and threading.Event().wait(),
        lambda lock: queue.Queue().get(),
        lambda lock: queue.SimpleQueue().get(),
        lambda lock: threading.Barrier(2).wait(),
    ],
)
def test_deadlock(wait):
    lock = threading.Lock()
    with lock, pytest.raises(RuntimeError, match=DEADLOCK):
        wait(lock)


def test_deadlock_between_threads():
    lock = threading.Lock()
    with lock:
        thread = threading.Thread(target=lock.acquire, daemon=True)
        thread.start()
        with pytest.raises(RuntimeError, match=DEADLOCK):
            thread.join()
        thread.join(timeout=1)
        assert thread.is_alive()
    thread.join()


def test_timeouts_are_no_deadlock():
    lock = threading.Lock()
    with lock:
        assert not lock.acquire(timeout=100)
    assert not threading.Event().wait(100)
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=100)


@pytest.mark.parametrize("delay", [0, 0.05])
def test_who_looks_over_and_over_gives_way(delay):
    done = []
    thread = threading.Thread(target=lambda: time.sleep(delay) or done.append(1))
    thread.start()
    while not done:
        pass
    while thread.is_alive():
        pass


def test_many():
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        barrier = threading.Barrier(100)
        assert sorted(pool.map(lambda i: barrier.wait(), range(100))) == list(range(100))


def test_recursion():
    def depth(n):
        return n if n == 0 else 1 + depth(n - 1)

    def endless():
        return [endless()]

    got = []

    def overflow():
        try:
            endless()
        except RecursionError:
            got.append("overflow")

    run(lambda: got.append(depth(900)), overflow)
    assert got == [900, "overflow"]


@pytest.mark.parametrize(
    "script, code",
    [
        ("threading.Thread(target=time.sleep, args=[1e9], daemon=True).start()", 0),
        ("threading.Thread(target=lambda: time.sleep(1) or print('end')).start()", 0),
        ("t = threading.Thread(target=os._exit, args=[3]); t.start(); t.join()", 3),
        ("t = threading.Thread(target=os.abort); t.start(); t.join()", -6),
    ],
)
def test_how_programs_end(script, code):
    done = subprocess.run([sys.executable, "-c", f"import os, threading, time; {script}"], stdout=-1, stderr=-1)
    assert done.returncode == code
    assert (b"end" in done.stdout) == ("end" in script)
