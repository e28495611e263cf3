// Package testcache is for tests that look at files outside of their own module, such as
// README.md.
package testcache

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// witness is a file of the module that is being tested: tests run in the folder of their
// package. It is not committed.
const witness = "testdata/.uncached"

// Bypass makes go test run the tests of a package each time, if one of them calls it. Else
// it would print the result of the last run until a file changes that they have opened, of
// which it looks at those of the module alone. A file that may have changed since they
// opened it makes it remember nothing, and that of the witness is always newer than now.
func Bypass() error {
	tomorrow := time.Now().Add(24 * time.Hour)
	err := os.MkdirAll(filepath.Dir(witness), 0o755)
	if err == nil {
		err = os.WriteFile(witness, nil, 0o644)
	}
	if err == nil {
		err = os.Chtimes(witness, tomorrow, tomorrow)
	}
	if err != nil {
		return fmt.Errorf("testcache: %w", err)
	}
	return nil
}
