"""Writes the module from which sysconfig knows how Python was built.

usage: sysconfigdata.py PYCONFIG OUTPUT

Upstream takes the data from the Makefile and from pyconfig.h. There is no Makefile
here: what it would say is said below. Paths are those below /py, where the
interpreter and its home are placed.
"""

import pprint
import sys
import sysconfig


def makefile_vars(version):
    """Returns what the Makefile of an interpreter on wasm32-wasip1 would define."""
    soabi = f"cpython-{version.replace('.', '')}-wasm32-wasi"
    library = f"/py/lib/python{version}"
    include = f"/py/include/python{version}"
    cflags = "-fno-strict-overflow -DNDEBUG -O2"
    return {
        "ABIFLAGS": "",
        "AR": "ar",
        "ARFLAGS": "rcs",
        "BASECFLAGS": "-fno-strict-overflow",
        "BINDIR": "/py/bin",
        "BINLIBDEST": library,
        "BLDLIBRARY": "",
        "BLDSHARED": "cc -shared",
        "BUILD_GNU_TYPE": "wasm32-unknown-wasip1",
        "CC": "cc",
        "CCSHARED": "-fPIC",
        "CFLAGS": cflags,
        "CONFIG_ARGS": "",
        "CONFINCLUDEDIR": "/py/include",
        "CONFINCLUDEPY": include,
        "CPPFLAGS": "",
        "CXX": "c++",
        "DESTDIRS": f"/py /py/lib {library} {library}/lib-dynload",
        "DESTSHARED": f"{library}/lib-dynload",
        "ENSUREPIP": "no",
        "EXE": "",
        "EXENAME": f"/py/bin/python{version}",
        "EXT_SUFFIX": f".{soabi}.so",
        "HOST_GNU_TYPE": "wasm32-unknown-wasip1",
        "INCLUDEDIR": "/py/include",
        "INCLUDEPY": include,
        "LDCXXSHARED": "c++ -shared",
        "LDFLAGS": "",
        "LDLIBRARY": f"libpython{version}.a",
        "LDSHARED": "cc -shared",
        "LDVERSION": version,
        "LIBDEST": library,
        "LIBDIR": "/py/lib",
        "LIBM": "-lm",
        "LIBPYTHON": "",
        "LIBRARY": f"libpython{version}.a",
        "LIBS": "",
        "LINKCC": "cc",
        "LINKFORSHARED": "",
        "MACHDEP": "wasi",
        "MACHDESTLIB": library,
        "MULTIARCH": "wasm32-wasi",
        "OPT": "-DNDEBUG -O2",
        "PLATLIBDIR": "lib",
        "PYTHONFRAMEWORK": "",
        "PYTHONPATH": "",
        "PY_CFLAGS": cflags,
        "PY_CFLAGS_NODIST": "-std=c11 -fvisibility=hidden",
        "PY_CORE_CFLAGS": f"{cflags} -std=c11 -fvisibility=hidden",
        "PY_CORE_LDFLAGS": "",
        "PY_ENABLE_SHARED": 0,
        "PY_LDFLAGS": "",
        "PY_LDFLAGS_NODIST": "",
        "Py_DEBUG": 0,
        "Py_ENABLE_SHARED": 0,
        "Py_GIL_DISABLED": 0,
        "RANLIB": "ranlib",
        "SCRIPTDIR": "/py/lib",
        "SHELL": "/bin/sh",
        "SHLIB_SUFFIX": ".so",
        "SOABI": soabi,
        "TEST_MODULES": "no",
        "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo",
        "VERSION": version,
        "WHEEL_PKG_DIR": "",
        "exec_prefix": "/py",
        "prefix": "/py",
    }


def main():
    pyconfig, output = sys.argv[1:]
    data = makefile_vars(f"{sys.version_info.major}.{sys.version_info.minor}")
    with open(pyconfig, encoding="utf-8") as f:
        sysconfig.parse_config_h(f, data)
    with open(output, "w", encoding="utf-8") as f:
        f.write('"""How this Python was built, for sysconfig."""\n\nbuild_time_vars = ')
        pprint.pprint(data, stream=f)


if __name__ == "__main__":
    main()
