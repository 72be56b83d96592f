// The tag of all C++ exceptions, and what the host asks about one that it finds
// with nothing left to catch it.

#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <typeinfo>

// Position independent code leaves the tag for the program to define.
__asm__(R"(
	.tagtype	__cpp_exception i32
	.globl	__cpp_exception
	.export_name	__cpp_exception, __cpp_exception
__cpp_exception:
)");

extern "C" {

// Does what the language wants done: the handler of std::set_terminate is
// called, which says what the exception was, if it is the library's own.
[[clang::export_name("cowasm_terminate")]] [[noreturn]] void cowasm_terminate(void *exception)
{
	__cxxabiv1::__cxa_begin_catch(exception);
	std::terminate();
}

// Ends an exception and returns what it was, as in "std::bad_alloc: no memory".
[[clang::export_name("cowasm_caught")]] const char *cowasm_caught(void *exception) noexcept
{
	static char text[1024];
	__cxxabiv1::__cxa_begin_catch(exception);
	const char *name = __cxxabiv1::__cxa_current_exception_type()->name();
	int status;
	char *demangled = __cxxabiv1::__cxa_demangle(name, nullptr, nullptr, &status);
	if (demangled)
		name = demangled;
	try {
		throw;
	} catch (const std::exception &e) {
		snprintf(text, sizeof text, "%s: %s", name, e.what());
	} catch (...) {
		snprintf(text, sizeof text, "%s", name);
	}
	free(demangled);
	__cxxabiv1::__cxa_end_catch();
	return text;
}
}
