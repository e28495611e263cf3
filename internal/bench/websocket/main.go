// Command websocket measures the WebSocket API of the command local: what an idle
// connection costs, and how fast messages come back.
//
//	go -C internal/bench run ./websocket
//
// The function is in processes of its own behind the Lambda Runtime API, as it is
// for a developer; -gateway leaves that out and measures the gateway alone, with the
// function in its own process. The client shares the machine with both.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/local/gateway"
)

func main() {
	idle := flag.Int("idle", 2000, "how many `connections` are open and say nothing")
	active := flag.Int("active", 100, "how many `connections` send")
	rate := flag.Int("rate", 5000, "how many `messages` are sent a second by all of them; 0 as many as come back")
	length := flag.Duration("for", 10*time.Second, "how long they send")
	processes := flag.Int("processes", 100, "how many `processes` of the function may run, each with one message at a time")
	gatewayOnly := flag.Bool("gateway", false, "measure the gateway alone")
	serving := flag.Bool("serve-gateway", false, "be the gateway; for -gateway")
	flag.Parse()
	if *serving {
		if err := serveGateway(os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "websocket:", err)
			os.Exit(1)
		}
		return
	}
	if *gatewayOnly {
		*processes = 0
	}
	if err := run(os.Stdout, *idle, *active, *rate, *length, *processes); err != nil {
		fmt.Fprintln(os.Stderr, "websocket:", err)
		os.Exit(1)
	}
}

// run measures local with up to as many processes of the function, or the gateway
// alone if processes is 0.
func run(out io.Writer, idle, active, rate int, length time.Duration, processes int) (err error) {
	s, err := startLocal(processes)
	if processes == 0 {
		s, err = startGateway()
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()

	fmt.Fprintf(out, "%s, %d CPUs, %s\n", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	if err := s.holdIdle(out, idle); err != nil {
		return err
	}
	return s.echo(out, active, rate, length)
}

func startLocal(processes int) (*server, error) {
	if processes == 0 {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return nil, err
	}
	local, function := filepath.Join(dir, "local"), filepath.Join(dir, "bootstrap")
	if err := build("../..", local, "./local"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := build(".", function, "./functions/websocket"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s, err := start(local, "--addr", "127.0.0.1:0", "--inspect", "off", "--no-watch", "--ws-two-way", "--concurrency", strconv.Itoa(processes), "--exec", function)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.dir = dir
	return s, nil
}

// startGateway runs this program again, so that its memory is counted alone.
func startGateway() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(self, "-serve-gateway")
}

func serveGateway(out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	echo := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	api, err := gateway.NewWebSocket(gateway.WebSocketConfig{Function: echo, TwoWay: true})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "ws://%s/local\n", listener.Addr())
	srv := &http.Server{Handler: api}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(listener) }()
	<-ctx.Done()
	if err := errors.Join(api.Close(), srv.Close()); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func build(dir, output, pkg string) error {
	cmd := exec.Command("go", "build", "-o", output, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", pkg, err, out)
	}
	return nil
}

// A server is a running program and the connections to it.
type server struct {
	cmd     *exec.Cmd
	dir     string // of the programs, or ""
	reading sync.WaitGroup
	url     string
	open    []*websocket.Conn
}

func start(program string, args ...string) (*server, error) {
	s := &server{cmd: exec.Command(program, args...)}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.cmd.Stderr = s.cmd.Stdout
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(stdout)
	address := regexp.MustCompile(`ws://\S+`)
	for s.url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the server ended: %w", err), s.cmd.Wait())
		}
		s.url = address.FindString(line)
	}
	s.reading.Go(func() { io.Copy(io.Discard, lines) })
	return s, nil
}

func (s *server) stop() error {
	for _, c := range s.open {
		c.CloseNow()
	}
	s.cmd.Process.Signal(os.Interrupt)
	s.reading.Wait()
	err := s.cmd.Wait()
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}

func (s *server) dial() (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, s.url, nil)
	if err == nil {
		s.open = append(s.open, c)
	}
	return c, err
}

func (s *server) holdIdle(out io.Writer, n int) error {
	if _, err := s.dial(); err != nil { // starts the function
		return err
	}
	before, err := s.resident()
	if err != nil {
		return err
	}
	began := time.Now()
	for range n {
		if _, err := s.dial(); err != nil {
			return fmt.Errorf("connection %d: %w", len(s.open), err)
		}
	}
	after, err := s.resident()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d idle connections opened in %s; the server went from %.1f to %.1f MB: %.1f KB for each\n",
		n, time.Since(began).Round(time.Millisecond), float64(before)/1024, float64(after)/1024, float64(after-before)/float64(n))
	return nil
}

// resident returns the memory of the server in KB, as Linux counts it.
func (s *server) resident() (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
		}
	}
	return 0, errors.New("no VmRSS")
}

// echo sends on n connections and times what comes back. A rate spreads the
// messages evenly; a connection that is late sends the next at once, so that what
// is slow is not measured less often.
func (s *server) echo(out io.Writer, n, rate int, length time.Duration) error {
	var (
		working sync.WaitGroup
		mu      sync.Mutex
		took    []time.Duration
		failed  error
	)
	conns := make([]*websocket.Conn, n)
	for i := range conns {
		var err error
		if conns[i], err = s.dial(); err != nil {
			return err
		}
	}
	began := time.Now()
	for i, c := range conns {
		working.Go(func() {
			times, err := converse(c, began.Add(time.Duration(i)*time.Millisecond/5), n, rate, length)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, times...)
			failed = errors.Join(failed, err)
		})
	}
	working.Wait()
	total := time.Since(began)
	if failed != nil {
		return failed
	}
	if len(took) == 0 {
		return errors.New("nothing came back")
	}
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(10 * time.Microsecond) }
	memory, err := s.resident()
	fmt.Fprintf(out, "%d messages echoed over %d connections in %s: %.0f a second; p50 %s, p99 %s, longest %s; the server has %.1f MB\n",
		len(took), n, total.Round(time.Millisecond), float64(len(took))/total.Seconds(), at(0.5), at(0.99), at(1), float64(memory)/1024)
	return err
}

func converse(c *websocket.Conn, next time.Time, n, rate int, length time.Duration) (took []time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), length+30*time.Second)
	defer cancel()
	for end := time.Now().Add(length); time.Now().Before(end); {
		if rate > 0 {
			time.Sleep(time.Until(next))
		} else {
			next = time.Now()
		}
		sent := "message " + strconv.Itoa(len(took))
		if err := c.Write(ctx, websocket.MessageText, []byte(sent)); err != nil {
			return nil, err
		}
		_, got, err := c.Read(ctx)
		if err != nil {
			return nil, err
		}
		if string(got) != sent {
			return nil, fmt.Errorf("sent %q, got %q", sent, got)
		}
		took = append(took, time.Since(next)) // counts the wait of one that was late
		if rate > 0 {
			next = next.Add(time.Second * time.Duration(n) / time.Duration(rate))
		}
	}
	return took, nil
}
