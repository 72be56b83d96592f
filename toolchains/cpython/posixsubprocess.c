/* The module _posixsubprocess: what subprocess starts programs with. Upstream's
   forks; this one spawns.

   What a program that forks could do between fork and exec is not possible here:
   to call a function, to become another user. Sessions, groups and signals have
   no meaning. */

#include "Python.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* What fork_exec is called with, as far as it matters here. */
struct request {
    PyObject *executables;
    char **argv, **environment;
    PyObject *cwd;   /* bytes, or NULL */
    PyObject *kept;  /* descriptors, a tuple of ints */
    int stdin_read, stdin_write;
    int stdout_read, stdout_write;
    int stderr_read, stderr_write;
    int error_read, error_write;
};

static void
free_strings(char **strings)
{
    for (char **s = strings; s && *s; s++) {
        PyMem_Free(*s);
    }
    PyMem_Free(strings);
}

/* Returns the strings of a sequence of paths, or NULL with an exception. */
static char **
copy_strings(PyObject *sequence)
{
    PyObject *fast = PySequence_Fast(sequence, "argv must be a tuple");
    if (!fast) {
        return NULL;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    char **strings = PyMem_Calloc(count + 1, sizeof(char *));
    if (!strings) {
        PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; strings && i < count; i++) {
        PyObject *bytes;
        /* The conversion may change the sequence. */
        if (PySequence_Fast_GET_SIZE(fast) != count) {
            PyErr_SetString(PyExc_RuntimeError, "args changed during iteration");
        }
        else if (PyUnicode_FSConverter(PySequence_Fast_GET_ITEM(fast, i), &bytes)) {
            size_t size = PyBytes_GET_SIZE(bytes) + 1;
            strings[i] = PyMem_Malloc(size);
            if (strings[i]) {
                memcpy(strings[i], PyBytes_AS_STRING(bytes), size);
            }
            else {
                PyErr_NoMemory();
            }
            Py_DECREF(bytes);
        }
        if (!strings[i]) {
            free_strings(strings);
            strings = NULL;
        }
    }
    Py_DECREF(fast);
    return strings;
}

/* Checks that a tuple has paths in bytes. */
static int
check_executables(PyObject *executables)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(executables); i++) {
        char *path;
        if (PyBytes_AsStringAndSize(PyTuple_GET_ITEM(executables, i), &path, NULL) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Checks that a tuple has descriptors in ascending order. */
static int
check_kept(PyObject *kept)
{
    long previous = -1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kept); i++) {
        PyObject *item = PyTuple_GET_ITEM(kept, i);
        long fd = PyLong_Check(item) ? PyLong_AsLong(item) : -1;
        if (fd < 0 || fd <= previous || fd > INT_MAX) {
            PyErr_Clear();
            PyErr_SetString(PyExc_ValueError, "bad value(s) in fds_to_keep");
            return -1;
        }
        previous = fd;
    }
    return 0;
}

/* Says which descriptors the child gets. Returns 0 or an errno. */
static int
add_actions(const struct request *r, posix_spawn_file_actions_t *actions)
{
    int closed[] = {r->stdin_write, r->stdout_read, r->stderr_read, r->error_read, r->error_write};
    int standard[] = {r->stdin_read, r->stdout_write, r->stderr_write};
    int error = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(closed) && !error; i++) {
        if (closed[i] >= 0) {
            error = posix_spawn_file_actions_addclose(actions, closed[i]);
        }
    }
    for (int fd = 0; fd < 3 && !error; fd++) {
        if (standard[fd] >= 0) {
            error = posix_spawn_file_actions_adddup2(actions, standard[fd], fd);
        }
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(r->kept) && !error; i++) {
        int fd = (int)PyLong_AsLong(PyTuple_GET_ITEM(r->kept, i));
        if (fd > 2 && fd != r->error_write) {
            error = posix_spawn_file_actions_adddup2(actions, fd, fd);
        }
    }
    if (r->cwd && !error) {
        error = posix_spawn_file_actions_addchdir(actions, PyBytes_AS_STRING(r->cwd));
    }
    return error;
}

/* Returns 0 or an errno. Of those of several files that cannot be run, it is the
   first that says more than that there is no such file. */
static int
spawn(const struct request *r, const posix_spawn_file_actions_t *actions, pid_t *pid)
{
    int first = ENOENT;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(r->executables); i++) {
        const char *path = PyBytes_AS_STRING(PyTuple_GET_ITEM(r->executables, i));
        int error = posix_spawn(pid, path, actions, NULL, r->argv, r->environment ? r->environment : environ);
        if (error == 0) {
            return 0;
        }
        if (error != ENOENT && error != ENOTDIR && first == ENOENT) {
            first = error;
        }
    }
    return first;
}

/* Starts the child. What goes wrong is written to where subprocess reads it. */
static pid_t
start(const struct request *r)
{
    pid_t pid = INT_MAX; /* no child's */
    const char *when = "noexec";
    struct stat status;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    int error = add_actions(r, &actions);
    if (!error && r->cwd) {
        when = "noexec:chdir";
        const char *cwd = PyBytes_AS_STRING(r->cwd);
        error = stat(cwd, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
    }
    if (!error) {
        when = "";
        error = spawn(r, &actions, &pid);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        dprintf(r->error_write, "OSError:%x:%s", error, when);
    }
    return pid;
}

/* Moves a descriptor out of the way of those that become 0 and 1 before it. */
static int
move_away(int *fd, int below, int *moved)
{
    *moved = -1;
    if (*fd < 0 || *fd >= below) {
        return 0;
    }
    *moved = fcntl(*fd, F_DUPFD, 3);
    if (*moved < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    *fd = *moved;
    return 0;
}

PyDoc_STRVAR(fork_exec_doc,
"fork_exec($module, args, executable_list, close_fds, pass_fds, cwd, env,\n"
"          p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite,\n"
"          errpipe_read, errpipe_write, restore_signals, call_setsid,\n"
"          pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn,\n"
"          allow_vfork, /)\n"
"--\n"
"\n"
"Starts a program and returns its process number.\n"
"\n"
"If it cannot be started, why is written to errpipe_write, as subprocess reads it.");

static PyObject *
fork_exec(PyObject *module, PyObject *args)
{
    struct request r = {0};
    PyObject *arguments, *cwd, *environment, *gid, *groups, *uid, *function;
    int close_fds, signals, session, group, umask, vfork;
    if (!PyArg_ParseTuple(args, "OO!pO!OOiiiiiiiippiOOOiOp:fork_exec", &arguments, &PyTuple_Type, &r.executables,
                          &close_fds, &PyTuple_Type, &r.kept, &cwd, &environment, &r.stdin_read, &r.stdin_write,
                          &r.stdout_read, &r.stdout_write, &r.stderr_read, &r.stderr_write, &r.error_read,
                          &r.error_write, &signals, &session, &group, &gid, &groups, &uid, &umask, &function,
                          &vfork)) {
        return NULL;
    }
    if (function != Py_None) {
        PyErr_SetString(PyExc_ValueError, "preexec_fn is not supported on WASI: a child is not a copy of its parent");
        return NULL;
    }
    if (gid != Py_None || uid != Py_None || groups != Py_None) {
        PyErr_SetString(PyExc_ValueError, "WASI has one user only");
        return NULL;
    }
    if (close_fds && r.error_write < 3) {
        PyErr_SetString(PyExc_ValueError, "errpipe_write must be >= 3");
        return NULL;
    }
    if (check_executables(r.executables) < 0 || check_kept(r.kept) < 0) {
        return NULL;
    }

    PyObject *result = NULL;
    int moved_stdout = -1, moved_stderr = -1;
    r.argv = copy_strings(arguments);
    if (!r.argv ||
        (environment != Py_None && !(r.environment = copy_strings(environment))) ||
        (cwd != Py_None && !PyUnicode_FSConverter(cwd, &r.cwd)) ||
        move_away(&r.stdout_write, 1, &moved_stdout) < 0 ||
        move_away(&r.stderr_write, 2, &moved_stderr) < 0) {
        goto done;
    }
    result = PyLong_FromLong(start(&r));
done:
    if (moved_stdout >= 0) {
        close(moved_stdout);
    }
    if (moved_stderr >= 0) {
        close(moved_stderr);
    }
    free_strings(r.argv);
    free_strings(r.environment);
    Py_XDECREF(r.cwd);
    return result;
}

static PyMethodDef methods[] = {
    {"fork_exec", fork_exec, METH_VARARGS, fork_exec_doc},
    {NULL, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_posixsubprocess",
    .m_doc = "What subprocess starts programs with.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__posixsubprocess(void)
{
    return PyModuleDef_Init(&definition);
}
