package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measureStarts measures how long a developer waits from the start of the command
// to the first answer, beside a build of the same package. What is compiled is
// cached, and linked each time.
func measureStarts(source, command, addr string, times int) error {
	folder := filepath.Dir(source)
	output := filepath.Join(folder, "..", "warm")
	if err := goBuild(folder, output, "."); err != nil {
		return err
	}
	var waits, builds, beyond []time.Duration
	for range times {
		os.Remove(output) // go build would find it up to date
		began := time.Now()
		if err := goBuild(folder, output, "."); err != nil {
			return err
		}
		builds = append(builds, time.Since(began))

		began = time.Now()
		cmd, err := start(folder, command, "--addr", addr, "--inspect", "off", ".")
		if err != nil {
			return err
		}
		err = waitFor(addr, "version 0")
		waits = append(waits, time.Since(began))
		stop(cmd)
		if err != nil {
			return err
		}
		beyond = append(beyond, waits[len(waits)-1]-builds[len(builds)-1])
	}
	fmt.Printf("\n%d starts to the first answer: %s; go build with a warm cache: %s; beyond it: %s\n", times, spread(waits), spread(builds), spread(beyond))
	return nil
}

// measureReloads measures how long a developer waits from saving a file to the
// first new answer, beside a build of the same change alone.
func measureReloads(source, twin, command, addr string, times int) error {
	cmd, err := start(filepath.Dir(source), command, "--addr", addr, "--inspect", "off", ".")
	if err != nil {
		return err
	}
	defer stop(cmd)
	if err := waitFor(addr, "version 0"); err != nil {
		return err
	}
	var waits, builds, beyond []time.Duration
	for n := 1; n <= times; n++ {
		old, new := fmt.Sprintf("version %d\"", n-1), fmt.Sprintf("version %d\"", n)
		if err := edit(source, old, new); err != nil {
			return err
		}
		saved := time.Now()
		if err := waitFor(addr, fmt.Sprintf("version %d\n", n)); err != nil {
			return err
		}
		waits = append(waits, time.Since(saved))

		// The twin is a package of its own, so that nothing of this build is cached.
		if err := edit(twin, old, new); err != nil {
			return err
		}
		began := time.Now()
		if err := goBuild(filepath.Dir(twin), filepath.Join(filepath.Dir(twin), "..", "warm"), "."); err != nil {
			return err
		}
		builds = append(builds, time.Since(began))
		beyond = append(beyond, waits[len(waits)-1]-builds[len(builds)-1])
	}
	fmt.Printf("%d edits, save to the first new answer: %s; go build alone: %s; beyond it: %s\n", times, spread(waits), spread(builds), spread(beyond))
	return nil
}

func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "not measured"
	}
	sorted := slices.Sorted(slices.Values(all))
	return fmt.Sprintf("p50 %.0f ms, max %.0f ms", ms(sorted[len(sorted)/2]), ms(sorted[len(sorted)-1]))
}

// writeFunction writes a function into a module of its own, twice: to be served,
// and to be built alone. It returns the source to edit.
func writeFunction(root, dir string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	for _, name := range []string{"served", "alone"} {
		folder := filepath.Join(dir, name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return "", err
		}
		mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err != nil {
			return "", err
		}
		sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
		if err != nil {
			return "", err
		}
		const module = "github.com/lambridge-go/lambridge"
		files := map[string]string{
			"go.mod": strings.Replace(string(mod), "module "+module, "module example.com/"+name, 1) +
				fmt.Sprintf("\nrequire %s v0.0.0\nreplace %s => %s\n", module, module, root),
			"go.sum": string(sum),
			"main.go": `package main

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "version 0")
	})))
}
`,
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				return "", err
			}
		}
	}
	return filepath.Join(dir, "served", "main.go"), nil
}

func edit(file, old, new string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o644)
}
