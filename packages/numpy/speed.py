"""Measures how fast numpy computes, by one thread.

usage: python speed.py

It prints the milliseconds that each call takes: the least of some, since what
else the machine does only adds to them. The same file runs with any numpy:

    cowasm run //packages/numpy -- packages/numpy/speed.py
"""

import time

import numpy as np

REPEATS = 9

rng = np.random.default_rng(1)
N = 10**6
f64, g64 = rng.random(N), rng.random(N)
f32, g32 = f64.astype("f4"), g64.astype("f4")
i32 = rng.integers(0, 1000, N).astype("i4")
u8 = np.zeros(N, "u1")
half = f64 > 0.5
places = rng.integers(0, N, N)
square, other = rng.random((300, 300)), rng.random((300, 300))
cube, small = rng.random((64, 64, 64)), rng.random((64, 64))
wave = rng.random(2**16) + 0j
few = np.ones(10)
to_f64, to_f32, to_i32, to_u8 = (np.empty(N, kind) for kind in ["f8", "f4", "i4", "u1"])

CALLS = {
    "sort f64": lambda: np.sort(f64),
    "sort i32": lambda: np.sort(i32),
    "argsort f64": lambda: np.argsort(f64),
    "matmul f64 300x300": lambda: square @ other,
    "solve 300x300": lambda: np.linalg.solve(square, other[:, 0]),
    "fft 2**16": lambda: np.fft.fft(wave),
    "rfft 2**16": lambda: np.fft.rfft(wave.real),
    "add f64": lambda: np.add(f64, g64, out=to_f64),
    "add f32": lambda: np.add(f32, g32, out=to_f32),
    "add i32": lambda: np.add(i32, i32, out=to_i32),
    "add u8": lambda: np.add(u8, u8, out=to_u8),
    "sqrt f64": lambda: np.sqrt(f64, out=to_f64),
    "sin f64": lambda: np.sin(f64, out=to_f64),
    "sin f32": lambda: np.sin(f32, out=to_f32),
    "exp f64": lambda: np.exp(f64, out=to_f64),
    "exp f32": lambda: np.exp(f32, out=to_f32),
    "tanh f64": lambda: np.tanh(f64, out=to_f64),
    "less f64": lambda: f64 < g64,
    "sum f64": lambda: f64.sum(),
    "max f64": lambda: f64.max(),
    "max i32": lambda: i32.max(),
    "random f64": lambda: rng.random(N),
    "random normal": lambda: rng.standard_normal(N),
    "random integers": lambda: rng.integers(0, 1000, N),
    "einsum ijk,kl->ijl": lambda: np.einsum("ijk,kl->ijl", cube, small),
    "index by integers": lambda: f64[places],
    "index by booleans": lambda: f64[half],
    "f64 to i32": lambda: f64.astype("i4"),
    "1000 adds of 10 f64": lambda: [few + few for _ in range(1000)],
}


def milliseconds(call):
    """Returns the least time that a call takes."""
    best = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begin)
    return best * 1000


for name, call in CALLS.items():
    print("%-20s %9.3f" % (name, milliseconds(call)), flush=True)
