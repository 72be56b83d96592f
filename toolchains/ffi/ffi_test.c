/* Checks calls and closures against what the compiler makes of the same
   functions. usage: ffi_test REPORT */

#include "../posix/check.h"

#include <ffi.h>
#include <stdarg.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Describes a function: what it returns, then what it takes. */
#define CIF(name, result, ...)                                                                                         \
	ffi_type *name##_types[] = {__VA_ARGS__};                                                                      \
	ffi_cif name;                                                                                                  \
	CHECK(ffi_prep_cif(&name, FFI_DEFAULT_ABI, COUNT(name##_types), &(result), name##_types) == FFI_OK)

struct pair {
	int32_t a;
	double b;
};

struct single {
	struct {
		float value[1];
	} inner;
};

struct empty {};

static ffi_type *pair_members[] = {&ffi_type_sint32, &ffi_type_double, NULL};
static ffi_type pair_type = {.type = FFI_TYPE_STRUCT, .elements = pair_members};

static ffi_type *float_members[] = {&ffi_type_float, NULL};
static ffi_type inner_type = {.type = FFI_TYPE_STRUCT, .elements = float_members};
static ffi_type *single_members[] = {&inner_type, NULL};
static ffi_type single_type = {.type = FFI_TYPE_STRUCT, .elements = single_members};

static ffi_type *no_members[] = {NULL};
static ffi_type empty_type = {.type = FFI_TYPE_STRUCT, .elements = no_members};

static double mixed(int8_t a, uint16_t b, int64_t c, float d, double e, const char *f)
{
	return a + b + (double)c + d + e + f[0];
}

static void numbers(void)
{
	CIF(cif, ffi_type_double, &ffi_type_sint8, &ffi_type_uint16, &ffi_type_sint64, &ffi_type_float,
	    &ffi_type_double, &ffi_type_pointer);
	int8_t a = -3;
	uint16_t b = 65000;
	int64_t c = 1LL << 40;
	float d = 0.5f;
	double e = 0.25, result;
	const char *f = "A";
	CHECK(ffi_check(&cif, FFI_FN(mixed)) == NULL);
	ffi_call(&cif, FFI_FN(mixed), &result, (void *[]){&a, &b, &c, &d, &e, &f});
	CHECK(result == mixed(a, b, c, d, e, f));
}

static int8_t narrow(int16_t x)
{
	return x;
}

static void small_results(void)
{
	CIF(cif, ffi_type_sint8, &ffi_type_sint16);
	int16_t x = 0x1fe;
	ffi_sarg result = 77;
	ffi_call(&cif, FFI_FN(narrow), &result, (void *[]){&x});
	CHECK(result == -2);
}

static struct pair swap(struct pair p, struct empty nothing, int32_t more)
{
	struct pair q = {(int32_t)p.b + more, p.a};
	p.a = 0; /* which is the callee's own */
	return q;
}

static struct single twice(struct single s)
{
	s.inner.value[0] *= 2;
	return s;
}

static void structures(void)
{
	CIF(cif, pair_type, &pair_type, &empty_type, &ffi_type_sint32);
	CHECK(pair_type.size == sizeof(struct pair) && pair_type.alignment == 8);
	struct pair p = {3, 4.5}, q;
	int32_t more = 10;
	ffi_call(&cif, FFI_FN(swap), &q, (void *[]){&p, NULL, &more});
	CHECK(q.a == 14 && q.b == 3 && p.a == 3);
	ffi_call(&cif, FFI_FN(swap), NULL, (void *[]){&p, NULL, &more});

	CIF(one, single_type, &single_type);
	struct single s = {{{1.5f}}}, t;
	ffi_call(&one, FFI_FN(twice), &t, (void *[]){&s});
	CHECK(t.inner.value[0] == 3);
}

static long double add_long(long double a, int32_t b)
{
	return a + b;
}

static void long_doubles(void)
{
	CIF(cif, ffi_type_longdouble, &ffi_type_longdouble, &ffi_type_sint32);
	long double a = 0x1.00000000000000000001p0L, result;
	int32_t b = 2;
	ffi_call(&cif, FFI_FN(add_long), &result, (void *[]){&a, &b});
	CHECK(result == add_long(a, b));
}

/* Adds what follows, as the letters of kinds say. */
static double sum(const char *kinds, ...)
{
	va_list list;
	double total = 0;
	va_start(list, kinds);
	for (; *kinds; kinds++) {
		struct pair p;
		switch (*kinds) {
		case 'i':
			total += va_arg(list, int);
			break;
		case 'q':
			total += (double)va_arg(list, int64_t);
			break;
		case 'd':
			total += va_arg(list, double);
			break;
		case 'g':
			total += (double)va_arg(list, long double);
			break;
		case 'p':
			p = va_arg(list, struct pair);
			total += p.a + p.b;
			break;
		}
	}
	va_end(list);
	return total;
}

static void variable(void)
{
	const char *kinds = "iqidgip";
	int8_t a = -1;
	int64_t b = 1LL << 33;
	int32_t c = 5, f = 9;
	float d = 0.5f;
	long double e = 0.25;
	struct pair g = {1, 2};
	ffi_type *types[] = {&ffi_type_pointer, &ffi_type_sint8,      &ffi_type_sint64, &ffi_type_sint32,
	                     &ffi_type_float,   &ffi_type_longdouble, &ffi_type_sint32, &pair_type};
	ffi_cif cif;
	double result;
	CHECK(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, COUNT(types), &ffi_type_double, types) == FFI_OK);
	ffi_call(&cif, FFI_FN(sum), &result, (void *[]){&kinds, &a, &b, &c, &d, &e, &f, &g});
	CHECK(result == sum(kinds, a, b, c, d, e, f, g));

	kinds = "";
	CHECK(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 1, &ffi_type_double, types) == FFI_OK);
	ffi_call(&cif, FFI_FN(sum), &result, (void *[]){&kinds});
	CHECK(result == 0);
	CHECK(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 2, 1, &ffi_type_double, types) == FFI_BAD_ARGTYPE);
}

static void ignored(void)
{
}

static void refusals(void)
{
	CIF(cif, ffi_type_sint32, &ffi_type_sint32);
	const char *why = ffi_check(&cif, FFI_FN(mixed));
	CHECK(why && !strcmp(why, "the function is (i32, i32, i64, f32, f64, i32) -> f64, but it is called as (i32) -> i32"));
	why = ffi_check(&cif, NULL);
	CHECK(why && !strcmp(why, "the pointer to a function is null"));
	why = ffi_check(&cif, (void *)0x7ffffff0);
	CHECK(why && !strcmp(why, "0x7ffffff0 is not a pointer to a function"));

	/* A result that is not there is zero. */
	ffi_cif none;
	ffi_sarg result = 77;
	CHECK(ffi_prep_cif(&none, FFI_DEFAULT_ABI, 0, &ffi_type_sint32, NULL) == FFI_OK);
	ffi_call(&none, FFI_FN(ignored), &result, NULL);
	CHECK(result == 0);

	ffi_type *nothing[] = {&ffi_type_void};
	CHECK(ffi_prep_cif(&none, FFI_LAST_ABI, 0, &ffi_type_void, NULL) == FFI_BAD_ABI);
	CHECK(ffi_prep_cif(&none, FFI_DEFAULT_ABI, 1, &ffi_type_void, nothing) == FFI_BAD_TYPEDEF);
}

/* A closure that calls the function that it stands for. */
static void forward(ffi_cif *cif, void *result, void **arguments, void *function)
{
	ffi_call(cif, function, result, arguments);
}

static void *forwarding(ffi_cif *cif, void *function, ffi_closure **closure)
{
	void *code = NULL;
	*closure = ffi_closure_alloc(sizeof **closure, &code);
	CHECK(*closure && ffi_prep_closure_loc(*closure, cif, forward, function, code) == FFI_OK);
	return code;
}

static void closures(void)
{
	ffi_closure *c[5];
	CIF(numbers, ffi_type_double, &ffi_type_sint8, &ffi_type_uint16, &ffi_type_sint64, &ffi_type_float,
	    &ffi_type_double, &ffi_type_pointer);
	double (*mixed_too)(int8_t, uint16_t, int64_t, float, double, const char *) =
		forwarding(&numbers, FFI_FN(mixed), &c[0]);
	CHECK(mixed_too(-3, 65000, 1LL << 40, 0.5f, 0.25, "A") == mixed(-3, 65000, 1LL << 40, 0.5f, 0.25, "A"));

	CIF(pairs, pair_type, &pair_type, &empty_type, &ffi_type_sint32);
	struct pair (*swap_too)(struct pair, struct empty, int32_t) = forwarding(&pairs, FFI_FN(swap), &c[1]);
	struct pair q = swap_too((struct pair){3, 4.5}, (struct empty){}, 10);
	CHECK(q.a == 14 && q.b == 3);

	CIF(singles, single_type, &single_type);
	struct single (*twice_too)(struct single) = forwarding(&singles, FFI_FN(twice), &c[2]);
	CHECK(twice_too((struct single){{{1.5f}}}).inner.value[0] == 3);

	CIF(longs, ffi_type_longdouble, &ffi_type_longdouble, &ffi_type_sint32);
	long double (*add_too)(long double, int32_t) = forwarding(&longs, FFI_FN(add_long), &c[3]);
	CHECK(add_too(1.5L, 2) == 3.5L);

	CIF(smalls, ffi_type_sint8, &ffi_type_sint16);
	int8_t (*narrow_too)(int16_t) = forwarding(&smalls, FFI_FN(narrow), &c[4]);
	CHECK(narrow_too(0x1fe) == -2);

	for (unsigned i = 0; i < COUNT(c); i++)
		ffi_closure_free(c[i]);
	ffi_closure_free(NULL);
	const char *why = ffi_check(&smalls, FFI_FN(narrow_too));
	CHECK(why && strstr(why, "is not a pointer to a function"));

	/* Slots and code are used again. */
	for (int i = 0; i < 100000; i++) {
		void *code = NULL;
		ffi_closure *closure = ffi_closure_alloc(sizeof *closure, &code);
		if (!closure || ffi_prep_closure_loc(closure, &smalls, forward, FFI_FN(narrow), code) != FFI_OK ||
		    ((int8_t(*)(int16_t))code)(0x1fe) != -2) {
			CHECK(!"closures run out");
			break;
		}
		ffi_closure_free(closure);
	}
	ffi_closure other = {0};
	CHECK(ffi_prep_closure_loc(&other, &smalls, forward, NULL, (void *)1) == FFI_BAD_TYPEDEF);
}

int main(int argc, char **argv)
{
	numbers();
	small_results();
	structures();
	long_doubles();
	variable();
	refusals();
	closures();
	return argc == 2 ? write_report(argv[1]) : 2;
}
