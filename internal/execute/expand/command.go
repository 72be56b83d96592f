package expand

import "strings"

// shellOnly are the characters that make a word mean something else to a shell.
const shellOnly = "|&;<>()$`*?[#~\n"

// split takes a command apart into words as a shell does. It reports false for
// a command that takes a shell: one with redirections, variables, patterns and
// whatever else is more than words.
func split(command string) (words []string, ok bool) {
	var word strings.Builder
	inWord := false
	end := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for i := 0; i < len(command); i++ {
		c := command[i]
		switch {
		case c == ' ' || c == '\t':
			end()
			continue
		case c == '\'':
			n := strings.IndexByte(command[i+1:], '\'')
			if n < 0 {
				return nil, false
			}
			word.WriteString(command[i+1 : i+1+n])
			i += n + 1
		case c == '"':
			text, n := doubleQuoted(command[i+1:])
			if n < 0 {
				return nil, false
			}
			word.WriteString(text)
			i += n
		case c == '\\' && i+1 < len(command) && command[i+1] != '\n':
			i++
			word.WriteByte(command[i])
		case c == '\\' || strings.IndexByte(shellOnly, c) >= 0:
			return nil, false
		case c == '=' && len(words) == 0: // it may set a variable
			return nil, false
		default:
			word.WriteByte(c)
		}
		inWord = true
	}
	end()
	return words, len(words) > 0
}

// doubleQuoted returns what text says up to the quote that ends it, and the
// length of that with the quote, which is negative if it takes a shell.
func doubleQuoted(text string) (string, int) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), i + 1
		case c == '$' || c == '`':
			return "", -1
		case c == '\\' && i+1 < len(text) && strings.IndexByte("\\\"$`\n", text[i+1]) >= 0:
			i++
			if text[i] != '\n' {
				b.WriteByte(text[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", -1
}
