package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// otherToolchain is the Go that -write measures with besides the one that it runs with. Since
// 1.27 encoding/json stands on json/v2, which is faster at decoding events, as most peers do.
const otherToolchain = "go1.27.3"

// measureWith returns the tables of work, as Markdown, that this command prints when it is
// built with another Go. Its progress goes to stderr.
func measureWith(toolchain, commit string, rounds int, slice time.Duration, stderr io.Writer) ([]byte, error) {
	cmd := exec.Command("go", "run", ".", "-work", "-last", "-commit", commit, "-rounds", strconv.Itoa(rounds), "-slice", slice.String())
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain, "GOWORK=")
	cmd.Stderr = stderr
	tables, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("measuring with %s: %w", toolchain, err)
	}
	return tables, nil
}
