"""Programs that Python starts: what subprocess and os do over posix_spawn."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import warnings

import pytest


def python(script, *args, **options):
    """Runs a script in a Python of its own and returns what subprocess.run does."""
    return subprocess.run([sys.executable, "-c", script, *args], capture_output=True, text=True, **options)


def test_output_and_status():
    done = python("import sys; print(sys.argv[1]); print('e', file=sys.stderr); sys.exit(3)", "a b")
    assert (done.returncode, done.stdout, done.stderr) == (3, "a b\n", "e\n")
    assert subprocess.check_output([sys.executable, "-c", "print(1)"]) == b"1\n"
    with pytest.raises(subprocess.CalledProcessError):
        python("raise SystemExit(1)", check=True)


def test_stderr_is_merged_in_order():
    script = "import os\nfor i in range(4): os.write(1 + i % 2, b'%d' % i)"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.stdout == b"0123"


def test_environment_and_directory(tmp_path):
    script = "import os; print(os.environ.get('A'), os.getcwd(), os.path.exists('here'))"
    (tmp_path / "here").touch()
    assert python(script, env={"A": "1"}, cwd=tmp_path).stdout == f"1 {tmp_path} True\n"
    assert python(script, env={}, cwd="/").stdout == "None / False\n"
    assert "None" in python(script).stdout


def test_dialogue():
    script = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
    with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True, bufsize=1) as child:
        for word in ["one\n", "two\n"]:
            child.stdin.write(word)
            assert child.stdout.readline() == word.upper()
            assert child.poll() is None
    assert child.returncode == 0


def test_more_than_pipes_hold():
    data = "x" * (1 << 20)
    assert python("import sys; print(sys.stdin.read())", input=data).stdout == data + "\n"


def test_what_cannot_be_started(tmp_path):
    text = tmp_path / "text"
    text.write_text("no program")
    for args, options, name in [
        (["nothing"], {}, "nothing"),
        ([str(text)], {}, str(text)),
        ([sys.executable], {"cwd": "/nowhere"}, "/nowhere"),
        ([sys.executable], {"cwd": str(text)}, str(text)),
    ]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(OSError) as error:
                subprocess.run(args, **options)
            gc.collect()
        assert error.value.filename == name
    with pytest.raises(ValueError, match="preexec_fn is not supported"):
        subprocess.run([sys.executable], preexec_fn=print)


def test_timeout():
    with pytest.raises(subprocess.TimeoutExpired) as expired:
        python("import time; print('begun', flush=True); time.sleep(100)", timeout=5)
    assert expired.value.stdout == b"begun\n"


def test_timeout_of_a_child_that_computes():
    with pytest.raises(subprocess.TimeoutExpired):
        python("while True: pass", timeout=0.1)


def test_asyncio():
    async def talk():
        script = "print(input())"
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return await child.communicate(b"a\n")

    assert asyncio.run(talk()) == (b"a\n", None)


def test_shell():
    assert subprocess.getstatusoutput("echo a; exit 3") == (3, "a")
    assert subprocess.check_output(["echo", "b"]) == b"b\n"


def test_signals():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    child.terminate()
    assert child.wait() == -signal.SIGTERM
    assert python("import os; os.abort()").returncode == -signal.SIGABRT
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, signal.SIGTERM)


def test_descriptors():
    read, write = os.pipe()
    done = python("import os, sys; os.write(int(sys.argv[1]), b'passed')", str(write), pass_fds=[write])
    assert done.returncode == 0 and os.read(read, 10) == b"passed"
    assert python("import os, sys; os.write(int(sys.argv[1]), b'x')", str(write)).returncode == 1
    os.close(read)
    os.close(write)


def test_spawn_and_wait():
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "raise SystemExit(7)"], os.environ)
    assert pid != os.getpid()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


def test_exec():
    script = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'print(1); raise SystemExit(5)'])"
    done = python(script)
    assert (done.returncode, done.stdout) == (5, "1\n")


def test_scripts(tmp_path):
    script = tmp_path / "script"
    script.write_text(f"#!{sys.executable}\nimport sys; print(sys.argv)\n")
    assert subprocess.check_output([script, "a"], text=True) == f"{[str(script), 'a']}\n"
