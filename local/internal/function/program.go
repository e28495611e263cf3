package function

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/lambridge-go/lambridge/local/internal/archive"
)

// checkProgram reports why the system would not start a program, as far as its file
// tells.
func checkProgram(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("function: find the program: %w", err)
	}
	switch {
	case info.IsDir():
		return fmt.Errorf("function: %q is a folder, not a program", path)
	case archive.Is(path): // which unpack looks into
		return nil
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0:
		return fmt.Errorf("function: %q may not be executed: if it is a program, chmod +x makes it one", path)
	}
	if platform := elsewhere(path); platform != "" {
		return fmt.Errorf("function: %q is a program for %s, and this is %s/%s: build it for this machine to run it here", path, platform, runtime.GOOS, runtime.GOARCH)
	}
	return nil
}

// unpack unpacks a zip file into a folder, which it makes, and returns its program.
func unpack(path, dir string) (string, error) {
	unpacked, err := archive.Unpack(path, dir)
	if err != nil {
		return "", fmt.Errorf("function: %w", err)
	}
	if platform := elsewhere(unpacked); platform != "" {
		instead := "serve the folder of its source"
		if runtime.GOOS == "linux" {
			instead = "local build --arch " + runtime.GOARCH + " makes one for this machine, and the folder of its source is served as it is"
		}
		return "", fmt.Errorf("function: %q holds a program for %s, and this is %s/%s: %s", path, platform, runtime.GOOS, runtime.GOARCH, instead)
	}
	return unpacked, nil
}

// beginning returns the first bytes of a file, or nil.
func beginning(path string) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	b := make([]byte, 20)
	n, _ := io.ReadFull(file, b)
	return b[:n]
}

// elsewhere is the platform that a program is built for, as far as its beginning tells,
// if it is not this machine's, else "".
func elsewhere(path string) string {
	begins := beginning(path)
	switch {
	case bytes.HasPrefix(begins, []byte("\x7fELF")) && len(begins) == 20:
		// The System V ABI's e_machine, in the order of bytes that e_ident says.
		machine := binary.LittleEndian.Uint16(begins[18:])
		if begins[5] == 2 {
			machine = binary.BigEndian.Uint16(begins[18:])
		}
		arch := map[uint16]string{3: "386", 40: "arm", 62: "amd64", 183: "arm64", 243: "riscv64"}[machine]
		if runtime.GOOS == "darwin" || runtime.GOOS == "windows" || arch != "" && arch != runtime.GOARCH {
			return "linux/" + arch
		}
	case len(begins) >= 4 && runtime.GOOS != "darwin" && isMachO(binary.LittleEndian.Uint32(begins)):
		return "darwin"
	case bytes.HasPrefix(begins, []byte("MZ")) && runtime.GOOS != "windows":
		return "windows"
	}
	return ""
}

// isMachO reports whether a file of macOS begins so.
func isMachO(magic uint32) bool {
	return magic == 0xfeedface || magic == 0xfeedfacf || magic == 0xbebafeca
}

// notStarted says why the system did not start a program.
func notStarted(path string, err error) error {
	if format := checkProgram(path); format != nil {
		return format
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("function: start %q: %w: what it needs to run, such as its interpreter, is missing", path, err)
	}
	return fmt.Errorf("function: start %q: %w", path, err)
}
