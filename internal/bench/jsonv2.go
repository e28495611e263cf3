package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// measureWithJSONv2 returns the table of the GET, as Markdown, that this command prints when it
// is built with the encoding/json that stands on json/v2: it is faster at decoding events, as
// most peers do. The experiment is chosen when a program is built, so it takes a process of its
// own, whose progress goes to stderr.
func measureWithJSONv2(rounds int, slice time.Duration, stderr io.Writer) ([]byte, error) {
	cmd := exec.Command("go", "run", ".", "-gets", "-rounds", strconv.Itoa(rounds), "-slice", slice.String())
	cmd.Env = append(os.Environ(), "GOEXPERIMENT=jsonv2")
	cmd.Stderr = stderr
	table, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("GET with GOEXPERIMENT=jsonv2: %w", err)
	}
	return table, nil
}
