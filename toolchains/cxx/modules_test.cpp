// Checks exceptions that cross modules. The main module.
// usage: modules_test SIDE FRAMES BROKEN REPORT

#include "../posix/check.h"
#include "modules_test.h"

#include <csetjmp>
#include <dlfcn.h>
#include <memory>
#include <typeinfo>

std::string trail;

static void *side, *frames;

// Returns a function of the side module.
template <typename F> static F *from(void *module, const char *name)
{
	void *found = dlsym(module, name);
	CHECK_MESSAGE(found, name);
	return reinterpret_cast<F *>(found);
}

extern "C" void main_throws(int what)
{
	Mark mark('m');
	switch (what) {
	case 0:
		return;
	case 1:
		throw std::out_of_range("from main");
	default:
		throw Failure(what);
	}
}

extern "C" void main_calls(callback *f, void *argument)
{
	Mark mark('c');
	f(argument);
}

static jmp_buf target;

extern "C" void main_jumps(int value)
{
	longjmp(target, value);
}

static void test_from_side()
{
	auto side_throws = from<void(int)>(side, "side_throws");
	trail.clear();
	try {
		Mark mark('t');
		side_throws(1);
		CHECK(false);
	} catch (const std::exception &e) {
		CHECK(std::string(e.what()) == "from the side" && typeid(e) == typeid(std::runtime_error));
	}
	CHECK(trail == "st");
	try {
		side_throws(7);
		CHECK(false);
	} catch (const std::logic_error &) {
		CHECK(false);
	} catch (const Failure &failure) {
		CHECK(failure.code == 7 && std::string(failure.what()) == "failure 7");
	}
	try {
		side_throws(0);
		CHECK(false);
	} catch (int i) {
		CHECK(i == 42);
	}
}

static void test_from_main()
{
	auto side_catches = from<int(int)>(side, "side_catches");
	trail.clear();
	CHECK(side_catches(0) == 0);
	CHECK(side_catches(1) == 1);
	CHECK(side_catches(9) == 9);
	CHECK(trail == "msmsms");
}

static void throw_number(void *number)
{
	throw *static_cast<int *>(number);
}

static void test_through()
{
	// main to side to main to C to main, and back at once.
	auto side_calls = from<callback>(side, "side_calls");
	auto frames_call = from<void(callback *, void *)>(frames, "frames_call");
	struct Call {
		void (*through)(callback *, void *);
		callback *f;
		void *argument;
	};
	int number = 12;
	Call last{frames_call, throw_number, &number};
	Call first{main_calls, side_calls, &last};
	trail.clear();
	try {
		side_calls(&first);
		CHECK(false);
	} catch (int caught) {
		CHECK(caught == 12);
	}
	CHECK(trail == "scs");
	int (*frames_returned)() = from<int()>(frames, "frames_returned");
	CHECK(frames_returned() == 0);
	frames_call([](void *) {}, nullptr);
	CHECK(frames_returned() == 1);
}

static void test_again()
{
	auto side_rethrows = from<void(callback *)>(side, "side_rethrows");
	trail.clear();
	try {
		side_rethrows([](void *) { main_throws(5); });
		CHECK(false);
	} catch (const Failure &failure) {
		CHECK(failure.code == 5);
	}
	CHECK(trail == "mr");
	auto side_keeps = from<std::exception_ptr(callback *)>(side, "side_keeps");
	std::exception_ptr kept = side_keeps([](void *) { main_throws(1); });
	try {
		std::rethrow_exception(kept);
	} catch (const std::out_of_range &e) {
		CHECK(std::string(e.what()) == "from main");
	}
}

static void test_casts()
{
	std::unique_ptr<Shape> triangle(from<Shape *()>(side, "side_makes")());
	CHECK(triangle->corners() == 3);
	CHECK(dynamic_cast<Triangle *>(triangle.get()));
	CHECK(typeid(*triangle) == typeid(Triangle));
	Shape plain;
	auto side_casts = from<bool(Shape *)>(side, "side_casts");
	CHECK(side_casts(triangle.get()) && !side_casts(&plain));
}

static void test_jumps()
{
	auto side_jumps = from<void(int)>(side, "side_jumps");
	int value = setjmp(target);
	if (value == 0)
		side_jumps(11); // which calls main_jumps
	CHECK(value == 11);
	auto side_sets = from<int(int)>(side, "side_sets");
	CHECK(side_sets(0) == 0 && side_sets(13) == 13);
}

static void test_constructors(const char *path)
{
	for (int i = 0; i < 2; i++) {
		CHECK(dlopen(path, RTLD_NOW) == nullptr);
		const char *message = dlerror();
		CHECK(message && strstr(message, "broken.so: its constructors threw an exception: std::runtime_error: no use"));
	}
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	side = dlopen(argv[1], RTLD_NOW);
	CHECK_MESSAGE(side, dlerror());
	frames = dlopen(argv[2], RTLD_NOW);
	CHECK_MESSAGE(frames, dlerror());
	if (side && frames) {
		test_from_side();
		test_from_main();
		test_through();
		test_again();
		test_casts();
		test_jumps();
		test_constructors(argv[3]);
	}
	return write_report(argv[4]);
}
