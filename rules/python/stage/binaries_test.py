import binaries
import pytest
from problem import Problem

WASM = b"\0asm\1\0\0\0"


@pytest.mark.parametrize("path", ["p/_x.cpython-313-wasm32-wasi.so", "p/_x.abi3.so", "p/lib.so", "p/lib.1.so", "p/x.py", "p/so"])
def test_what_can_be_loaded(path):
    binaries.check(path, WASM if path.endswith(".so") else b"")


@pytest.mark.parametrize(
    "path",
    [
        "p/_x.cpython-312-wasm32-wasi.so",
        "p/_x.cpython-313-x86_64-linux-gnu.so",
        "p/_x.cp313-win_amd64.pyd",
        "p/libx.dylib",
    ],
)
def test_for_others(path):
    with pytest.raises(Problem, match=r"is for another Python or another machine: .* \.cpython-313-wasm32-wasi\.so"):
        binaries.check(path, WASM)


def test_not_webassembly():
    with pytest.raises(Problem, match="p/_x.abi3.so is not a WebAssembly module: build it from source"):
        binaries.check("p/_x.abi3.so", b"\x7fELF")
