/* Scripts to commands. Expansion comes later: words stay as they are. */

#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const char *at;
};

/* Words that begin what this shell has not. */
static const char *const unknown[] = {
	"case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "until", "while",
	"[[", NULL,
};

static _Noreturn void unsupported(const char *what)
{
	fail(what, "is not supported: this shell has simple commands, pipelines, lists, groups, redirections, variables "
	           "and $(...)");
}

static char *slice(const char *from, const char *to)
{
	return format("%.*s", (int)(to - from), from);
}

bool is_operator(char c)
{
	return c == '\0' || strchr(" \t\n;&|<>()", c);
}

/* Returns what comes after the parenthesis that closes what begins at `at`. */
static const char *skip_parentheses(const char *at)
{
	while (*at && *at != ')')
		at = *at == '(' ? skip_parentheses(at + 1) : skip_part(at);
	if (!*at)
		fail("syntax error", "a ( is never closed");
	return at + 1;
}

/* Returns what comes after the next `end` that is not quoted by a backslash. */
static const char *skip_until(const char *at, char end)
{
	for (; *at && *at != end; at++)
		if (*at == '\\' && at[1])
			at++;
	if (!*at)
		fail("syntax error", format("a %c is never closed", end));
	return at + 1;
}

const char *skip_part(const char *at)
{
	switch (*at) {
	case '\'':
		at = strchr(at + 1, '\'');
		if (!at)
			fail("syntax error", "a ' is never closed");
		return at + 1;
	case '"':
		for (at++; *at != '"';) {
			if (!*at)
				fail("syntax error", "a \" is never closed");
			at = *at == '\'' ? at + 1 : skip_part(at);
		}
		return at + 1;
	case '`':
		return skip_until(at + 1, '`');
	case '$':
		if (at[1] == '(')
			return skip_parentheses(at + 2);
		if (at[1] == '{')
			return skip_until(at + 2, '}');
		return at + 1;
	case '\\':
		return at + (at[1] ? 2 : 1);
	default:
		return at + 1;
	}
}

/* Skips white space, line breaks that are quoted, and comments. */
static void skip_space(struct parser *p)
{
	for (;;) {
		if (*p->at == ' ' || *p->at == '\t')
			p->at++;
		else if (p->at[0] == '\\' && p->at[1] == '\n')
			p->at += 2;
		else if (*p->at == '#')
			p->at += strcspn(p->at, "\n");
		else
			return;
	}
}

static void skip_lines(struct parser *p)
{
	for (skip_space(p); *p->at == '\n'; skip_space(p))
		p->at++;
}

/* Takes an operator if it comes next. */
static bool accept(struct parser *p, const char *operator)
{
	skip_space(p);
	if (!starts_with(p->at, operator))
		return false;
	p->at += strlen(operator);
	return true;
}

static char *read_word(struct parser *p)
{
	skip_space(p);
	const char *from = p->at;
	while (!is_operator(*p->at))
		p->at = skip_part(p->at);
	if (p->at == from)
		fail("syntax error", *from ? format("%.10s is not expected", from) : "the script ends too early");
	return slice(from, p->at);
}

/* Takes a redirection if one comes next. */
static struct redirection *read_redirection(struct parser *p)
{
	skip_space(p);
	const char *at = p->at;
	while (isdigit((unsigned char)*at))
		at++;
	if (*at != '<' && *at != '>')
		return NULL;
	struct redirection *r = allocate(sizeof *r);
	*r = (struct redirection){.fd = at > p->at ? atoi(p->at) : *at == '>', .kind = *at == '>' ? WRITE : READ};
	if (r->fd > 2)
		fail(slice(p->at, at), "no descriptor but 0, 1 and 2 can be redirected");
	if (starts_with(at, "<<") || starts_with(at, "<>"))
		unsupported(slice(at, at + 2));
	at++;
	if (*at == '>' && r->kind == WRITE) {
		r->kind = APPEND;
		at++;
	} else if (*at == '&') {
		r->kind = DUPLICATE;
		at++;
	} else if (*at == '|') {
		at++;
	}
	p->at = at;
	r->target = read_word(p);
	return r;
}

static struct pipeline *read_list(struct parser *p);

static bool is_assignment(const char *word)
{
	size_t n = name_length(word);
	return n > 0 && word[n] == '=';
}

static struct command *read_command(struct parser *p)
{
	struct command *c = allocate(sizeof *c);
	*c = (struct command){.kind = SIMPLE};
	skip_space(p);
	const char *from = p->at;
	if (accept(p, "(")) {
		c->kind = SUBSHELL;
		c->body = read_list(p);
		c->inner = slice(from + 1, p->at);
		if (!accept(p, ")"))
			fail("syntax error", "a ( is never closed");
	} else if (*p->at == '{' && is_operator(p->at[1])) {
		p->at++;
		c->kind = GROUP;
		c->body = read_list(p);
		if (!accept(p, "}"))
			fail("syntax error", "a { is never closed");
	}
	struct redirection **last = &c->redirections;
	for (;;) {
		struct redirection *r = read_redirection(p);
		if (r) {
			*last = r;
			last = &r->next;
			continue;
		}
		if (is_operator(*p->at) || c->kind != SIMPLE)
			break;
		char *word = read_word(p);
		if (c->words.count == 0 && is_one_of(word, unknown))
			unsupported(word);
		add(c->words.count == 0 && is_assignment(word) ? &c->assignments : &c->words, word);
		skip_space(p);
		if (*p->at == '(')
			unsupported(format("the function %s", word));
	}
	c->text = slice(from, p->at);
	if (p->at == from)
		fail("syntax error", *from ? format("%.10s is not expected", from) : "the script ends too early");
	return c;
}

static struct pipeline *read_pipeline(struct parser *p)
{
	struct pipeline *line = allocate(sizeof *line);
	*line = (struct pipeline){0};
	skip_space(p);
	while (*p->at == '!' && is_operator(p->at[1])) {
		p->at++;
		line->negated = !line->negated;
		skip_space(p);
	}
	size_t capacity = 0;
	do {
		skip_lines(p);
		if (line->count == capacity) {
			capacity = 2 * capacity + 4;
			line->commands = realloc(line->commands, capacity * sizeof *line->commands);
			if (!line->commands)
				allocate((size_t)-1);
		}
		line->commands[line->count++] = read_command(p);
		skip_space(p);
	} while (p->at[0] == '|' && p->at[1] != '|' && p->at++);
	return line;
}

/* Reads up to what closes the list. */
static struct pipeline *read_list(struct parser *p)
{
	struct pipeline *first = NULL, **last = &first;
	for (;;) {
		skip_lines(p);
		if (!*p->at || *p->at == ')' || (*p->at == '}' && is_operator(p->at[1])))
			return first;
		struct pipeline *line = *last = read_pipeline(p);
		last = &line->next;
		if (accept(p, "&&")) {
			line->then = IF_TRUE;
		} else if (accept(p, "||")) {
			line->then = IF_FALSE;
		} else if (accept(p, "&")) {
			unsupported("&");
		} else if (accept(p, ";")) {
			if (*p->at == ';')
				unsupported(";;");
			continue;
		} else if (*p->at != '\n') {
			return first;
		}
		skip_lines(p);
		if (line->then != ALWAYS && !*p->at)
			fail("syntax error", "the script ends too early");
	}
}

struct pipeline *parse(const char *script)
{
	struct parser p = {script};
	struct pipeline *list = read_list(&p);
	skip_lines(&p);
	if (*p.at)
		fail("syntax error", format("%.10s is not expected", p.at));
	return list;
}
