/* Checks that a compressed file is what it was made from, in the form that
   bundles have. usage: xz_test COMPRESSED ORIGINAL... REPORT */

#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT = 1 << 20 };

static uint8_t compressed[LIMIT], original[LIMIT], decoded[LIMIT];

static size_t read_file(const char *name, uint8_t *to, size_t limit)
{
	FILE *f = fopen(name, "rb");
	if (!f)
		return 0;
	size_t n = fread(to, 1, limit, f);
	fclose(f);
	return n;
}

/* Returns what is wrong, or NULL. */
static const char *check(const char *xz, char **plain, int n)
{
	size_t size = read_file(xz, compressed, LIMIT), want = 0;
	if (size == 0)
		return "a file cannot be read";
	for (int i = 0; i < n; i++) {
		size_t more = read_file(plain[i], original + want, LIMIT - want);
		if (more == 0)
			return "a file cannot be read";
		want += more;
	}
	if (size >= want)
		return "it did not get smaller";

	lzma_stream_flags flags;
	if (lzma_stream_header_decode(&flags, compressed) != LZMA_OK)
		return "the header is damaged";
	if (flags.check != LZMA_CHECK_CRC32)
		return "the check is not CRC32";

	uint64_t memory = UINT64_MAX;
	size_t in = 0, out = 0;
	if (lzma_stream_buffer_decode(&memory, 0, NULL, compressed, &in, size, decoded, &out, LIMIT) != LZMA_OK)
		return "it cannot be decoded";
	if (in != size || out != want || memcmp(decoded, original, want) != 0)
		return "it is not what went in";
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	const char *wrong = check(argv[1], argv + 2, argc - 3);
	FILE *report = fopen(argv[argc - 1], "w");
	if (!report)
		return 1;
	fprintf(report, "{\"ok\": %s, \"passed\": %d, \"failed\": %d, \"listed\": 0, \"skipped\": 0, \"failures\": [",
	        wrong ? "false" : "true", !wrong, !!wrong);
	if (wrong)
		fprintf(report, "{\"id\": \"round trip\", \"message\": \"%s\"}", wrong);
	fprintf(report, "], \"unlisted_passes\": [], \"log\": \"\"}\n");
	return fclose(report) == 0 ? 0 : 1;
}
