// A side module that cannot be constructed.

#include <stdexcept>

static int made = []() -> int { throw std::runtime_error("no use"); }();

extern "C" __attribute__((visibility("default"))) int broken_made()
{
	return made;
}
