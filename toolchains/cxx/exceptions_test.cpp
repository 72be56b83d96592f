// Checks exceptions within a program. usage: exceptions_test REPORT

#include "../posix/check.h"

#include <algorithm>
#include <any>
#include <csetjmp>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <variant>
#include <vector>

namespace {

// What happened, one letter each.
std::string trail;

struct Mark {
	char letter;
	explicit Mark(char letter) : letter(letter) {}
	~Mark() { trail += letter; }
};

// Returns what happened in f.
template <typename F> std::string trail_of(F f)
{
	trail.clear();
	f();
	return trail;
}

struct Base {
	virtual ~Base() = default;
	virtual int number() const { return 1; }
};
struct Left : virtual Base {
	int number() const override { return 2; }
};
struct Right : virtual Base {};
struct Both : Left, Right {
	int extra = 7;
};
struct Private : private std::runtime_error {
	Private() : std::runtime_error("private") {}
};

void test_types()
{
	auto caught = [](auto thrower) -> std::string {
		try {
			thrower();
		} catch (int i) {
			return "int " + std::to_string(i);
		} catch (const char *s) {
			return s;
		} catch (double d) {
			return "double " + std::to_string(d);
		} catch (const Left &left) {
			return "left " + std::to_string(left.number());
		} catch (const Base &base) {
			return "base " + std::to_string(base.number());
		} catch (const Base *base) {
			return base ? "pointer " + std::to_string(base->number()) : "null";
		} catch (const std::exception &e) {
			return e.what();
		} catch (...) {
			return "something";
		}
		return "nothing";
	};
	static const Right right;
	CHECK(caught([] {}) == "nothing");
	CHECK(caught([] { throw 42; }) == "int 42");
	CHECK(caught([] { throw "text"; }) == "text");
	CHECK(caught([] { throw 2.5; }) == "double 2.500000");
	CHECK(caught([] { throw 2.5f; }) == "something");
	CHECK(caught([] { throw Base(); }) == "base 1");
	CHECK(caught([] { throw Left(); }) == "left 2");
	CHECK(caught([] { throw Right(); }) == "base 1");
	CHECK(caught([] { throw Both(); }) == "left 2");
	CHECK(caught([] { throw static_cast<const Base *>(&right); }) == "pointer 1");
	CHECK(caught([] { throw &right; }) == "pointer 1");
	CHECK(caught([] { throw static_cast<Right *>(nullptr); }) == "null");
	CHECK(caught([] { throw std::runtime_error("what"); }) == "what");
	CHECK(caught([] { throw Private(); }) == "something");
}

void test_destructors()
{
	CHECK(trail_of([] {
		try {
			Mark a('a');
			{
				Mark b('b');
				Mark c('c');
				throw 1;
			}
		} catch (int) {
			trail += '!';
		}
	}) == "cba!");

	// A constructor that throws: what was constructed is destroyed, the whole
	// is not.
	struct Parts {
		Mark first{'f'}, second{'s'};
		Parts()
		{
			Mark local('l');
			throw 1;
		}
		~Parts() { trail += 'P'; }
	};
	CHECK(trail_of([] {
		try {
			Parts parts;
		} catch (int) {
			trail += '!';
		}
	}) == "lsf!");

	// So with arrays, and with what new allocated.
	static int left;
	struct Element {
		char letter = 'a' + (3 - left);
		Element()
		{
			if (left-- == 0)
				throw 1;
		}
		~Element() { trail += letter; }
	};
	CHECK(trail_of([] {
		left = 3;
		try {
			std::unique_ptr<Element[]> elements(new Element[5]);
		} catch (int) {
			trail += '!';
		}
	}) == "cba!");

	// One that throws while an exception is on its way catches its own.
	struct Careful {
		~Careful()
		{
			trail += '0' + std::uncaught_exceptions();
			try {
				throw 2.5;
			} catch (double) {
				trail += 'd';
			}
		}
	};
	CHECK(trail_of([] {
		try {
			Careful careful;
			throw 1;
		} catch (int) {
			trail += '0' + std::uncaught_exceptions();
		}
	}) == "1d0");
}

void test_again()
{
	CHECK(trail_of([] {
		try {
			try {
				throw std::out_of_range("x");
			} catch (const std::exception &) {
				trail += 'a';
				throw;
			}
		} catch (const std::out_of_range &e) {
			trail += e.what();
		}
	}) == "ax");

	// Another one from a handler, and the first one still there.
	CHECK(trail_of([] {
		try {
			throw 'a';
		} catch (char a) {
			try {
				throw 'b';
			} catch (char b) {
				trail += b;
			}
			trail += a;
			try {
				throw;
			} catch (char again) {
				trail += again;
			}
		}
	}) == "baa");

	std::exception_ptr kept;
	try {
		throw std::string("kept");
	} catch (...) {
		kept = std::current_exception();
	}
	for (int i = 0; i < 2; i++) {
		try {
			std::rethrow_exception(kept);
		} catch (const std::string &s) {
			CHECK(s == "kept");
		}
	}

	try {
		try {
			throw std::runtime_error("inner");
		} catch (...) {
			std::throw_with_nested(std::logic_error("outer"));
		}
	} catch (const std::exception &outer) {
		CHECK(std::string(outer.what()) == "outer");
		try {
			std::rethrow_if_nested(outer);
			CHECK(false);
		} catch (const std::runtime_error &inner) {
			CHECK(std::string(inner.what()) == "inner");
		}
	}
}

int try_block(int x)
try {
	Mark mark('m');
	if (x)
		throw x;
	return 0;
} catch (int thrown) {
	return thrown * 2;
}

struct TryConstructor {
	Mark mark;
	TryConstructor() try : mark(throw_mark()) {
	} catch (int) {
		trail += 't'; // and the exception goes on
	}
	static Mark throw_mark() { throw 5; }
};

void test_function_try_blocks()
{
	CHECK(try_block(0) == 0 && try_block(21) == 42);
	CHECK(trail_of([] {
		try {
			TryConstructor();
		} catch (int) {
			trail += '!';
		}
	}) == "t!");
}

void test_casts()
{
	Both both;
	Base *base = &both;
	CHECK(dynamic_cast<Both *>(base) == &both && dynamic_cast<Both *>(base)->extra == 7);
	CHECK(dynamic_cast<Right *>(static_cast<Left *>(&both)) == &both);
	Base plain;
	Base *pointer = &plain;
	CHECK(dynamic_cast<Left *>(pointer) == nullptr);
	try {
		(void)dynamic_cast<Left &>(plain);
		CHECK(false);
	} catch (const std::bad_cast &) {
	}
	CHECK(typeid(*base) == typeid(Both) && typeid(*pointer) != typeid(Both));
	pointer = nullptr;
	try {
		(void)typeid(*pointer);
		CHECK(false);
	} catch (const std::bad_typeid &) {
	}
}

// What the library throws.
void test_library()
{
	auto throws = [](auto type, auto f) {
		try {
			f();
		} catch (const decltype(type) &) {
			return true;
		}
		return false;
	};
	std::vector<int> numbers{3, 1, 2};
	std::map<std::string, int> names;
	CHECK(throws(std::out_of_range(""), [&] { (void)numbers.at(3); }));
	CHECK(throws(std::out_of_range(""), [&] { (void)names.at("x"); }));
	CHECK(throws(std::length_error(""), [&] { numbers.reserve(SIZE_MAX); }));
	CHECK(throws(std::bad_alloc(), [] { (void)operator new(0xf0000000); }));
	CHECK(throws(std::invalid_argument(""), [] { (void)std::stoi("x"); }));
	CHECK(throws(std::out_of_range(""), [] { (void)std::stoi("99999999999"); }));
	CHECK(throws(std::bad_function_call(), [] { std::function<void()>()(); }));
	CHECK(throws(std::bad_variant_access(), [] { (void)std::get<int>(std::variant<int, char>('c')); }));
	CHECK(throws(std::bad_optional_access(), [] { (void)std::optional<int>().value(); }));
	CHECK(throws(std::bad_any_cast(), [] { (void)std::any_cast<int>(std::any('c')); }));
	CHECK(throws(std::ios_base::failure(""), [] {
		std::istringstream in("x");
		in.exceptions(std::ios::failbit);
		int number;
		in >> number;
	}));
	try {
		std::sort(numbers.begin(), numbers.end(), [](int, int) -> bool { throw 'c'; });
	} catch (char c) {
		CHECK(c == 'c' && numbers.size() == 3);
	}
	try {
		(void)numbers.at(3);
	} catch (const std::exception &e) {
		CHECK(std::string(e.what()) == "vector");
	}
}

int initialised;

int initialise()
{
	static int value = [] {
		if (initialised++ < 2)
			throw initialised;
		return 100 + initialised;
	}();
	return value;
}

void test_statics()
{
	for (int i = 1; i <= 2; i++) {
		try {
			initialise();
			CHECK(false);
		} catch (int count) {
			CHECK(count == i);
		}
	}
	CHECK(initialise() == 103 && initialise() == 103);
}

extern "C" int compare(const void *a, const void *b)
{
	Mark mark('q');
	if (*static_cast<const int *>(a) == 3 || *static_cast<const int *>(b) == 3)
		throw std::runtime_error("three");
	return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

// The C library knows nothing of exceptions.
void test_c_frames()
{
	int numbers[] = {1, 2, 3, 4};
	bool caught = false;
	CHECK(trail_of([&] {
		try {
			Mark outer('o');
			qsort(numbers, 4, sizeof *numbers, compare);
		} catch (const std::runtime_error &) {
			caught = true;
		}
	}).back() == 'o');
	CHECK(caught);
}

int deep(int depth)
{
	Mark mark('.');
	if (depth == 0)
		throw depth;
	return deep(depth - 1) + 1;
}

// Variables that are changed in a try have their new values in the handler.
void test_variables(int seed)
{
	int32_t i = seed;
	int64_t l = seed;
	float f = seed;
	double d = seed;
	std::string s = "s";
	for (int round = 0; round < 3; round++) {
		try {
			i += 1;
			l += 1LL << 40;
			f += 0.5f;
			d += 0.25;
			s += 'x';
			if (round % 2 == 0)
				throw round;
			i += 100;
		} catch (int r) {
			CHECK(r == round);
			i += 10;
		}
	}
	CHECK(i == seed + 123 && l == seed + (3LL << 40) && f == seed + 1.5f && d == seed + 0.75 && s == "sxxx");
}

void test_deep()
{
	CHECK(trail_of([] {
		try {
			deep(2000);
		} catch (int) {
		}
	}).size() == 2001);
	int sum = 0;
	for (int i = 0; i < 20000; i++) {
		try {
			throw i;
		} catch (int caught) {
			sum += caught == i;
		}
	}
	CHECK(sum == 20000);
}

jmp_buf target;

[[noreturn]] void jump(int depth, int value)
{
	if (depth == 0)
		longjmp(target, value);
	jump(depth - 1, value);
}

// longjmp passes handlers of exceptions by.
void test_jumps()
{
	volatile int rounds = 0;
	int value = setjmp(target);
	if (value < 3) {
		rounds = rounds + 1;
		try {
			jump(50, value + 1);
		} catch (...) {
			CHECK(false);
		}
	}
	CHECK(value == 3 && rounds == 3);

	// Exceptions pass a setjmp by.
	try {
		if (setjmp(target) == 0)
			throw 'c';
		CHECK(false);
	} catch (char c) {
		CHECK(c == 'c');
	}
}

}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_types();
	test_destructors();
	test_again();
	test_function_try_blocks();
	test_casts();
	test_library();
	test_statics();
	test_c_frames();
	test_variables(argc);
	test_deep();
	test_jumps();
	return write_report(argv[1]);
}
