//go:build unix

package function

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// more waits for the process to print something and takes it.
func (o *output) more(*os.File) error {
	var err error
	waited := o.pipe.Read(func(fd uintptr) (done bool) {
		_, err = o.take(fd)
		return err != syscall.EAGAIN
	})
	return errors.Join(waited, err)
}

// take reads what is in the pipe, without waiting.
func (o *output) take(fd uintptr) (n int, err error) {
	o.taking.Lock()
	defer o.taking.Unlock()
	for {
		n, err = syscall.Read(int(fd), o.read)
		switch {
		case err == syscall.EINTR:
			continue
		case err == nil && n == 0:
			return 0, io.EOF
		case err == nil:
			o.handOn(o.read[:n])
		}
		return n, err
	}
}

// drain hands on what the process has printed up to now. It is for a process that waits:
// one that prints on and on in the background is not followed for ever.
func (o *output) drain() {
	o.taking.Lock()
	pipe := o.pipe
	o.taking.Unlock()
	if pipe == nil {
		return
	}
	_ = pipe.Control(func(fd uintptr) {
		const most = 1 << 20 // far more than a pipe holds
		for drained := 0; drained < most; {
			n, err := o.take(fd)
			if err != nil {
				return
			}
			drained += n
		}
	})
}
