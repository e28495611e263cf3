// Package laptop serves an example in its test as the reader of the example does: with
// the command, from the example's folder.
package laptop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/lambridge-go/lambridge/internal/testcache"
)

// Serve builds the command into the folder dir, which is also where the function keeps
// its temporary files, and runs it with args. It returns the URL of the front door; stop
// ends the command and waits for its end.
func Serve(ctx context.Context, dir string, args ...string) (url string, stop func(), err error) {
	if err := testcache.Bypass(); err != nil { // go test does not know what the command is made of
		return "", nil, fmt.Errorf("laptop: %w", err)
	}
	program := filepath.Join(dir, "local")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/lambridge-go/lambridge/local").CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("laptop: build: %w: %s", err, out)
	}
	cmd := exec.Command(program, append([]string{"--addr", "127.0.0.1:0", "--inspect", "off"}, args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "GOFLAGS=-buildvcs=false")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("laptop: %w", err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("laptop: %w", err)
	}

	found, ended := make(chan string, 1), make(chan struct{})
	var said strings.Builder // until the URL is found
	go func() {
		defer close(ended)
		address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
		serves := false
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if serves {
				continue
			}
			fmt.Fprintln(&said, lines.Text())
			if url := address.FindString(lines.Text()); url != "" {
				serves = true
				found <- url
			}
		}
	}()
	stop = func() {
		cmd.Process.Signal(os.Interrupt)
		<-ended
		cmd.Wait()
	}
	select {
	case url := <-found:
		return url, stop, nil
	case <-ended:
		err = errors.New("it ended")
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(2 * time.Minute):
		err = errors.New("it does not serve")
	}
	stop()
	return "", nil, fmt.Errorf("laptop: %w: %s", err, &said)
}
