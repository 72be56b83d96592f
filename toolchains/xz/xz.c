/* Compresses files to one, for what is written once and read many times.

   usage: xz INPUT... OUTPUT

   It is `xz -9e --check=crc32` but for two settings. The dictionary is no
   larger than the input, since whoever unpacks it has to hold the dictionary
   in memory. And literals are coded for text and bytecode, which have no
   alignment: four bits of the byte before (lc), none of the position (pb). */

#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What comes next of the inputs, one after the other. */
static struct {
	char **names;
	int n;
	FILE *file;
} inputs;

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

/* Returns the size of a file, or -1. */
static long long size_of(const char *name)
{
	FILE *f = fopen(name, "rb");
	if (!f)
		return -1;
	long long size = fseeko(f, 0, SEEK_END) == 0 ? ftello(f) : -1;
	fclose(f);
	return size;
}

/* Fills the buffer. Returns how much there is in it, which is nothing at the end
   of the last input, or -1. */
static int next(void)
{
	while (inputs.n > 0) {
		if (!inputs.file && !(inputs.file = fopen(*inputs.names, "rb")))
			return -1;
		size_t n = fread(input, 1, sizeof input, inputs.file);
		if (ferror(inputs.file))
			return -1;
		if (n > 0)
			return n;
		fclose(inputs.file);
		inputs.file = NULL;
		inputs.names++;
		inputs.n--;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fail("usage", "xz INPUT... OUTPUT");
	inputs.names = argv + 1;
	inputs.n = argc - 2;
	const char *output_name = argv[argc - 1];
	long long size = 0;
	for (int i = 0; i < inputs.n; i++) {
		long long more = size_of(inputs.names[i]);
		if (more < 0)
			return fail(inputs.names[i], "cannot be opened, or has no size");
		size += more;
	}
	FILE *out = fopen(output_name, "wb");
	if (!out)
		return fail(output_name, "cannot be created");

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
		return fail(output_name, explain(ret));

	lzma_action action = LZMA_RUN;
	while (ret != LZMA_STREAM_END) {
		if (stream.avail_in == 0 && action == LZMA_RUN) {
			int n = next();
			if (n < 0)
				return fail(*inputs.names, "cannot be read");
			stream.next_in = input;
			stream.avail_in = n;
			if (n == 0)
				action = LZMA_FINISH;
		}
		stream.next_out = output;
		stream.avail_out = sizeof output;
		ret = lzma_code(&stream, action);
		if (ret != LZMA_OK && ret != LZMA_STREAM_END)
			return fail(output_name, explain(ret));
		size_t n = sizeof output - stream.avail_out;
		if (fwrite(output, 1, n, out) != n)
			return fail(output_name, "cannot be written");
	}
	lzma_end(&stream);
	if (fclose(out) != 0)
		return fail(output_name, "cannot be written");
	return EXIT_SUCCESS;
}
