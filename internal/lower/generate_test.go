package lower_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator writes a random C++ program about exceptions. It has two parts,
// which may be two modules, and one of C, and does the same whoever compiles
// it: no two calls are in one expression, numbers wrap around, and there are no
// types that differ in size.
//
// What it does is added to a number, in order: constructors, destructors,
// handlers, and the values of all variables at the end of each function.
//
// One thing that C++ allows it leaves out, since LLVM 22 gets it wrong when it
// optimises: a try within the life of an object with a destructor, within
// another try of the same function. A variable that is changed in the inner try
// has no value in the outer handler then (WinEHPrepare stores it before it has
// been replaced). An engine with exceptions of its own shows the same.
type generator struct {
	*rand.Rand
	strings.Builder
	part     string // of the function that is being written
	indent   int
	handlers int // handlers around: something can be thrown again
	loops    int // loops around, in the same function
	tries    int // tries around, in the same function
	objects  int // objects with destructors that live, in a try of the same function
	budget   int // of statements with others in them, in the same function
	next     int // names
}

const (
	functionsPerPart      = 6
	statementDepth        = 4
	statementsPerFunction = 20
)

// common is what all parts see.
const common = `#include <cstdio>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

#define SHARED __attribute__((visibility("default")))

typedef unsigned long long u64;
typedef u64 function(unsigned, u64, double);

extern "C" {
extern unsigned fuel;
void mix(u64 value);
u64 through_c(function *f, unsigned a, u64 b, double c);
function *of_a(unsigned i);
function *of_b(unsigned i);
}

struct E0 {
	unsigned value;
	E0(unsigned value) : value(value) {}
	virtual ~E0() { mix(value ^ 0xe0); }
	virtual unsigned get() const { return value; }
};
struct E1 : E0 {
	E1(unsigned value) : E0(value) {}
	unsigned get() const override { return value * 3; }
};
struct E2 : virtual E0 {
	E2(unsigned value) : E0(value + 1) {}
};
struct E3 : virtual E0 {
	E3(unsigned value) : E0(value + 2) {}
};
struct E4 : E2, E3 {
	E4(unsigned value) : E0(value), E2(value), E3(value) {}
	unsigned get() const override { return value * 5; }
};
struct E5 : std::runtime_error {
	E5(unsigned value) : std::runtime_error("E5 " + std::to_string(value)) {}
};

struct D {
	unsigned id;
	D(unsigned id) : id(id) { mix(id); }
	~D() { mix(id ^ 0xd00 ^ std::uncaught_exceptions()); }
};
struct Pair {
	D first, second;
	Pair(unsigned id) : first(id), second(id + 1)
	{
		if (id % 3 == 0)
			throw E1(id);
	}
	~Pair() { mix(77); }
};
struct Base {
	virtual ~Base() {}
	virtual u64 call(unsigned a, u64 b, double c) { return a + b + (u64)(long long)c; }
};

inline void mix_double(double value) { mix((u64)(long long)(value * 16)); }
`

// cPart is the part that knows nothing of exceptions.
const cPart = `typedef unsigned long long u64;

u64 through_c(u64 (*f)(unsigned, u64, double), unsigned a, u64 b, double c)
{
	u64 result = f(a ^ 1, b, c);
	return result + 1;
}
`

// mainPart runs it. With MODULES, part b is a module that is opened.
const mainPart = `#include "common.h"
#include <cstdlib>
#ifdef MODULES
#include <dlfcn.h>
#endif

unsigned fuel;
static u64 state = 1;
static function *(*find_b)(unsigned);

extern "C" void mix(u64 value)
{
	state = (state ^ value) * 0x9e3779b97f4a7c15ull;
	state ^= state >> 29;
}

extern "C" function *of_b(unsigned i) { return find_b(i); }

#ifndef MODULES
extern "C" function *of_b_itself(unsigned i);
#endif

int main(int argc, char **argv)
{
#ifdef MODULES
	void *b = dlopen(argv[2], RTLD_NOW);
	if (!b) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	find_b = (function * (*)(unsigned)) dlsym(b, "of_b_itself");
#else
	find_b = of_b_itself;
#endif
	FILE *out = fopen(argv[1], "w");
	if (!out || !find_b)
		return 1;
	for (unsigned round = 0; round < 40; round++) {
		fuel = 400;
		const char *end = "returned";
		std::string what;
		try {
			mix((round % 2 ? of_a : find_b)(round)(round, state, round * 0.5));
		} catch (const E0 &e) {
			end = "E0";
			mix(e.get());
		} catch (const std::exception &e) {
			end = "exception";
			what = e.what();
		} catch (...) {
			end = "something";
		}
		fprintf(out, "%u %s %s %llx %u\n", round, end, what.c_str(), state, fuel);
	}
	return fclose(out);
}
`

// generate returns the files of the program with the given seed.
func generate(seed uint64) map[string]string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	return map[string]string{
		"common.h": common,
		"c.c":      cPart,
		"main.cpp": mainPart,
		"a.cpp":    g.source("a", "of_a"),
		"b.cpp":    g.source("b", "of_b_itself"),
	}
}

// source returns the functions of a part and the one that finds them.
func (g *generator) source(part, find string) string {
	g.Reset()
	g.part = part
	g.line("#include \"common.h\"")
	g.line("")
	for i := range functionsPerPart {
		g.line("static u64 f_%s%d(unsigned, u64, double);", part, i)
	}
	g.line("static Base &derived();")
	typed := []string{"double", "float", "unsigned", "void"}
	for i, t := range typed {
		g.line("static %s t%d(unsigned, u64, double);", t, i)
	}
	for i, t := range typed {
		g.function(t, fmt.Sprintf("t%d", i), "")
	}
	g.line("struct Derived_%s : Base {", part)
	g.indent++
	g.function("u64", "call", "override")
	g.indent--
	g.line("};")
	g.line("static Base &derived()")
	g.line("{")
	g.line("\tstatic Derived_%s one;", part)
	g.line("\treturn one;")
	g.line("}")
	for i := range functionsPerPart {
		g.function("u64", fmt.Sprintf("f_%s%d", part, i), "")
	}
	g.line("extern \"C\" SHARED function *%s(unsigned i)", find)
	g.line("{")
	var names []string
	for i := range functionsPerPart {
		names = append(names, fmt.Sprintf("f_%s%d", part, i))
	}
	g.line("\tstatic function *const all[] = {%s};", strings.Join(names, ", "))
	g.line("\treturn all[i %% %d];", functionsPerPart)
	g.line("}")
	return g.String()
}

func (g *generator) line(format string, args ...any) {
	if format != "" {
		g.WriteString(strings.Repeat("\t", g.indent))
	}
	fmt.Fprintf(g, format+"\n", args...)
}

// pick returns one of several.
func (g *generator) pick(options ...string) string { return options[g.IntN(len(options))] }

// function writes a function. Its variables are a, a1, a2 of unsigned, b, b1,
// b2 of u64 and c, c1, c2 of double, and x of float.
func (g *generator) function(result, name, suffix string) {
	linkage := "static "
	if suffix != "" {
		linkage = ""
	}
	tried := g.IntN(4) == 0 && suffix == ""
	g.line("%s%s %s(unsigned a, u64 b, double c) %s", linkage, result, name, suffix)
	if tried {
		g.line("try")
	}
	g.line("{")
	g.indent++
	g.line("if (fuel == 0)")
	g.line("\treturn%s;", map[bool]string{true: "", false: " a"}[result == "void"])
	g.line("fuel--;")
	g.line("unsigned a1 = a + 1, a2 = %d;", g.IntN(100))
	g.line("u64 b1 = b ^ a, b2 = %d;", g.IntN(1000))
	g.line("double c1 = %d.5, c2 = c * 0.5;", g.IntN(10))
	g.line("float x = a %% 64;")
	g.loops, g.handlers, g.budget = 0, 0, statementsPerFunction
	g.tries, g.objects = 0, 0
	if tried {
		g.tries = 1
	}
	g.statements(statementDepth)
	g.line("mix(a ^ a1 ^ a2);")
	g.line("mix(b + b1 + b2);")
	g.line("mix_double(c + c1 + c2 + x);")
	switch result {
	case "void":
	case "float":
		g.line("return x;")
	case "double":
		g.line("return c1;")
	case "unsigned":
		g.line("return a2;")
	default:
		g.line("return b1;")
	}
	g.indent--
	g.line("}")
	if tried {
		g.line("catch (%s) {", g.pick("const E0 &", "int", "const std::exception &", "..."))
		g.line("\tmix(a ^ 0xca7c);")
		if result == "void" {
			g.line("\tthrow;")
		} else {
			g.line("\treturn a;")
		}
		g.line("}")
	}
	g.line("")
}

func (g *generator) statements(depth int) {
	for range 2 + g.IntN(3) {
		g.statement(depth)
	}
}

// body writes a block of statements.
func (g *generator) body(depth int) {
	g.indent++
	g.statements(depth - 1)
	g.indent--
}

func (g *generator) statement(depth int) {
	if g.budget--; depth == 0 || g.budget < 0 {
		if g.IntN(3) == 0 {
			g.call()
		} else {
			g.assign()
		}
		return
	}
	switch g.IntN(16) {
	case 0, 1:
		g.assign()
	case 2, 3, 4:
		g.call()
	case 5:
		g.line("if (%s) {", g.condition())
		g.body(depth)
		g.line("} else {")
		g.body(depth)
		g.line("}")
	case 6:
		i := g.name("i")
		g.line("for (unsigned %s = 0; %s < %d; %s++) {", i, i, 1+g.IntN(3), i)
		g.loops++
		g.body(depth)
		g.loops--
		g.line("}")
	case 7:
		g.line("{")
		g.line("\t%s %s(%s);", g.pick("D", "D", "Pair"), g.name("d"), g.number())
		g.alive(func() { g.body(depth) })
		g.line("}")
	case 8, 9, 10:
		if g.objects > 0 {
			g.call()
			return
		}
		g.try(depth)
	case 11:
		g.line("if (%s)", g.seldom())
		g.line("\tthrow %s;", g.exception())
	case 12:
		if g.handlers > 0 {
			g.line("if (%s)", g.seldom())
			g.line("\tthrow;")
			return
		}
		g.call()
	case 13:
		if g.loops > 0 {
			g.line("if (%s)", g.condition())
			g.line("\t%s;", g.pick("break", "continue"))
			return
		}
		g.assign()
	case 14:
		f := g.name("f")
		g.line("{")
		g.line("std::function<void(unsigned)> %s = [&](unsigned p) {", f)
		g.line("\ta1 += p;")
		loops, handlers := g.loops, g.handlers
		g.loops, g.handlers = 0, 0
		g.alive(func() { g.body(min(depth, 2)) }) // it may become a part of the function
		g.loops, g.handlers = loops, handlers
		g.line("};")
		g.line("%s(%s);", f, g.number())
		g.line("}")
	case 15:
		s := g.name("s")
		g.line("static const unsigned %s = [](unsigned p) -> unsigned {", s)
		g.line("\tif (p %% 5 == 1)")
		g.line("\t\tthrow %s;", "(int)p")
		g.line("\treturn p;")
		g.line("}(%s);", g.number())
		g.line("a2 ^= %s;", s)
	}
}

// alive writes statements within the life of an object with a destructor.
func (g *generator) alive(statements func()) {
	if g.tries > 0 {
		g.objects++
		defer func() { g.objects-- }()
	}
	statements()
}

func (g *generator) try(depth int) {
	g.line("try {")
	g.tries++
	g.body(depth)
	g.tries--
	handlers := g.Perm(7)[:1+g.IntN(3)]
	for _, h := range handlers {
		switch h {
		case 0:
			g.line("} catch (const E0 &e) {")
			g.line("\tmix(e.get());")
		case 1:
			g.line("} catch (E1 e) {")
			g.line("\tmix(e.get());")
		case 2:
			g.line("} catch (E2 &e) {")
			g.line("\te.value += 3;")
		case 3:
			g.line("} catch (const E4 &e) {")
			g.line("\tmix(e.value);")
		case 4:
			g.line("} catch (const std::exception &e) {")
			g.line("\tmix((u64)e.what()[3]);")
		case 5:
			g.line("} catch (int e) {")
			g.line("\tmix((u64)e);")
		case 6:
			g.line("} catch (const char *e) {")
			g.line("\tmix((u64)e[0]);")
		}
		g.handlers++
		g.alive(func() { g.body(depth) }) // the exception itself
		g.handlers--
	}
	if g.IntN(3) == 0 {
		g.line("} catch (...) {")
		g.handlers++
		g.alive(func() { g.body(depth) })
		g.handlers--
	}
	g.line("}")
}

// call writes a call of another function, in one of many ways.
func (g *generator) call() {
	arguments := fmt.Sprintf("%s, %s, %s", g.number(), g.pick("b", "b1", "b2"), g.pick("c", "c1", "c2"))
	own := fmt.Sprintf("f_%s%d", g.part, g.IntN(functionsPerPart))
	other := fmt.Sprintf("%s(%d)", g.pick("of_a", "of_b"), g.IntN(functionsPerPart))
	switch g.IntN(10) {
	case 0:
		g.line("b1 = %s(%s);", own, arguments)
	case 1, 2:
		g.line("b2 ^= %s(%s);", other, arguments)
	case 3:
		g.line("b1 += through_c(%s, %s);", other, arguments)
	case 4:
		g.line("b1 ^= derived().call(%s);", arguments)
	case 5:
		p := g.name("p")
		g.line("{")
		g.line("std::function<function> %s = %s;", p, other)
		g.line("b += %s(%s);", p, arguments)
		g.line("}")
	case 6:
		g.line("c1 = t0(%s);", arguments)
	case 7:
		g.line("x = t1(%s);", arguments)
	case 8:
		g.line("a1 = t2(%s);", arguments)
	case 9:
		g.line("t3(%s);", arguments)
	}
}

func (g *generator) assign() {
	switch g.IntN(4) {
	case 0:
		g.line("%s = %s;", g.pick("a1", "a2"), g.number())
	case 1:
		g.line("%s = %s;", g.pick("b1", "b2"), g.pick("b * 31 + a", "b1 ^ (b2 << 3)", "(b >> 7) + a1", "b2 - a2"))
	case 2:
		g.line("%s = %s;", g.pick("c1", "c2"), g.pick("c * 0.5 + 1", "c1 * 0.25 - x", "c2 * 0.5 + a % 16", "-c1 * 0.5"))
	default:
		g.line("x = %s;", g.pick("x * 0.5f + 2", "a2 % 128", "-x * 0.25f", "x * 0.5f + a1 % 8"))
	}
}

// number returns an expression of type unsigned.
func (g *generator) number() string {
	return g.pick("a", "a1 + a2", "a * 7 + 3", "a1 ^ (unsigned)b1", "(unsigned)(b >> 5)", "a2 * a1", fmt.Sprint(g.IntN(50)), "fuel")
}

func (g *generator) condition() string {
	return fmt.Sprintf("(%s) %% %d == %d", g.number(), 2+g.IntN(3), g.IntN(2))
}

func (g *generator) seldom() string {
	return fmt.Sprintf("(%s) %% %d == %d", g.number(), 4+g.IntN(8), g.IntN(2))
}

func (g *generator) exception() string {
	return fmt.Sprintf(g.pick("E0(%s)", "E1(%s)", "E2(%s)", "E4(%s)", "E5(%s)", "(int)(%s)", "(%s) %% 2 ? \"odd\" : \"even\""), g.number())
}

func (g *generator) name(prefix string) string {
	g.next++
	return fmt.Sprintf("%s%d_", prefix, g.next)
}
