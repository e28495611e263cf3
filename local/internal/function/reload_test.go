//go:build unix

package function_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/build"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/invoke"
)

// program is a function with a runtime of its own, so that it needs nothing but
// the standard library. It says what it is made of, and pauses for {"pause":true}.
const program = `package main

import (
	_ "embed"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"example.com/replaced"

	"example.com/function/word"
)

//go:embed motto.txt
var motto string

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(base + "next")
		if err != nil {
			os.Exit(1)
		}
		event, _ := io.ReadAll(next.Body)
		next.Body.Close()
		file, _ := os.ReadFile("page.html")
		if bytes.Contains(event, []byte("pause")) {
			fmt.Println("pausing")
			<-time.After(time.Second)
		}
		if bytes.Contains(event, []byte("crash")) {
			os.Exit(9)
		}
		reply := fmt.Sprintf("%q", word.Word+" "+replaced.Word+" "+motto+" "+string(file))
		http.Post(base+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", bytes.NewReader([]byte(reply)))
	}
}
`

// project writes program's module, which replaces another by a directory.
func project(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"function/go.mod":       "module example.com/function\n\ngo 1.26\n\nrequire example.com/replaced v0.0.0\n\nreplace example.com/replaced => ../replaced\n",
		"function/main.go":      program,
		"function/word/word.go": "package word\n\nconst Word = \"one\"\n",
		"function/motto.txt":    "first",
		"function/page.html":    "<p>",
		"function/lib/lib.go":   "package lib\n",
		"replaced/go.mod":       "module example.com/replaced\n\ngo 1.26\n",
		"replaced/replaced.go":  "package replaced\n\nconst Word = \"uno\"\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	return filepath.Join(dir, "function")
}

func write(t testing.TB, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}

// startProject builds and runs the function in the working directory.
func startProject(t testing.TB, change func(*function.Config)) *function.Function {
	return start(t, "", func(c *function.Config) {
		c.Command, c.Env = nil, nil
		c.Package = "."
		c.Environ = append(c.Environ, "GOWORK=off")
		c.Watch = true
		c.Concurrency = 4
		if change != nil {
			change(c)
		}
	})
}

func says(t testing.TB, f *function.Function) string {
	t.Helper()
	reply, err := f.Invoke(t.Context(), []byte(`{}`))
	if err != nil {
		return err.Error()
	}
	var text string
	require.NoError(t, json.Unmarshal(reply, &text))
	return text
}

// requireSays waits until f is what it is to be. A build takes as long as it takes.
func requireSays(t testing.TB, f *function.Function, want string) {
	t.Helper()
	require.Eventually(t, func() bool { return says(t, f) == want }, patience, 10*time.Millisecond, "want %q", want)
}

func TestReloadFollowsEverySource(t *testing.T) {
	dir := project(t)
	t.Chdir(dir)
	var logged <-chan string
	f := startProject(t, func(c *function.Config) {
		logged = listen(c, "reloaded")
		c.Globs = []string{"*.html"}
	})
	require.Equal(t, "one uno first <p>", says(t, f))
	assert.Equal(t, "under-test", f.Name())

	for _, edit := range []struct{ name, file, text, want string }{
		{"a package of the module", "word/word.go", "package word\n\nconst Word = \"two\"\n", "two uno first <p>"},
		{"a package of a replaced module", "../replaced/replaced.go", "package replaced\n\nconst Word = \"dos\"\n", "two dos first <p>"},
		{"an embedded file", "motto.txt", "second", "two dos second <p>"},
		{"a file that a glob matches", "page.html", "<h1>", "two dos second <h1>"},
	} {
		write(t, filepath.Join(dir, edit.file), edit.text)
		receive(t, logged)
		assert.Equal(t, edit.want, says(t, f), edit.name)
	}

	t.Run("build error", func(t *testing.T) {
		write(t, filepath.Join(dir, "word/word.go"), "package word\n\nconst Word = 1 +\n")
		require.Eventually(t, func() bool { return f.BuildError() != nil }, patience, 10*time.Millisecond)
		var failure *build.Error
		require.ErrorAs(t, f.BuildError(), &failure)
		assert.Equal(t, "example.com/function", failure.ImportPath)
		assert.Contains(t, failure.Output, "word.go:4:1: syntax error")
		assert.Equal(t, "two dos second <h1>", says(t, f), "the last program keeps running")

		write(t, filepath.Join(dir, "word/word.go"), "package word\n\nconst Word = \"three\"\n")
		requireSays(t, f, "three dos second <h1>")
		assert.NoError(t, f.BuildError())
	})

	t.Run("requests in flight finish on the old program", func(t *testing.T) {
		paused := make(chan string, 1)
		go func() {
			reply, err := f.Invoke(t.Context(), []byte(`{"pause":true}`))
			paused <- fmt.Sprint(string(reply), err)
		}()
		write(t, filepath.Join(dir, "word/word.go"), "package word\n\nconst Word = \"four\"\n")
		requireSays(t, f, "four dos second <h1>")
		assert.Contains(t, receive(t, paused), "<nil>")
	})

	t.Run("a new package is watched", func(t *testing.T) {
		for len(logged) > 0 {
			<-logged
		}
		write(t, filepath.Join(dir, "main.go"), strings.Replace(program, `"example.com/function/word"`, `word "example.com/function/lib"`, 1))
		write(t, filepath.Join(dir, "lib/lib.go"), "package lib\n\nconst Word = \"five\"\n")
		receive(t, logged)
		requireSays(t, f, "five dos second <h1>")
		write(t, filepath.Join(dir, "lib/lib.go"), "package lib\n\nconst Word = \"six\"\n")
		requireSays(t, f, "six dos second <h1>")
	})
}

func TestStartOfWhatDoesNotBuild(t *testing.T) {
	dir := project(t)
	t.Chdir(dir)
	write(t, filepath.Join(dir, "word/word.go"), "package word\n")

	t.Run("is an error without a watch", func(t *testing.T) {
		_, err := function.Start(t.Context(), function.Config{Package: ".", Environ: append(os.Environ(), "GOWORK=off")})
		var failure *build.Error
		require.ErrorAs(t, err, &failure)
		assert.Contains(t, failure.Output, "undefined: word.Word")
	})
	t.Run("waits for a change with one", func(t *testing.T) {
		var logged <-chan string
		f := startProject(t, func(c *function.Config) { logged = listen(c, "build failed") })
		assert.Contains(t, receive(t, logged), "waiting for a change")
		_, err := f.Invoke(t.Context(), []byte(`{}`))
		var failure *build.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, f.BuildError(), error(failure))
		write(t, filepath.Join(dir, "word/word.go"), "package word // still\n")
		assert.Contains(t, receive(t, logged), "waiting for a change", "there is no last program")
		write(t, filepath.Join(dir, "word/word.go"), "package word\n\nconst Word = \"at last\"\n")
		requireSays(t, f, "at last uno first <p>")
	})
	for name, want := range map[string]string{
		"./word":    `build: "./word" is package word, not a program: name the folder that holds your func main`,
		"./...":     `build: "./..." names 3 packages: name the one folder that holds your func main`,
		"./missing": `build: find package "./missing": `,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := function.Start(t.Context(), function.Config{Package: name, Environ: append(os.Environ(), "GOWORK=off")})
			assert.ErrorContains(t, err, want)
		})
	}
}

// The sources are listed, and most of them watched, after the first build. What
// changes during it, after the go command has read the files, is not missed.
func TestEditDuringTheFirstBuild(t *testing.T) {
	for _, edit := range []struct{ name, before, file, text, want string }{
		{
			name: "a package of the module",
			file: "word/word.go", text: "package word\n\nconst Word = \"two\"\n", want: "two uno first <p>",
		},
		{
			name: "a package of a replaced module",
			file: "../replaced/replaced.go", text: "package replaced\n\nconst Word = \"dos\"\n", want: "one dos first <p>",
		},
		{name: "an embedded file", file: "motto.txt", text: "second", want: "one uno second <p>"},
		{name: "a file that a glob matches", file: "page.html", text: "<h1>", want: "one uno first <h1>"},
		{
			name: "the mistake that failed it", before: "package word\n",
			file: "word/word.go", text: "package word\n\nconst Word = \"two\"\n", want: "two uno first <p>",
		},
	} {
		t.Run(edit.name, func(t *testing.T) {
			dir := project(t)
			t.Chdir(dir)
			if edit.before != "" {
				write(t, filepath.Join(dir, edit.file), edit.before)
			}
			edited := filepath.Join(t.TempDir(), "edited")
			write(t, edited, edit.text)
			wrapGo(t, `"$GO" "$@"; status=$?
				if [ "$1" = build ] && [ -f '`+edited+`' ]; then
					cat '`+edited+`' > '`+edit.file+`'
					rm '`+edited+`'
				fi
				exit $status`)
			var logged <-chan string
			f := startProject(t, func(c *function.Config) {
				logged = listen(c, "reloaded")
				c.Globs = []string{"*.html"}
			})
			require.NoFileExists(t, edited)
			receive(t, logged)
			assert.Equal(t, edit.want, says(t, f))
			assert.NoError(t, f.BuildError())
		})
	}
}

// What is gone has no time to tell of it.
func TestDeletionDuringTheFirstBuild(t *testing.T) {
	for name, test := range map[string]struct{ file, says string }{
		"one file of a package": {"word/more.go", "undefined: more"},
		"a package's only file": {"../replaced/replaced.go", "example.com/replaced"},
		"an embedded file":      {"word/embedded/text.txt", "pattern embedded/*.txt: no matching files found"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := project(t)
			t.Chdir(dir)
			write(t, "word/word.go", "package word\n\nimport _ \"embed\"\n\n//go:embed embedded/*.txt\nvar text string\n\nconst Word = more\n")
			write(t, "word/more.go", "package word\n\nconst more = \"one\"\n")
			write(t, "word/embedded/text.txt", "text")
			wrapGo(t, `"$GO" "$@"; status=$?
				if [ "$1" = build ]; then rm -f '`+test.file+`'; fi
				exit $status`)
			f := startProject(t, nil)
			require.NoFileExists(t, test.file)
			require.Eventually(t, func() bool { return f.BuildError() != nil }, patience, 10*time.Millisecond)
			assert.ErrorContains(t, f.BuildError(), test.says)
			assert.Equal(t, "one uno first <p>", says(t, f), "the last program keeps running")
		})
	}
}

// The first request does not wait for the list of the sources, and neither the
// list nor what waits for it outlives the function.
func TestCloseDuringTheListing(t *testing.T) {
	dir := project(t)
	t.Chdir(dir)
	listing := filepath.Join(t.TempDir(), "listing")
	wrapGo(t, `if [ "$1" = list ]; then
			echo $$ > '`+listing+`'
			exec sleep 60
		fi
		exec "$GO" "$@"`)
	f := startProject(t, nil)
	assert.Equal(t, "one uno first <p>", says(t, f))
	var pid int
	require.Eventually(t, func() bool {
		id, _ := os.ReadFile(listing)
		_, err := fmt.Sscanln(string(id), &pid)
		return err == nil
	}, patience, 5*time.Millisecond, "the sources are not listed")
	assert.True(t, isAlive(pid))
	closed := make(chan error, 1)
	go func() { closed <- f.Close() }()
	require.NoError(t, receive(t, closed))
	assert.False(t, isAlive(pid))
}

// wrapGo puts a shell script in the place of the go command, which it finds in
// $GO, until the test ends.
func wrapGo(t *testing.T, script string) {
	t.Helper()
	command, err := exec.LookPath("go")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	t.Setenv("GO", command)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// 64 clients, crashes and reloads: every request is answered once, by a reply or
// by the failure of its own process.
func TestSoak(t *testing.T) {
	dir := project(t)
	t.Chdir(dir)
	requests, reloads := int64(2000), 2
	if n, err := strconv.ParseInt(os.Getenv("LAMBRIDGE_SOAK"), 10, 64); err == nil {
		requests, reloads = n, 20 // how the published figure is made
	}
	var logged <-chan string
	f := startProject(t, func(c *function.Config) { c.Concurrency = 64; logged = listen(c, "reloaded") })
	var next, replies, exits atomic.Int64
	var clients sync.WaitGroup
	for range 64 {
		clients.Go(func() {
			for n := next.Add(1); n <= requests; n = next.Add(1) {
				event := `{}`
				if n%97 == 0 {
					event = `{"crash":true}`
				}
				_, err := f.Invoke(t.Context(), []byte(event))
				var failure *invoke.Error
				switch {
				case err == nil && n%97 != 0:
					replies.Add(1)
				case errors.As(err, &failure) && failure.Type == invoke.TypeExit && n%97 == 0:
					exits.Add(1)
				default:
					assert.NoError(t, err, "request %d, %s", n, event)
				}
			}
		})
	}
	for n := range reloads {
		write(t, filepath.Join(dir, "word/word.go"), fmt.Sprintf("package word\n\nconst Word = \"%d\"\n", n))
		receive(t, logged)
	}
	clients.Wait()
	assert.Equal(t, requests, replies.Load()+exits.Load())
	assert.Equal(t, requests/97, exits.Load())
	requireSays(t, f, fmt.Sprintf("%d uno first <p>", reloads-1))
}

// An executable is someone else's to build; when it is replaced, so are its
// processes.
func TestExecutableIsReloaded(t *testing.T) {
	t.Parallel()
	f, install := startExecutable(t, nil)
	before := ask(t, f, wish{Do: "tell"})
	install()
	assert.NotEqual(t, before.PID, ask(t, f, wish{Do: "tell"}).PID)
	requireGone(t, before.PID)
}

// A process of the old program finishes all that it is at, and its workers that wait for more
// get none: that is for the new program.
func TestManagedInstanceIsReloaded(t *testing.T) {
	t.Parallel()
	f, install := startExecutable(t, func(c *function.Config) { c.Concurrency, c.MaxConcurrency = 2, 3 })
	meetings := []string{t.TempDir(), t.TempDir()}
	pids := make(chan int, len(meetings))
	for _, meeting := range meetings {
		go func() { pids <- ask(t, f, wish{Do: "meet", Text: meeting, Size: 2}).PID }()
		require.Eventually(t, func() bool { there, _ := os.ReadDir(meeting); return len(there) == 1 }, patience, 5*time.Millisecond)
	}
	install()
	after := ask(t, f, wish{Do: "tell"}).PID
	var before []int
	for _, meeting := range meetings {
		require.NoError(t, os.WriteFile(filepath.Join(meeting, "the second"), nil, 0o600))
		before = append(before, receive(t, pids))
	}
	assert.Equal(t, before[0], before[1])
	assert.NotEqual(t, before[0], after)
	requireGone(t, before[0])
}

// startExecutable runs the function from a file, which install replaces. It returns when that
// is noticed.
func startExecutable(t *testing.T, change func(*function.Config)) (f *function.Function, install func()) {
	t.Helper()
	dir := t.TempDir()
	binary, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	replace := func() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "new"), binary, 0o755))
		require.NoError(t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "bootstrap")))
	}
	replace()
	var logged <-chan string
	f = start(t, "ordinary", func(c *function.Config) {
		c.Command, c.Watch = []string{filepath.Join(dir, "bootstrap")}, true
		logged = listen(c, "reloaded")
		if change != nil {
			change(c)
		}
	})
	return f, func() {
		replace()
		receive(t, logged)
	}
}

// A zip file runs among its files, as in Lambda, and is unpacked anew when it is replaced.
func TestZipFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	install := func(page string) {
		to, err := os.Create(filepath.Join(dir, "new"))
		require.NoError(t, err)
		w := zip.NewWriter(to)
		add := func(name string, mode os.FileMode, data []byte) {
			header := &zip.FileHeader{Name: name} // stored: compressing the test's own program takes a while
			header.SetMode(mode)
			entry, err := w.CreateHeader(header)
			require.NoError(t, err)
			_, err = entry.Write(data)
			require.NoError(t, err)
		}
		program, err := os.ReadFile(os.Args[0])
		require.NoError(t, err)
		add("bootstrap", 0o755, program)
		add("pages/index.html", 0o644, []byte(page))
		require.NoError(t, w.Close())
		require.NoError(t, to.Close())
		require.NoError(t, os.Rename(to.Name(), filepath.Join(dir, "shop.zip")))
	}
	for _, watch := range []bool{false, true} {
		install("first")
		var logged <-chan string
		f := start(t, "ordinary", func(c *function.Config) {
			c.Command, c.Watch, c.Name = []string{filepath.Join(dir, "shop.zip")}, watch, ""
			logged = listen(c, "reloaded")
		})
		assert.Equal(t, "shop", f.Name())
		s := ask(t, f, wish{Do: "tell"})
		assert.Contains(t, s.Environment, "LAMBDA_TASK_ROOT="+s.WorkingDir)
		page, err := os.ReadFile(filepath.Join(s.WorkingDir, "pages", "index.html"))
		require.NoError(t, err)
		assert.Equal(t, "first", string(page))
		if !watch {
			continue
		}
		for _, text := range []string{"second", "third"} {
			install(text)
			receive(t, logged)
			now := ask(t, f, wish{Do: "tell"})
			page, err := os.ReadFile(filepath.Join(now.WorkingDir, "pages", "index.html"))
			require.NoError(t, err)
			assert.Equal(t, text, string(page))
			assert.NotEqual(t, s.WorkingDir, now.WorkingDir)
		}
		assert.NoDirExists(t, s.WorkingDir, "of files that nobody needs any more")
		require.NoError(t, f.Close())
		assert.NoDirExists(t, filepath.Dir(s.WorkingDir))
	}
}
