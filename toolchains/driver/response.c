/* Response files: @FILE stands for the arguments in a file, which are separated
   by white space, and quoted with ', " and \ as GNU's tools read them. */

#include "cc.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file that names itself would have no end. */
enum { DEEPEST = 16 };

static void expand(struct list *to, char *const *argv, int depth);

/* Returns the content of a file as a string, or NULL. */
static char *read_text(const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return NULL;
	char *text = NULL;
	size_t size = 0;
	/* No text has a NUL. */
	ssize_t n = getdelim(&text, &size, '\0', f);
	bool bad = ferror(f);
	fclose(f);
	if (n < 0)
		return bad ? NULL : format("%s", "");
	return text;
}

/* Splits a text into arguments. It may be changed. */
static struct list split(char *text)
{
	struct list words = {0};
	char *from = text;
	for (;;) {
		while (isspace((unsigned char)*from))
			from++;
		if (!*from)
			return words;
		char *word = from, *to = from, quote = 0;
		for (; *from && (quote || !isspace((unsigned char)*from)); from++) {
			if (*from == '\\' && from[1] && quote != '\'')
				*to++ = *++from;
			else if (quote ? *from == quote : *from == '\'' || *from == '"')
				quote = quote ? 0 : *from;
			else
				*to++ = *from;
		}
		bool more = *from;
		*to = '\0';
		add(&words, word);
		from += more;
	}
}

static void expand(struct list *to, char *const *argv, int depth)
{
	for (; argv && *argv; argv++) {
		if ((*argv)[0] != '@') {
			add(to, *argv);
			continue;
		}
		char *text = depth < DEEPEST ? read_text(*argv + 1) : NULL;
		if (depth == DEEPEST || (!text && errno != ENOENT)) {
			fprintf(stderr, "cc: %s: %s\n", *argv, depth == DEEPEST ? "it includes itself" : strerror(errno));
			exit(EXIT_FAILURE);
		}
		/* As with GNU's tools: what is no file is an argument. */
		if (!text)
			add(to, *argv);
		else
			expand(to, split(text).items, depth + 1);
	}
}

struct list expand_response_files(char *const *argv)
{
	struct list expanded = {0};
	expand(&expanded, argv, 0);
	return expanded;
}
