package envfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/envfile"
)

// read reads a file with the text, whose folder errors do not show.
func read(t *testing.T, text string) ([]string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(".env", []byte(text), 0o600))
	return envfile.Read(".env")
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"variable", "A=1", []string{"A=1"}},
		{"several, in their order", "B=2\nA=1\n\nB=3\n", []string{"B=2", "A=1", "B=3"}},
		{"byte order mark", "\xef\xbb\xbfA=1\n", []string{"A=1"}},
		{"lines of Windows", "A=1\r\nB='x\r\ny'\r\n", []string{"A=1", "B=x\ny"}},
		{"export", "export A=1\n export\tB=2\nexported=3\nexport=4", []string{"A=1", "B=2", "exported=3", "export=4"}},
		{"white space", "  A = 1 2 \t\n", []string{"A=1 2"}},
		{"empty value", "A=\nB= \nC=''", []string{"A=", "B=", "C="}},
		{"comments", "# A=1\n  # B=2\nC=3 # three\nD= # nothing\nE=a#b\nF=#fff", []string{"C=3", "D=", "E=a#b", "F=#fff"}},
		{"comment after a quote", "A='1' # one\nB=\"2\"\t#two", []string{"A=1", "B=2"}},
		{"further equals signs", "A=b=c==\n", []string{"A=b=c=="}},
		{"dollar and capitals", "PASSWORD=pa$WORD1", []string{"PASSWORD=pa$WORD1"}},
		{"dollar in double quotes", `PASSWORD="pa$word ${HOME}"`, []string{"PASSWORD=pa$word ${HOME}"}},
		{"bcrypt hash", "H=$2a$10$N9qo8uLOickgx2ZMRZoMye", []string{"H=$2a$10$N9qo8uLOickgx2ZMRZoMye"}},
		{"URL with a password", "U=postgres://u:p$9a@h/db?a=b#c", []string{"U=postgres://u:p$9a@h/db?a=b#c"}},
		{"braces", "A=${HOME}", []string{"A=${HOME}"}},
		{"command substitution", "A=$(id)`id`", []string{"A=$(id)`id`"}},
		{"backslashes without quotes", `A=C:\new\table`, []string{`A=C:\new\table`}},
		{"single quotes", `A='say "hi" \n $X #'`, []string{`A=say "hi" \n $X #`}},
		{"backticks", "A=`it's \"so\" \\n`", []string{`A=it's "so" \n`}},
		{"escapes in double quotes", `A="a\nb\r\t\"q\" \\ \$x \d"`, []string{"A=a\nb\r\t\"q\" \\ $x \\d"}},
		{"escaped closing quote", `A="a\\"`, []string{`A=a\`}},
		{"quotes within", `A=it's 5" wide`, []string{`A=it's 5" wide`}},
		{"key over several lines", "K=\"-----BEGIN-----\nMII=\n-----END-----\n\"\nB=2", []string{"K=-----BEGIN-----\nMII=\n-----END-----\n", "B=2"}},
		{"JSON value", `A={"a": "b#c"}`, []string{`A={"a": "b#c"}`}},
		{"other alphabets", "A=grüße ☕", []string{"A=grüße ☕"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, test.text)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

// An error tells where to look, and nothing that was there.
func TestErrorsShowNoValues(t *testing.T) {
	const secret = "hunter2"
	for _, test := range []struct{ name, text, want string }{
		{"name with a hyphen", "bad-key=hunter2\nDB_PASSWORD=hunter2\n", `.env:1: "bad-key" is no variable name`},
		{"name with a dot", "A=1\nMY.KEY=hunter2", `.env:2: "MY.KEY" is no variable name`},
		{"name with a space", "GOOD=1\nFOO hunter2=1\nSECRET=hunter2", ".env:2: what stands before = is no variable name"},
		{"no name", "=hunter2", ".env:1: what stands before = is no variable name"},
		{"end of a key in base64", "A=1\nhunter2/hunter2+hunter2=", ".env:2: what stands before = is no variable name"},
		{"no value", "A=1\n\nhunter2\n", ".env:3: this is no KEY=VALUE"},
		{"YAML", "PASSWORD: hunter2", ".env:1: this is no KEY=VALUE"},
		{"behind a byte order mark", "\xef\xbb\xbfhunter2\nA=hunter2", ".env:1: this is no KEY=VALUE"},
		{"open quote", "A=1\nB='hunter2\nC=hunter2\n", ".env:2: the quote that B begins with is never closed"},
		{"open quote that an escape leaves open", `A="hunter2\"`, ".env:1: the quote that A begins with is never closed"},
		{"text after a quote", "A=\"a\nb\"hunter2\nB=1", ".env:2: something follows the closing quote of A"},
		{"comment without a space after a quote", "A='a'#hunter2", ".env:1: something follows the closing quote of A"},
		{"environment of sam", `{"Parameters":{"PASSWORD":"hunter2"}}`, ".env:1: this is JSON, as sam takes it with --env-vars: write one KEY=VALUE a line"},
		{"the same, indented", "\n{\n \"Api\": {\"PASSWORD\":\"hunter2\"}}", ".env:1: this is JSON, as sam takes it with --env-vars: write one KEY=VALUE a line"},
		{"UTF-16", "\xff\xfeA\x00=\x00h\x00", ".env:1: the file is in UTF-16: save it as UTF-8"},
		{"NUL", "A=hunter2\x00", ".env:1: the value of A has a NUL byte, which no environment can hold"},
		{"binary", "\x7fELF\x02\x01hunter2=\x00\xff", ".env:1: what stands before = is no variable name"},
		{"too large", strings.Repeat("A=hunter2\n", 1<<17), ".env has more than 1048576 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, test.text)
			assert.Empty(t, got)
			assert.EqualError(t, err, "envfile: "+test.want)
			assert.NotContains(t, err.Error(), secret)
		})
	}
	t.Run("no file", func(t *testing.T) {
		_, err := envfile.Read(filepath.Join("missing", ".env"))
		assert.ErrorIs(t, err, os.ErrNotExist)
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"A=1", "A='b\nc' # d", `A="\"\n$"`, "export A", "\xef\xbb\xbfA=\r\n"} {
		f.Add(seed)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		name := filepath.Join(dir, ".env")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		got, err := envfile.Read(name)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		// Written with quotes that keep everything, the variables are read again.
		var again strings.Builder
		for _, variable := range got {
			key, value, ok := strings.Cut(variable, "=")
			require.True(t, ok)
			value = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`).Replace(value)
			again.WriteString(key + `="` + value + "\"\n")
		}
		require.NoError(t, os.WriteFile(name, []byte(again.String()), 0o600))
		read, err := envfile.Read(name)
		require.NoError(t, err)
		assert.Equal(t, got, read)
	})
}
