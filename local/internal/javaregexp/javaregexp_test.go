package javaregexp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/javaregexp"
)

// What these tables hold is what java.util.regex of OpenJDK 17 answers.

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		name, pattern, text string
		whole, part         bool
	}{
		{"a pattern has to match the whole text", `foo`, "foobar", false, true},
		{"a selection pattern of the console", `4\d{2}`, "404", true, true},
		{"a dot stops at a line end, so that an error of two lines does not match", `.*Error.*`, "Error: a\nb", false, true},
		{"which is why the documentation writes this", `(\n|.)*Error(\n|.)*`, "Error: a\nb", true, true},
		{"a dot stops at every line end that Java knows", `a.b`, "a\u2028b", false, false},
		{"and at none with (?s)", `(?s)a.b`, "a\u2028b", true, true},
		{"and at \\n alone with (?d)", `(?d)a.b`, "a\rb", true, true},
		{"$ finds the end before a last line end", `foo$`, "foo\r\n", false, true},
		{"and does not match the line end itself", `foo$`, "foo\n", false, true},
		{"$ in the middle", `a$\n`, "a\n", true, true},
		{"$ at the end of alternatives", `^a$|^b$`, "b", true, true},
		{"\\z is the very end", `foo\z`, "foo\n", false, false},
		{"\\Z is the end of the last line", `foo\Z`, "foo\n", false, true},
		{"^ in lines", `(?m)^b`, "a\r\nb", false, true},
		{"no line begins at the very end", `(?m)a\n^`, "a\n", false, false},
		{"$ in lines", `(?m)a$`, "a\r\nb", false, true},
		{"case counts", `error`, "ERROR", false, false},
		{"or does not", `(?i)error`, "ERROR", true, true},
		{"without (?u) of ASCII letters alone", `(?i)é`, "É", false, false},
		{"with it of all", `(?iu)é`, "É", true, true},
		{"the Kelvin sign is no k without (?u)", `(?i)k`, "\u212a", false, false},
		{"flags end with their group", `(?:(?i)a)b`, "AB", false, false},
		{"flags of a group", `(?i:a)b`, "Ab", true, true},
		{"flags hold for the alternatives that follow", `x(?i)a|b`, "B", true, true},
		{"a look-ahead", `(?=.*\d)[a-z\d]+`, "ab1", true, true},
		{"a negative look-ahead", `(?!admin).*`, "administrator", false, true},
		{"a look-behind", `(?<=a)b`, "ab", false, true},
		{"a negative look-behind", `(?<!a)b`, "ab", false, false},
		{"a back reference", `(a|b)\1`, "aa", true, true},
		{"a back reference by name", `(?<q>['"]).*\k<q>`, `"x"`, true, true},
		{"a reference to a group that is not there never matches", `a\1`, "a", false, false},
		{"digits of a reference end where there is no such group", `(a)\12`, "aa2", true, true},
		{"possessive quantifiers give nothing back", `a*+a`, "aaa", false, false},
		{"nor do atomic groups", `(?>a|ab)c`, "abc", false, false},
		{"a class within a class", `[a-c[x-z]]+`, "ay", true, true},
		{"what classes have in common", `[a-z&&[^aeiou]]+`, "xyz", true, true},
		{"a class without a vowel", `[a-z&&[^aeiou]]+`, "e", false, false},
		{"common to a range and what follows", `[a-c&&bc]+`, "bc", true, true},
		{"a bracket first in a class", `[]a]+`, "]a", true, true},
		{"a hyphen last in a class", `[a-]+`, "a-", true, true},
		{"quoted", `\Q.*\E+`, ".**", true, true},
		{"white space has the vertical tab", `\s`, "\x0b", true, true},
		{"horizontal white space", `\h`, "\u00a0", true, true},
		{"any line end", `a\Rb`, "a\r\nb", true, true},
		{"digits are ASCII digits", `\d`, "\u0663", false, false},
		{"letters of any script", `\p{L}+`, "äж", true, true},
		{"letters of ASCII", `\p{Alpha}+`, "ä", false, false},
		{"letters of one script", `\p{IsGreek}+`, "αβγ", true, true},
		{"none of a script", `\P{IsGreek}`, "α", false, false},
		{"numbers of characters", `\x41\u0042\x{43}\0104`, "ABCD", true, true},
		{"a pair of surrogates", `\uD83D\uDE00`, "\U0001F600", true, true},
		{"a word ends", `\bfoo\b`, "a foo.", false, true},
		{"a bracket that closes nothing", `a]}`, "a]}", true, true},
		{"a bearer token", `^Bearer [-0-9a-zA-Z._]*$`, "Bearer ab.c-d_e", true, true},
		{"more repetitions than package regexp writes out", `(?:[a-z]{2}){1500}`, strings.Repeat("ab", 1500), true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := javaregexp.Compile(test.pattern)
			require.NoError(t, err)
			whole, err := r.Match(test.text)
			require.NoError(t, err)
			part, err := r.Find(test.text)
			require.NoError(t, err)
			assert.Equal(t, [2]bool{test.whole, test.part}, [2]bool{whole, part}, "%q on %q: whole, part", test.pattern, test.text)
		})
	}
}

func TestReplace(t *testing.T) {
	for _, test := range []struct {
		name, pattern, text, replacement string
		all, first                       string
	}{
		{"what everybody writes behind escapeJavaScript", `\\'`, `it\'s \'x\'`, `'`, `it's 'x'`, `it's \'x\'`},
		{"groups", `(\w)(\d)`, "a1b2", "$2$1", "1a2b", "1ab2"},
		{"the whole match", `\d`, "a1b2", "[$0]", "a[1]b[2]", "a[1]b2"},
		{"a group by name", `(?<x>\d)`, "a1", "${x}${x}", "a11", "a11"},
		{"a group that took no part", `a|(b)`, "ab", "<$1>", "<><b>", "<>b"},
		{"digits that belong to no group", `(a)`, "a", "$12", "a2", "a2"},
		{"a plain dollar sign", `a`, "a", `\$1`, "$1", "$1"},
		{"a plain backslash", `a`, "a", `\\`, `\`, `\`},
		{"an empty match right behind another one", `x*`, "abxc", "-", "-a-b--c-", "-abxc"},
		{"an empty match between characters", ``, "aé", "-", "-a-é-", "-aé"},
		{"a line end at the end", `$`, "a\n", "!", "a!\n!", "a!\n"},
		{"a boundary", `\b`, "ab c", "|", "|ab| |c|", "|ab c"},
		{"nothing found", `z`, "ab", "$9", "ab", "ab"},
		{"groups of a back reference", `(\w)\1`, "aab", "<$1>", "<a>b", "<a>b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := javaregexp.Compile(test.pattern)
			require.NoError(t, err)
			all, err := r.ReplaceAll(test.text, test.replacement)
			require.NoError(t, err)
			first, err := r.ReplaceFirst(test.text, test.replacement)
			require.NoError(t, err)
			assert.Equal(t, [2]string{test.all, test.first}, [2]string{all, first}, "all, first")
		})
	}
}

func TestBadReplacement(t *testing.T) {
	for _, test := range []struct{ name, replacement, want string }{
		{"no such group", "$2", `javaregexp: the replacement "$2": there is no group $2`},
		{"no such name", "${x}", `javaregexp: the replacement "${x}": there is no group ${x}`},
		{"a lone dollar sign", "a$", `javaregexp: the replacement "a$": a $ is not followed by a group; a plain one is \$`},
		{"a lone backslash", `a\`, `javaregexp: the replacement "a\\" ends in a backslash`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := javaregexp.Compile("(a)")
			require.NoError(t, err)
			_, err = r.ReplaceAll("a", test.replacement)
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		name, pattern, text string
		limit               int
		want                []string
	}{
		{"at commas", ",", "a,b,,c,,", 0, []string{"a", "b", "", "c"}},
		{"keeping what is empty at the end", ",", "a,b,,", -1, []string{"a", "b", "", ""}},
		{"into two", ",", "a,b,c", 2, []string{"a", "b,c"}},
		{"nothing to split at", ",", "a", 0, []string{"a"}},
		{"nothing at all", ",", "", 0, []string{""}},
		{"only separators", ",", ",,", 0, []string{}},
		{"an empty part in front", ",", ",a", 0, []string{"", "a"}},
		{"between characters", "", "abc", 0, []string{"a", "b", "c"}},
		{"before capitals", "(?=[A-Z])", "AbCd", 0, []string{"Ab", "Cd"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := javaregexp.Compile(test.pattern)
			require.NoError(t, err)
			got, err := r.Split(test.text, test.limit)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestRefuses(t *testing.T) {
	for _, test := range []struct{ name, pattern, want string }{
		{"a group that is not closed", `(a`, `javaregexp: pattern "(a": a ( is not closed`},
		{"a group that is not open", `a)`, `javaregexp: pattern "a)": it has a ) without a (`},
		{"a class that is not closed", `[a`, `javaregexp: pattern "[a": a [ is not closed`},
		{"nothing to repeat", `*a`, `javaregexp: pattern "*a": there is nothing before the *`},
		{"a brace that repeats nothing", `a{x}`, `javaregexp: pattern "a{x}": a { does not begin a quantifier such as {2,3}; a plain one is \{`},
		{"a repetition from more to less", `a{3,2}`, `javaregexp: pattern "a{3,2}": a { does not begin a quantifier such as {2,3}; a plain one is \{`},
		{"a range backwards", `[b-a]`, `javaregexp: pattern "[b-a]": a range of a class does not go from one character to a later one`},
		{"a look-behind without an end", `(?<=a*)b`, `javaregexp: pattern "(?<=a*)b": a look-behind must have an obvious maximum length`},
		{"an escape that means nothing", `\y`, `javaregexp: pattern "\\y": the escape \y is not supported`},
		{"an escape that neither engine has", `\G`, `javaregexp: pattern "\\G": the escape \G is not supported`},
		{"a flag that neither engine has", `(?x) a`, `javaregexp: pattern "(?x) a": the flag (?x) is not supported`},
		{"a block of Unicode", `\p{InGreek}`, `javaregexp: pattern "\\p{InGreek}": the property \p{InGreek} is not supported`},
		{"two groups of one name", `(?<a>.)(?<a>.)`, `javaregexp: pattern "(?<a>.)(?<a>.)": there are two groups named "a"`},
		{"a reference to no name", `\k<a>`, `javaregexp: pattern "\\k<a>": there is no group named "a" before its reference`},
		{"a backslash at the end", `a\`, `javaregexp: pattern "a\\": it ends in a backslash`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := javaregexp.Compile(test.pattern)
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestBounds(t *testing.T) {
	t.Run("a pattern that is too long", func(t *testing.T) {
		_, err := javaregexp.Compile(strings.Repeat("a", javaregexp.MaxPattern+1))
		assert.EqualError(t, err, "javaregexp: a pattern of 16385 bytes is over the 16384 allowed")
	})
	t.Run("a pattern that is nested too deeply", func(t *testing.T) {
		_, err := javaregexp.Compile(strings.Repeat("(", 5000) + strings.Repeat(")", 5000))
		assert.ErrorContains(t, err, "it is nested too deeply")
	})
	t.Run("a search that would go back for ever", func(t *testing.T) {
		r, err := javaregexp.Compile(`(?=x)|(a*)*\1b`)
		require.NoError(t, err)
		_, err = r.Match(strings.Repeat("a", 64))
		assert.Equal(t, javaregexp.ErrTooLong, err, "without the text, which is a client's")
	})
	t.Run("more parts than a text is split into", func(t *testing.T) {
		r, err := javaregexp.Compile(`[,]`)
		require.NoError(t, err)
		_, err = r.Split(strings.Repeat("a,", javaregexp.MaxParts+1), 0)
		assert.ErrorIs(t, err, javaregexp.ErrTooLarge)
	})
	t.Run("a result that is too large", func(t *testing.T) {
		r, err := javaregexp.Compile(`a`)
		require.NoError(t, err)
		_, err = r.ReplaceAll(strings.Repeat("a", 1<<12), strings.Repeat("b", 1<<13))
		assert.ErrorIs(t, err, javaregexp.ErrTooLarge)
	})
}

// Matches are found in batches, which must not show.
func TestManyMatches(t *testing.T) {
	t.Parallel()
	const many = 2500
	for _, row := range []struct{ pattern, text, want string }{
		{`(a)(b)?`, strings.Repeat("ab-a-", many), strings.Repeat("<a,b>-<a,>-", many)},
		{`^(a)(b)?`, strings.Repeat("ab", many), "<a,b>" + strings.Repeat("ab", many-1)},
		{`(?m)^(a)(b)?`, strings.Repeat("a a\n", many), strings.Repeat("<a,> a\n", many)},
		{`\b(a)(b)?`, strings.Repeat("aa ", many), strings.Repeat("<a,>a ", many)},
		{`\B(a)(b)?`, strings.Repeat("aa ", many), strings.Repeat("a<a,> ", many)},
		{`(a)(b)?$`, strings.Repeat("a", many), strings.Repeat("a", many-1) + "<a,>"},
	} {
		r, err := javaregexp.Compile(row.pattern)
		require.NoError(t, err)
		got, err := r.ReplaceAll(row.text, "<$1,$2>")
		require.NoError(t, err)
		assert.Equal(t, row.want, got, row.pattern)
	}
}

// FuzzCompile holds that no pattern makes the package panic or answer against itself.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{`4\d{2}`, `(?i)(a|b)\1`, `[a-z&&[^b]]`, `(?<!x)\Q.\E$`, `\p{Lu}+?x*+`, `(?m)^\R`} {
		f.Add(pattern, "a1\nB", "$0")
	}
	f.Fuzz(func(t *testing.T, pattern, text, replacement string) {
		if len(pattern) > 200 || len(text) > 200 || len(replacement) > 50 {
			return // what is long is only slow
		}
		r, err := javaregexp.Compile(pattern)
		if err != nil {
			return
		}
		whole, errWhole := r.Match(text)
		part, errPart := r.Find(text)
		if errWhole == nil && errPart == nil && whole && !part {
			t.Errorf("%q matches %q as a whole and finds nothing in it", pattern, text)
		}
		if _, err := r.ReplaceAll(text, replacement); err == nil && errPart == nil && !part {
			same, err := r.ReplaceAll(text, "")
			if err == nil && same != text {
				t.Errorf("%q finds nothing in %q and makes %q of it", pattern, text, same)
			}
		}
		parts, err := r.Split(text, -1)
		if err == nil && len(parts) == 0 {
			t.Errorf("%q splits %q into nothing", pattern, text)
		}
	})
}
