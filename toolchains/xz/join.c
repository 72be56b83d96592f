/* Joins compressed files to one that holds what they hold, one after the other.

   usage: join OUTPUT INPUT...

   Each input is a stream with a CRC32, as xz.c writes it. The output is a single
   stream of all their blocks, since not every reader looks for a second stream. */

#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { INDEX_MEMORY = 1 << 24 };

static const lzma_stream_flags format = {.version = 0, .check = LZMA_CHECK_CRC32};

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "join: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static void *allocate(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (!p)
		fail("memory", "there is too little");
	return p;
}

/* Returns the content of a file, which the caller frees. */
static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		fail(name, "cannot be opened");
	long end = ftell(f);
	if (end < 0)
		fail(name, "has no size");
	rewind(f);
	uint8_t *data = allocate(end);
	if (fread(data, 1, end, f) != (size_t)end)
		fail(name, "cannot be read");
	fclose(f);
	*size = end;
	return data;
}

static void write_file(FILE *f, const uint8_t *data, size_t size, const char *name)
{
	if (fwrite(data, 1, size, f) != size)
		fail(name, "cannot be written");
}

/* Appends the blocks of a stream to the output and to its index. */
static void append(const char *name, FILE *out, lzma_index *index, const char *output)
{
	size_t size;
	uint8_t *data = read_file(name, &size);
	lzma_stream_flags flags;
	if (size < 2 * LZMA_STREAM_HEADER_SIZE ||
	    lzma_stream_footer_decode(&flags, data + size - LZMA_STREAM_HEADER_SIZE) != LZMA_OK ||
	    flags.backward_size > size - 2 * LZMA_STREAM_HEADER_SIZE)
		fail(name, "is not one whole stream");
	if (flags.check != format.check)
		fail(name, "has another check than CRC32");

	size_t end = size - LZMA_STREAM_HEADER_SIZE - flags.backward_size, at = end;
	uint64_t memory = INDEX_MEMORY;
	lzma_index *own;
	if (lzma_index_buffer_decode(&own, &memory, NULL, data, &at, size) != LZMA_OK)
		fail(name, "has a damaged index");
	if (lzma_index_total_size(own) != end - LZMA_STREAM_HEADER_SIZE)
		fail(name, "is not one whole stream");

	lzma_index_iter i;
	lzma_index_iter_init(&i, own);
	while (!lzma_index_iter_next(&i, LZMA_INDEX_ITER_BLOCK))
		if (lzma_index_append(index, NULL, i.block.unpadded_size, i.block.uncompressed_size) != LZMA_OK)
			fail(name, "is too large");
	write_file(out, data + LZMA_STREAM_HEADER_SIZE, end - LZMA_STREAM_HEADER_SIZE, output);
	lzma_index_end(own, NULL);
	free(data);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		fail("usage", "join OUTPUT INPUT...");
	FILE *out = fopen(argv[1], "wb");
	lzma_index *index = lzma_index_init(NULL);
	if (!out || !index)
		fail(argv[1], "cannot be created");

	uint8_t edge[LZMA_STREAM_HEADER_SIZE];
	lzma_stream_flags flags = format;
	lzma_stream_header_encode(&flags, edge);
	write_file(out, edge, sizeof edge, argv[1]);
	for (int i = 2; i < argc; i++)
		append(argv[i], out, index, argv[1]);

	flags.backward_size = lzma_index_size(index);
	uint8_t *encoded = allocate(flags.backward_size);
	size_t at = 0;
	if (lzma_index_buffer_encode(index, encoded, &at, flags.backward_size) != LZMA_OK ||
	    lzma_stream_footer_encode(&flags, edge) != LZMA_OK)
		fail(argv[1], "is too large");
	write_file(out, encoded, at, argv[1]);
	write_file(out, edge, sizeof edge, argv[1]);
	if (fclose(out) != 0)
		fail(argv[1], "cannot be written");
	return EXIT_SUCCESS;
}
