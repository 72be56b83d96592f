/* Copies a static library without some of its members.

   usage: archive_without ARCHIVE OUTPUT MEMBER...

   The copy has no index of symbols: it is for linking whole. The format is that
   of ar in its GNU variant: a magic line, then members, each a header of 60
   characters and its content, padded to an even length. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 60, NAME = 16, SIZE_AT = 48, SIZE = 10 };

static const char magic[] = "!<arch>\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "archive_without: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

/* Reads a whole file into memory, or returns NULL. */
static char *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		return NULL;
	long length = ftell(f);
	rewind(f);
	char *data = length < 0 ? NULL : malloc((size_t)length + 1);
	if (!data || fread(data, 1, (size_t)length, f) != (size_t)length)
		return NULL;
	fclose(f);
	data[length] = 0;
	*size = (size_t)length;
	return data;
}

/* Writes the name of a member to `name`. A long one is "/" and its offset in
   the table of names, where each ends with "/" and a line break. */
static void member_name(const char *header, const char *table, size_t table_size, char *name, size_t capacity)
{
	const char *from = header;
	size_t limit = NAME;
	if (header[0] == '/' && isdigit((unsigned char)header[1])) {
		size_t offset = strtoul(header + 1, NULL, 10);
		if (!table || offset >= table_size)
			offset = table_size = 0;
		from = table + offset;
		limit = table_size - offset;
	}
	size_t n = 0;
	while (n < limit && n + 1 < capacity && from[n] != '/')
		n++;
	memcpy(name, from, n);
	name[n] = 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fail("usage", "archive_without ARCHIVE OUTPUT MEMBER...");
	size_t size, at = sizeof magic - 1;
	char *data = read_file(argv[1], &size);
	if (!data)
		return fail(argv[1], "cannot be read");
	if (size < at || memcmp(data, magic, at) != 0)
		return fail(argv[1], "is not an archive");
	FILE *out = fopen(argv[2], "wb");
	if (!out || fwrite(magic, 1, at, out) != at)
		return fail(argv[2], "cannot be written");

	const char *table = NULL;
	size_t table_size = 0;
	while (at + HEADER <= size) {
		const char *header = data + at;
		char digits[SIZE + 1] = {0};
		memcpy(digits, header + SIZE_AT, SIZE);
		size_t content = strtoul(digits, NULL, 10);
		size_t whole = HEADER + content + content % 2;
		if (content > size - at - HEADER)
			return fail(argv[1], "ends within a member");
		if (whole > size - at)
			whole = size - at;

		int keep = 1;
		if (memcmp(header, "// ", 3) == 0) {
			table = header + HEADER;
			table_size = content;
		} else if (memcmp(header, "/ ", 2) == 0 || memcmp(header, "/SYM64/ ", 8) == 0) {
			keep = 0;
		} else {
			char name[256];
			member_name(header, table, table_size, name, sizeof name);
			for (int i = 3; i < argc; i++) {
				if (argv[i] && strcmp(argv[i], name) == 0) {
					argv[i] = NULL;
					keep = 0;
					break;
				}
			}
		}
		if (keep && fwrite(header, 1, whole, out) != whole)
			return fail(argv[2], "cannot be written");
		at += whole;
	}
	for (int i = 3; i < argc; i++)
		if (argv[i])
			return fail(argv[i], "is no member of the archive");
	if (fclose(out) != 0)
		return fail(argv[2], "cannot be written");
	return EXIT_SUCCESS;
}
