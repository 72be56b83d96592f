// A side module that throws and catches.

#include "../modules_test.h"

#include <csetjmp>

extern "C" {

SHARED void side_throws(int what)
{
	Mark mark('s');
	switch (what) {
	case 0:
		throw 42;
	case 1:
		throw std::runtime_error("from the side");
	default:
		throw Failure(what);
	}
}

SHARED int side_catches(int what)
{
	Mark mark('s');
	try {
		main_throws(what);
	} catch (const std::out_of_range &e) {
		return e.what() == std::string("from main") ? 1 : -1;
	} catch (const Failure &failure) {
		return failure.code;
	}
	return 0;
}

struct Call {
	void (*through)(callback *, void *);
	callback *f;
	void *argument;
};

SHARED void side_calls(void *argument)
{
	Mark mark('s');
	Call *call = static_cast<Call *>(argument);
	call->through(call->f, call->argument);
}

SHARED void side_rethrows(callback *f)
{
	try {
		f(nullptr);
	} catch (...) {
		trail += 'r';
		throw;
	}
}

SHARED void side_jumps(int value)
{
	try {
		main_jumps(value);
	} catch (...) {
	}
}

SHARED int side_sets(int value)
{
	jmp_buf target;
	int jumped = setjmp(target);
	if (jumped == 0 && value != 0)
		longjmp(target, value);
	return jumped;
}

SHARED bool side_casts(Shape *shape)
{
	return dynamic_cast<Triangle *>(shape) != nullptr;
}

SHARED Shape *side_makes()
{
	return new Triangle;
}
}

// It returns what C cannot, but is looked up by its name.
extern "C" SHARED std::exception_ptr side_keeps(callback *f)
{
	try {
		f(nullptr);
	} catch (...) {
		return std::current_exception();
	}
	return nullptr;
}
