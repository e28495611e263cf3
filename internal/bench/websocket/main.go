// Command websocket measures the WebSocket API of the command local: what an idle
// connection costs, and how fast messages come back.
//
//	go -C internal/bench run ./websocket
//
// The function is in processes of its own behind the Lambda Runtime API, as it is
// for a developer. What that costs alone is measured beside it: the floor, a
// broker that does nothing but copy messages. -gateway leaves the processes out and
// measures the gateway alone, with the function in its own process; -baseline measures it
// beside that of an earlier commit, and beside the library that it speaks WebSocket with,
// which echoes messages by itself.
//
// With -rate 0 all answer in turns of a quarter of a second, while the others rest, and what
// is told is the median of what one did in its turn over what the first did in the turn beside
// it. The first plays twice: what it is from itself is noise. The client shares the machine
// with all of them and has no library, so that most of it is the server's; how many messages a
// second of the server's CPU time is good for does not depend on the client, or on the
// function, at all.
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
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lambridge-go/lambridge/adapter"
	wsapi "github.com/lambridge-go/lambridge/local/websocket"
)

func main() {
	idle := flag.Int("idle", 2000, "how many `connections` are open and say nothing")
	active := flag.Int("active", 100, "how many `connections` send")
	rate := flag.Int("rate", 5000, "how many `messages` are sent a second by all of them; 0 as many as come back")
	burst := flag.Int("burst", 1, "how many `messages` a connection sends at once before it reads what comes back")
	length := flag.Duration("for", 10*time.Second, "how long they send")
	processes := flag.Int("processes", 100, "how many `processes` of the function may run, each with one message at a time")
	rounds := flag.Int("rounds", 1, "how often each is measured")
	gatewayOnly := flag.Bool("gateway", false, "measure the gateway alone")
	baseline := flag.String("baseline", "", "measure the gateway beside that of a `commit`, and implies -gateway")
	serve := flag.String("serve", "", "be the `floor`, the gateway or its library instead of measuring")
	flag.Parse()
	var err error
	switch *serve {
	case "":
		load := load{*idle, *active, *rate, *burst, *length, *length, warmUp}
		if load.rate == 0 {
			load.turn = turn
		}
		if *gatewayOnly || *baseline != "" {
			load.warmUp = gatewayWarmUp
		}
		err = run(os.Stdout, load, *rounds, func(dir string) ([]*contestant, error) {
			if *gatewayOnly || *baseline != "" {
				return gateways(dir, *baseline)
			}
			return commands(dir, *processes)
		})
	case "floor":
		err = serveFloor(os.Stdout, *processes, flag.Arg(0))
	case "gateway":
		err = serveGateway(os.Stdout)
	case "library":
		err = serveLibrary(os.Stdout)
	default:
		err = fmt.Errorf("-serve %q is none of floor, gateway and library", *serve)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "websocket:", err)
		os.Exit(1)
	}
}

// A load is what clients do to a server.
type load struct {
	idle, active, rate, burst int
	length, turn, warmUp      time.Duration
}

func run(out io.Writer, load load, rounds int, contestantsIn func(dir string) ([]*contestant, error)) (err error) {
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	contestants, err := contestantsIn(dir)
	if err != nil {
		return err
	}
	order := slices.Clone(contestants)
	fmt.Fprintf(out, "%s, %d CPUs, %s\n", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	for range rounds {
		if err := play(out, contestants, load); err != nil {
			return err
		}
		contestants = append(contestants[1:], contestants[0]) // what started first is a little slower
	}
	if len(contestants) > 1 {
		summarize(out, order)
	}
	return nil
}

// play measures all contestants side by side: each answers for a turn and rests while the
// others do, so that noise hits all alike. Another is the first in each turn.
func play(out io.Writer, contestants []*contestant, load load) (err error) {
	var servers []*server
	for _, c := range contestants {
		fmt.Fprintf(out, "\n%s\n", c.name)
		s, err := start(c.command[0], c.command[1:]...)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		servers = append(servers, s)
		if err := s.open(out, load); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for first, left := 0, load.length; left > 0; first, left = first+1, left-load.turn {
		for n := range servers {
			n = (first + n) % len(servers)
			f, err := servers[n].echo(load, min(load.turn, left))
			if err != nil {
				return fmt.Errorf("%s: %w", contestants[n].name, err)
			}
			contestants[n].turns = append(contestants[n].turns, f)
		}
	}
	fmt.Fprintln(out)
	for n, s := range servers {
		if err := s.report(out, contestants[n].name); err != nil {
			return fmt.Errorf("%s: %w", contestants[n].name, err)
		}
	}
	return nil
}

// A contestant is a program that serves at the address it prints.
type contestant struct {
	name    string
	command []string
	turns   []figures // of all rounds
}

// figures are messages a second: of the clock, and of the CPU time that the server had.
type figures struct{ clock, cpu float64 }

func figuresOf(messages []time.Duration, clock, cpu time.Duration) figures {
	n := float64(len(messages))
	return figures{n / clock.Seconds(), n / cpu.Seconds()}
}

// commands builds the command and its floor into dir.
func commands(dir string, processes int) ([]*contestant, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	local, function := filepath.Join(dir, "local"), filepath.Join(dir, "bootstrap")
	if err := build("../..", local, "./local"); err != nil {
		return nil, err
	}
	if err := build(".", function, "./functions/websocket"); err != nil {
		return nil, err
	}
	number := strconv.Itoa(processes)
	floor := []string{self, "-serve", "floor", "-processes", number, function}
	return []*contestant{
		{name: "floor", command: floor},
		{name: "local", command: []string{local, "--addr", "127.0.0.1:0", "--inspect", "off", "--no-watch", "--ws-two-way", "--concurrency", number, "--exec", function}},
		{name: "floor again", command: floor},
	}, nil
}

// gateways are the gateway, as this program serves it, that of a commit, as this program
// served it then, and the library that echoes messages without a gateway.
func gateways(dir, commit string) ([]*contestant, error) {
	self, err := os.Executable() // runs again, so that its memory is counted alone
	if err != nil {
		return nil, err
	}
	serve := []string{"-serve", "gateway"}
	today := &contestant{name: "gateway", command: append([]string{self}, serve...)}
	library := &contestant{name: "library", command: []string{self, "-serve", "library"}}
	if commit == "" {
		return []*contestant{today, library}, nil
	}
	if err := checkOut(commit, dir); err != nil {
		return nil, err
	}
	then := filepath.Join(dir, "then")
	if err := build(filepath.Join(dir, "internal", "bench"), then, "./websocket"); err != nil {
		return nil, err
	}
	return []*contestant{
		{name: commit, command: append([]string{then}, serve...)}, today, {name: commit + " again", command: append([]string{then}, serve...)}, library,
	}, nil
}

// checkOut writes the files of a commit into dir.
func checkOut(commit, dir string) error {
	root, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse: %w", err)
	}
	files := filepath.Join(dir, "commit.tar")
	for _, command := range [][]string{
		{"git", "-C", strings.TrimSpace(string(root)), "archive", "--format=tar", "-o", files, commit},
		{"tar", "-x", "-f", files, "-C", dir},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", command[0], err, out)
		}
	}
	return nil
}

// summarize prints the medians of all turns, and those of each turn over the first
// contestant's beside it.
func summarize(out io.Writer, contestants []*contestant) {
	first := contestants[0]
	fmt.Fprintf(out, "\n| medians of %d turns | messages a second | over %s | messages a CPU second | over %s |\n|---|--:|--:|--:|--:|\n",
		len(first.turns), first.name, first.name)
	for _, c := range contestants {
		median := func(of func(f figures) float64, over bool) float64 {
			all := make([]float64, len(c.turns))
			for n, f := range c.turns {
				if all[n] = of(f); over {
					all[n] /= of(first.turns[n])
				}
			}
			slices.Sort(all)
			return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
		}
		clock, cpu := func(f figures) float64 { return f.clock }, func(f figures) float64 { return f.cpu }
		fmt.Fprintf(out, "| %s | %.0f | %.2f | %.0f | %.2f |\n", c.name, median(clock, false), median(clock, true), median(cpu, false), median(cpu, true))
	}
}

func serveGateway(out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	echo := adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	api, err := wsapi.New(wsapi.Config{Default: wsapi.Lambda(echo, wsapi.LambdaOptions{}), TwoWay: true})
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
	reading sync.WaitGroup
	url     string
	all     []*client
	active  []*client // those of all that send

	took       []time.Duration // each message
	clock, cpu time.Duration   // all of them
}

func start(program string, args ...string) (*server, error) {
	s := &server{cmd: exec.Command(program, args...)}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.cmd.Stderr = s.cmd.Stdout
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
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
	for _, c := range s.all {
		c.close()
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.reading.Wait()
	err := s.cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && !exit.Exited() {
		err = nil // the floor knows no end but the signal
	}
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) // the floor's functions
	return err
}

func (s *server) dial() (*client, error) {
	c, err := dial(s.url)
	if err == nil {
		s.all = append(s.all, c)
	}
	return c, err
}

// open opens all connections and warms the server up.
func (s *server) open(out io.Writer, load load) error {
	if err := s.holdIdle(out, load.idle); err != nil {
		return err
	}
	for range load.active {
		c, err := s.dial()
		if err != nil {
			return err
		}
		s.active = append(s.active, c)
	}
	_, err := converseAll(s.active, load, load.warmUp)
	return err
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
			return fmt.Errorf("connection %d: %w", len(s.all), err)
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

// turn is how long a server answers as fast as it can before the next does. A rate needs all
// of the time.
const turn = 250 * time.Millisecond

// warmUp is how long messages are sent before any is counted: as long as it takes to
// start the processes that they need, or to warm up one.
const (
	warmUp        = 4 * time.Second
	gatewayWarmUp = time.Second / 2
)

// processorTime returns what the server has had of the CPUs, to the nanosecond. That of its
// children does not count.
//
// https://man7.org/linux/man-pages/man3/clock_getcpuclockid.3.html
func (s *server) processorTime() (time.Duration, error) {
	const scheduled = 2 // the time that the scheduler has counted
	var had unix.Timespec
	if err := unix.ClockGettime(int32(^s.cmd.Process.Pid<<3|scheduled), &had); err != nil {
		return 0, fmt.Errorf("the server's CPU time: %w", err)
	}
	return time.Duration(had.Nano()), nil
}

// echo sends on connections for a time and times what comes back. A rate spreads the
// messages evenly; a connection that is late sends the next at once, so that what
// is slow is not measured less often.
func (s *server) echo(load load, length time.Duration) (figures, error) {
	had, err := s.processorTime()
	if err != nil {
		return figures{}, err
	}
	began := time.Now()
	took, err := converseAll(s.active, load, length)
	if err != nil {
		return figures{}, err
	}
	clock := time.Since(began)
	has, err := s.processorTime()
	if err != nil {
		return figures{}, err
	}
	cpu := has - had
	if len(took) == 0 || cpu == 0 {
		return figures{}, errors.New("nothing came back, or for nothing")
	}
	s.clock, s.cpu, s.took = s.clock+clock, s.cpu+cpu, append(s.took, took...)
	return figuresOf(took, clock, cpu), nil
}

// report tells what came of all that was sent.
func (s *server) report(out io.Writer, name string) error {
	f, n := figuresOf(s.took, s.clock, s.cpu), float64(len(s.took))
	slices.Sort(s.took)
	at := func(q float64) time.Duration { return s.took[int(q*(n-1))].Round(10 * time.Microsecond) }
	memory, err := s.resident()
	fmt.Fprintf(out, "%s: %.0f messages echoed over %d connections in %s: %.0f a second, %.0f a second of the server's CPU time; p50 %s, p99 %s, longest %s; the server has %.1f MB\n",
		name, n, len(s.active), s.clock.Round(time.Millisecond), f.clock, f.cpu, at(0.5), at(0.99), at(1), float64(memory)/1024)
	return err
}

func converseAll(conns []*client, load load, length time.Duration) (took []time.Duration, err error) {
	var (
		working sync.WaitGroup
		mu      sync.Mutex
		began   = time.Now()
	)
	for i, c := range conns {
		working.Go(func() {
			times, failed := converse(c, began.Add(time.Duration(i)*time.Millisecond/5), load, length)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, times...)
			err = errors.Join(err, failed)
		})
	}
	working.Wait()
	return took, err
}

func converse(c *client, next time.Time, load load, length time.Duration) (took []time.Duration, err error) {
	if err := c.network.SetDeadline(time.Now().Add(length + patience)); err != nil {
		return nil, err
	}
	messages := make([][]byte, load.burst)
	for end := time.Now().Add(length); time.Now().Before(end); {
		if load.rate > 0 {
			time.Sleep(time.Until(next))
		} else {
			next = time.Now()
		}
		for n := range messages {
			messages[n] = strconv.AppendInt(append(messages[n][:0], "message "...), int64(len(took)+n), 10)
		}
		if err := c.echo(messages); err != nil {
			return nil, err
		}
		for range messages {
			took = append(took, time.Since(next)) // counts the wait of one that was late
		}
		if load.rate > 0 {
			next = next.Add(time.Second * time.Duration(load.active*load.burst) / time.Duration(load.rate))
		}
	}
	return took, nil
}
