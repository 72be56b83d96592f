/* Words to fields. */

#include "sh.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* A word while it is expanded: characters, and what each one is. */
struct text {
	char *chars, *kinds;
	size_t count, capacity;
};

enum kind {
	WRITTEN,     /* in the word itself, not quoted: is part of a pattern */
	QUOTED,      /* has no meaning */
	SUBSTITUTED, /* by what is not quoted: is part of a pattern, and is split */
	QUOTE,       /* no character: the field is there even if it is empty */
	BREAK,       /* no character: a field ends */
};

static void put(struct text *t, char c, enum kind kind)
{
	if (t->count == t->capacity) {
		t->capacity = 2 * t->capacity + 64;
		t->chars = realloc(t->chars, t->capacity);
		t->kinds = realloc(t->kinds, t->capacity);
		if (!t->chars || !t->kinds)
			allocate((size_t)-1);
	}
	t->chars[t->count] = c;
	t->kinds[t->count++] = (char)kind;
}

static void put_all(struct text *t, const char *s, enum kind kind)
{
	while (*s)
		put(t, *s++, kind);
}

static void expand_into(struct text *t, const char *at, const char *end, bool quoted);

/* Puts the parameters: for "$@" each is a field, else they are joined. */
static void put_parameters(struct text *t, bool separate, enum kind kind)
{
	for (size_t i = 0; i < parameters.count; i++) {
		if (i > 0)
			put(t, ' ', separate ? BREAK : kind);
		if (separate)
			put(t, 0, QUOTE);
		put_all(t, parameters.items[i], kind);
	}
}

/* Returns what a parameter stands for, or NULL. */
static const char *parameter(const char *name)
{
	if (strcmp(name, "?") == 0)
		return format("%d", last_status);
	if (strcmp(name, "$") == 0)
		return get_variable("$");
	if (strcmp(name, "#") == 0)
		return format("%zu", parameters.count);
	if (strcmp(name, "0") == 0)
		return shell_name;
	if (isdigit((unsigned char)name[0])) {
		size_t n = strtoul(name, NULL, 10);
		return n <= parameters.count ? parameters.items[n - 1] : NULL;
	}
	return get_variable(name);
}

/* Returns the length of the parameter's name at the start of s, or 0. */
static size_t parameter_length(const char *s)
{
	if (isdigit((unsigned char)*s) || (*s && strchr("?$#@*", *s)))
		return 1;
	return name_length(s);
}

/* Expands ${...}, given what is within the braces. */
static void expand_braces(struct text *t, const char *at, const char *end, bool quoted)
{
	enum kind kind = quoted ? QUOTED : SUBSTITUTED;
	if (*at == '#' && parameter_length(at + 1) == (size_t)(end - at) - 1 && end - at > 1) {
		const char *value = parameter(format("%.*s", (int)(end - at - 1), at + 1));
		put_all(t, format("%zu", value ? strlen(value) : 0), kind);
		return;
	}
	size_t n = parameter_length(at);
	while (n > 0 && isdigit((unsigned char)*at) && isdigit((unsigned char)at[n]))
		n++;
	const char *rest = at + n, *operator = rest + (*rest == ':');
	if (n == 0 || (rest < end && !strchr("-+", *operator)))
		fail(format("${%.*s}", (int)(end - at), at), "is not supported");
	if (*at == '@' || *at == '*') {
		put_parameters(t, quoted && *at == '@', kind);
		return;
	}
	const char *value = parameter(format("%.*s", (int)n, at));
	bool there = value && (*value || *rest != ':');
	if (rest < end && there == (*operator == '+'))
		expand_into(t, operator + 1, end, quoted);
	else if (value)
		put_all(t, value, kind);
}

/* Expands what begins with a dollar sign. */
static void expand_dollar(struct text *t, const char *at, const char *end, bool quoted)
{
	enum kind kind = quoted ? QUOTED : SUBSTITUTED;
	if (at[1] == '(') {
		if (at[2] == '(')
			fail("$((...))", "is not supported");
		put_all(t, output_of(format("%.*s", (int)(end - at - 3), at + 2)), kind);
	} else {
		expand_braces(t, at + 2, end - 1, quoted);
	}
}

/* Returns what a command in back quotes is, without the backslashes. */
static char *back_quoted(const char *at, const char *end)
{
	char *script = format("%.*s", (int)(end - at), at), *to = script;
	for (const char *from = script; *from; from++) {
		if (*from == '\\' && from[1] && strchr("\\$`", from[1]))
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return script;
}

/* Expands a part of a word, which may be one in double quotes. */
static void expand_into(struct text *t, const char *at, const char *end, bool quoted)
{
	enum kind kind = quoted ? QUOTED : WRITTEN;
	while (at < end) {
		/* Within double quotes a single one is a character like others. */
		const char *next = quoted && *at == '\'' ? at + 1 : skip_part(at);
		if (*at == '\'' && !quoted) {
			put(t, 0, QUOTE);
			for (at++; at < next - 1; at++)
				put(t, *at, QUOTED);
		} else if (*at == '"' && !quoted) {
			if (strncmp(at, "\"$@\"", 4) != 0)
				put(t, 0, QUOTE);
			expand_into(t, at + 1, next - 1, true);
		} else if (*at == '\\' && next - at == 2) {
			if (quoted && !strchr("$`\"\\\n", at[1]))
				put(t, '\\', kind);
			if (at[1] != '\n')
				put(t, at[1], QUOTED);
		} else if (*at == '`') {
			put_all(t, output_of(back_quoted(at + 1, next - 1)), quoted ? QUOTED : SUBSTITUTED);
		} else if (*at == '$' && (at[1] == '(' || at[1] == '{')) {
			expand_dollar(t, at, next, quoted);
		} else if (*at == '$' && at + 1 < end && parameter_length(at + 1)) {
			next = at + 1 + parameter_length(at + 1);
			expand_braces(t, at + 1, next, quoted);
		} else {
			next = at + 1;
			put(t, *at, kind);
		}
		at = next;
	}
}

static bool in_pattern(const struct text *t, size_t i)
{
	return (t->kinds[i] == WRITTEN || t->kinds[i] == SUBSTITUTED) && strchr("*?[", t->chars[i]);
}

/* Adds the field that part of a text is, or the files that it matches. */
static void add_field(struct list *fields, const struct text *t, size_t from, size_t to)
{
	char *field = allocate(to - from + 1), *pattern = allocate(2 * (to - from) + 1);
	size_t n = 0, m = 0;
	bool matching = false, there = false;
	for (size_t i = from; i < to; i++) {
		there = true;
		if (t->kinds[i] == QUOTE)
			continue;
		matching |= in_pattern(t, i);
		if (t->kinds[i] == QUOTED && strchr("*?[]\\", t->chars[i]))
			pattern[m++] = '\\';
		field[n++] = pattern[m++] = t->chars[i];
	}
	field[n] = pattern[m] = '\0';
	glob_t files;
	if (matching && glob(pattern, 0, NULL, &files) == 0)
		add_all(fields, files.gl_pathv);
	else if (there)
		add(fields, field);
}

struct list expand(const struct list *words)
{
	struct list fields = {0};
	for (size_t w = 0; w < words->count; w++) {
		struct text t = {0};
		const char *word = words->items[w];
		expand_into(&t, word, word + strlen(word), false);
		size_t from = 0;
		for (size_t i = 0; i <= t.count; i++) {
			if (i == t.count || t.kinds[i] == BREAK ||
			    (t.kinds[i] == SUBSTITUTED && isspace((unsigned char)t.chars[i]))) {
				add_field(&fields, &t, from, i);
				from = i + 1;
			}
		}
	}
	return fields;
}

const char *expand_one(const char *word)
{
	struct text t = {0};
	expand_into(&t, word, word + strlen(word), false);
	char *value = allocate(t.count + 1);
	size_t n = 0;
	for (size_t i = 0; i < t.count; i++)
		if (t.kinds[i] != QUOTE)
			value[n++] = t.chars[i];
	value[n] = '\0';
	return value;
}
