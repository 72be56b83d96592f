// What the modules of a test have in common.

#ifndef COWASM_CXX_MODULES_TEST_H
#define COWASM_CXX_MODULES_TEST_H

#include <exception>
#include <stdexcept>
#include <string>

#define SHARED __attribute__((visibility("default")))

// Each module has its own description of these types.
struct Failure : std::runtime_error {
	int code;
	Failure(int code) : std::runtime_error("failure " + std::to_string(code)), code(code) {}
};

struct Shape {
	virtual ~Shape() = default;
	virtual int corners() const { return 0; }
};

struct Triangle : Shape {
	int corners() const override { return 3; }
};

// What happened, one letter each, in all modules.
extern std::string trail;

struct Mark {
	char letter;
	explicit Mark(char letter) : letter(letter) {}
	~Mark() { trail += letter; }
};

extern "C" {
typedef void callback(void *);

// In the main module.
void main_throws(int what);
void main_calls(callback *f, void *argument);
void main_jumps(int value);

// In a module of C, which knows nothing of exceptions.
void frames_call(callback *f, void *argument);
}

#endif
