package policy_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	// "rule 54", "Rules 14 and 17", "pitfalls 97 to 100, 112 and 128"; a letter behind a
	// number is one case of several that it names.
	numbered = regexp.MustCompile(`\b([Rr]ule|[Pp]itfall)s? ([0-9]+[a-d]?(?:(?:, and |, | and | to )[0-9]+[a-d]?)*)`)
	// "section 3.1" and "B3", the headings of docs/answers.md.
	headed = regexp.MustCompile(`(?:^|[ (,])(?:section ([0-9]+(?:\.[0-9]+)?)|([BE][1-9]))(?:[,): ]|$)`)
	// A page of docs/.
	page = regexp.MustCompile(`\bdocs/[a-z-]+\.md\b`)
	// A name that begins with one of them says nothing to whoever does not know the list.
	begins = regexp.MustCompile("^[\"`](?:(?:[Rr]ule|[Pp]itfall)s? [0-9]|section [0-9]|[BE][1-9][,: ]|[0-9]\\.[0-9][,:] [^0-9])")
)

// Every number and page that a test cites stands in docs/, and the words come before it.
func TestCitations(t *testing.T) {
	cited := map[string]map[string]bool{
		"rule":    entries(t, "rules.md", `(?m)^\| ([0-9]+) \|`),
		"pitfall": entries(t, "pitfalls.md", `(?m)^\| ([0-9]+) \|`),
		"heading": entries(t, "answers.md", `(?m)^## ([0-9]+(?:\.[0-9]+)?|[BE][0-9]) `),
	}
	versions := regexp.MustCompile("^[\"`][12]\\.0[,:] ") // names that begin with a payload's version
	for _, path := range testFiles(t) {
		for _, text := range texts(t, path) {
			if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "`") {
				assert.False(t, begins.MatchString(text) && !versions.MatchString(text),
					"%s: %.60s begins with a number: say what the row holds, and cite after it", path, text)
			}
			for _, match := range numbered.FindAllStringSubmatch(text, -1) {
				for _, number := range numbers(match[2]) {
					assert.True(t, cited[strings.ToLower(match[1])][number], "%s cites %s, which docs/ does not have: %q", path, match[1]+" "+number, match[0])
				}
			}
			for _, name := range page.FindAllString(text, -1) {
				assert.FileExists(t, filepath.Join("../..", name), "cited by %s", path)
			}
			if strings.Contains(text, "RFC") {
				continue // whose sections are not ours
			}
			for _, match := range headed.FindAllStringSubmatch(text, -1) {
				heading := match[1] + match[2]
				assert.True(t, cited["heading"][heading], "%s cites %s, which is no heading of docs/answers.md: %.80q", path, heading, text)
			}
		}
	}
}

// The lists keep their numbers: none is missing, none is there twice.
func TestListsAreWhole(t *testing.T) {
	for page, last := range map[string]int{"rules.md": 170, "pitfalls.md": 131} {
		text, err := os.ReadFile(filepath.Join("../../docs", page))
		require.NoError(t, err)
		var got, want []string
		for _, match := range regexp.MustCompile(`(?m)^\| ([0-9]+) \|`).FindAllStringSubmatch(string(text), -1) {
			got = append(got, match[1])
		}
		for n := range last {
			want = append(want, strconv.Itoa(n+1))
		}
		assert.Equal(t, want, got, page)
	}
}

// Entries are what a pattern finds in a page of docs/.
func entries(t *testing.T, page, pattern string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", page))
	require.NoError(t, err)
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found[match[1]] = true
	}
	require.NotEmpty(t, found, page)
	return found
}

// Numbers are those of a citation, with all between the ends of "97 to 100".
func numbers(citation string) []string {
	var all []string
	for part := range strings.SplitSeq(strings.NewReplacer(", and ", ",", ", ", ",", " and ", ",").Replace(citation), ",") {
		first, last, span := strings.Cut(part, " to ")
		if !span {
			all = append(all, strings.TrimRight(part, "abcd"))
			continue
		}
		from, _ := strconv.Atoi(first)
		to, _ := strconv.Atoi(last)
		for n := from; n <= to; n++ {
			all = append(all, strconv.Itoa(n))
		}
	}
	return all
}

// TestFiles are those of every module here, tables in files included, but for the one
// that cites what it looks for.
func testFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go") && filepath.Base(path) != "citations_test.go",
			strings.Contains(filepath.ToSlash(path), "/testdata/replies/") && filepath.Ext(path) == ".json":
			files = append(files, path)
		}
		return nil
	}))
	require.NotEmpty(t, files)
	return files
}

// Texts are the literals and the comments of a file, where citations stand.
func texts(t *testing.T, path string) []string {
	t.Helper()
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	if filepath.Ext(path) == ".json" {
		return regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(string(source), -1)
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile(path, -1, len(source))
	s.Init(file, source, nil, scanner.ScanComments)
	var found []string
	for {
		_, kind, text := s.Scan()
		switch kind {
		case token.EOF:
			return found
		case token.STRING, token.COMMENT:
			found = append(found, text)
		}
	}
}
