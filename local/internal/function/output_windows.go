package function

import "os"

// more waits for the process to print something and takes it.
func (o *output) more(from *os.File) error {
	n, err := from.Read(o.read)
	o.taking.Lock()
	defer o.taking.Unlock()
	o.handOn(o.read[:n])
	return err
}

// drain does nothing: whether there is something in a pipe is not to be had without
// waiting for it. It has most likely been read.
func (o *output) drain() {}
