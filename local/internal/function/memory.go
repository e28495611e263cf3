package function

import (
	"sync"
	"time"
)

// memory knows the largest resident size of a process. Asking the system costs
// more than a small invocation, so it is asked only so often.
type memory struct {
	mu    sync.Mutex
	pid   int
	bytes int64
	asked time.Time
}

const memoryInterval = time.Second

func (m *memory) watch(pid int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pid = pid
}

// exited stops asking. What wait(2) reports is of no use: it counts the parent's
// size, too, which the child had until it became another program.
func (m *memory) exited() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pid = 0
}

func (m *memory) peak() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pid != 0 && time.Since(m.asked) > memoryInterval {
		m.asked = time.Now()
		m.bytes = max(m.bytes, peakOf(m.pid))
	}
	return m.bytes
}
