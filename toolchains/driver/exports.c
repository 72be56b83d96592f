/* Lists what a WebAssembly module exports: what modules that are linked to it
   while it runs can take from it.

   usage: exports MODULE OUTPUT

   OUTPUT has one name a line. The format of modules is that of the WebAssembly
   specification, section 5.5: a header of 8 bytes, then sections, each a number,
   its size and its content. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 8, EXPORT_SECTION = 7 };

struct reader {
	const uint8_t *at, *end;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "exports: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

/* Reads an unsigned number in LEB128. What ends too early reads as 0 and leaves
   nothing behind it. */
static uint32_t number(struct reader *r)
{
	uint32_t value = 0;
	for (unsigned shift = 0; r->at < r->end && shift < 35; shift += 7) {
		uint8_t b = *r->at++;
		value |= (uint32_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return value;
	}
	r->at = r->end;
	return 0;
}

/* Takes off the next n bytes, or all that there are. */
static struct reader take(struct reader *r, uint32_t n)
{
	size_t left = (size_t)(r->end - r->at);
	struct reader part = {r->at, r->at + (n < left ? n : left)};
	r->at = part.end;
	return part;
}

/* Writes the names in an export section. Returns whether it is whole. */
static int write_names(struct reader section, FILE *out)
{
	for (uint32_t count = number(&section); count > 0; count--) {
		uint32_t length = number(&section);
		struct reader name = take(&section, length);
		if ((size_t)(name.end - name.at) != length || section.at == section.end)
			return 0;
		section.at++; /* its kind */
		number(&section);
		fprintf(out, "%.*s\n", (int)length, (const char *)name.at);
	}
	return 1;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return fail("usage", "exports MODULE OUTPUT");
	FILE *f = fopen(argv[1], "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		return fail(argv[1], strerror(errno));
	long size = ftell(f);
	rewind(f);
	uint8_t *data = size < 0 ? NULL : malloc((size_t)size + 1);
	if (!data || fread(data, 1, (size_t)size, f) != (size_t)size)
		return fail(argv[1], "it cannot be read");
	fclose(f);
	if (size < HEADER || memcmp(data, "\0asm\1\0\0\0", HEADER) != 0)
		return fail(argv[1], "it is no WebAssembly module");

	FILE *out = fopen(argv[2], "wb");
	if (!out)
		return fail(argv[2], strerror(errno));
	struct reader module = {data + HEADER, data + size};
	while (module.at < module.end) {
		uint8_t section = *module.at++;
		uint32_t length = number(&module);
		struct reader content = take(&module, length);
		if (section == EXPORT_SECTION && !write_names(content, out))
			return fail(argv[1], "its export section ends too early");
	}
	return fclose(out) == 0 ? EXIT_SUCCESS : fail(argv[2], strerror(errno));
}
