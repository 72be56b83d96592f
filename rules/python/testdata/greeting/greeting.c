/* What the configuration found, and what a generated file holds. */

#include <Python.h>

#include "config.h"
#include "names.h"

static PyObject *greet(PyObject *self, PyObject *number)
{
	const char *who = name((int)PyLong_AsLong(number));
	if (!who)
		return PyErr_Format(PyExc_IndexError, "nobody has number %S", number);
	return PyUnicode_FromFormat(GREETING " %s", who);
}

static PyObject *found(PyObject *self, PyObject *unused)
{
	return Py_BuildValue("(ii)", POINTER_SIZE, HAVE_FORK);
}

static PyMethodDef functions[] = {
	{"greet", greet, METH_O, NULL},
	{"found", found, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_greeting", .m_size = 0, .m_methods = functions};

PyMODINIT_FUNC PyInit__greeting(void)
{
	return PyModuleDef_Init(&module);
}
