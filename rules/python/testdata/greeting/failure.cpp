// An exception of C++ that becomes one of Python.

#include <Python.h>

#include <stdexcept>
#include <string>

static void fail(const std::string &why)
{
	throw std::runtime_error("failed: " + why);
}

static PyObject *failure(PyObject *, PyObject *why)
{
	try {
		fail(PyUnicode_AsUTF8(why));
	} catch (const std::exception &e) {
		PyErr_SetString(PyExc_RuntimeError, e.what());
	}
	return nullptr;
}

static PyMethodDef functions[] = {{"failure", failure, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_failure", nullptr, 0, functions, nullptr, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit__failure()
{
	return PyModuleDef_Init(&module);
}
