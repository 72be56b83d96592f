/* An extension module whose functions take other numbers of parameters than
   Python passes, as many in the world do. */

#include <Python.h>

static PyObject *no_parameters(void)
{
	return PyUnicode_FromString("none");
}

static PyObject *only_self(PyObject *self)
{
	return PyUnicode_FromString("self");
}

static PyObject *no_keywords(PyObject *self, PyObject *args)
{
	return Py_NewRef(args);
}

static PyObject *exact(PyObject *self, PyObject *arg)
{
	return Py_NewRef(arg);
}

static PyMethodDef functions[] = {
	{"no_parameters", (PyCFunction)(void (*)(void))no_parameters, METH_NOARGS, NULL},
	{"only_self", (PyCFunction)only_self, METH_NOARGS, NULL},
	{"no_keywords", (PyCFunction)no_keywords, METH_VARARGS | METH_KEYWORDS, NULL},
	{"exact", exact, METH_O, NULL},
	{NULL},
};

typedef struct {
	PyObject_HEAD
	PyObject *value;
} Odd;

static PyObject *get_value(Odd *self)
{
	return Py_NewRef(self->value ? self->value : Py_None);
}

static int set_value(Odd *self, PyObject *value)
{
	Py_XSETREF(self->value, Py_XNewRef(value));
	return 0;
}

static PyGetSetDef attributes[] = {
	{"value", (getter)get_value, (setter)set_value, NULL, NULL},
	{NULL},
};

static PyMethodDef methods[] = {
	{"only_self", (PyCFunction)only_self, METH_NOARGS, NULL},
	{NULL},
};

static void dealloc(Odd *self)
{
	Py_XDECREF(self->value);
	Py_TYPE(self)->tp_free(self);
}

static PyTypeObject type = {
	PyVarObject_HEAD_INIT(NULL, 0)
	.tp_name = "_odd.Odd",
	.tp_basicsize = sizeof(Odd),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_new = PyType_GenericNew,
	.tp_dealloc = (destructor)dealloc,
	.tp_getset = attributes,
	.tp_methods = methods,
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "_odd",
	.m_size = -1,
	.m_methods = functions,
};

PyMODINIT_FUNC PyInit__odd(void)
{
	if (PyType_Ready(&type) < 0)
		return NULL;
	PyObject *m = PyModule_Create(&module);
	if (m && PyModule_AddObjectRef(m, "Odd", (PyObject *)&type) < 0)
		Py_CLEAR(m);
	return m;
}
