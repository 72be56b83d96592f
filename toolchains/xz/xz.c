/* Compresses one file, for files that are written once and read many times.

   usage: xz INPUT OUTPUT

   It is `xz -9e --check=crc32` but for two settings. The dictionary is no
   larger than the input, since whoever unpacks it has to hold the dictionary
   in memory. And literals are coded for text and bytecode, which have no
   alignment: four bits of the byte before (lc), none of the position (pb). */

#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint8_t input[1 << 16], output[1 << 16];

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "xz: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

static const char *explain(lzma_ret ret)
{
	switch (ret) {
	case LZMA_MEM_ERROR:
		return "out of memory";
	case LZMA_OPTIONS_ERROR:
		return "liblzma was built without these options";
	case LZMA_DATA_ERROR:
		return "the file is too large";
	default:
		return "internal error";
	}
}

/* Returns the size of a file that is open at its start, or -1. */
static long long size_of(FILE *f)
{
	if (fseeko(f, 0, SEEK_END) != 0)
		return -1;
	long long size = ftello(f);
	rewind(f);
	return size;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return fail("usage", "xz INPUT OUTPUT");
	FILE *in = fopen(argv[1], "rb");
	if (!in)
		return fail(argv[1], "cannot be opened");
	long long size = size_of(in);
	if (size < 0)
		return fail(argv[1], "has no size");
	FILE *out = fopen(argv[2], "wb");
	if (!out)
		return fail(argv[2], "cannot be created");

	lzma_options_lzma options;
	lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME);
	if (size < options.dict_size)
		options.dict_size = size < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN : (uint32_t)size;
	options.lc = 4;
	options.pb = 0;
	lzma_filter filters[] = {
		{.id = LZMA_FILTER_LZMA2, .options = &options},
		{.id = LZMA_VLI_UNKNOWN},
	};

	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ret = lzma_stream_encoder(&stream, filters, LZMA_CHECK_CRC32);
	if (ret != LZMA_OK)
		return fail(argv[1], explain(ret));

	lzma_action action = LZMA_RUN;
	while (ret != LZMA_STREAM_END) {
		if (stream.avail_in == 0 && action == LZMA_RUN) {
			stream.next_in = input;
			stream.avail_in = fread(input, 1, sizeof input, in);
			if (ferror(in))
				return fail(argv[1], "cannot be read");
			if (feof(in))
				action = LZMA_FINISH;
		}
		stream.next_out = output;
		stream.avail_out = sizeof output;
		ret = lzma_code(&stream, action);
		if (ret != LZMA_OK && ret != LZMA_STREAM_END)
			return fail(argv[1], explain(ret));
		size_t n = sizeof output - stream.avail_out;
		if (fwrite(output, 1, n, out) != n)
			return fail(argv[2], "cannot be written");
	}
	lzma_end(&stream);
	if (fclose(out) != 0)
		return fail(argv[2], "cannot be written");
	return EXIT_SUCCESS;
}
