// Command local measures the local command against the floor, a broker that does
// nothing but copy bytes, in one run on one machine: requests per second and
// latencies with few and many clients, the time to the first answer, the time
// from saving a file to the first new answer, and memory.
//
//	cd internal/bench && go run ./local
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	broker := flag.String("broker", "", "be the broker at this address instead of measuring")
	instances := flag.Int("instances", 1, "how many processes the broker starts")
	requests := flag.Int("n", 20000, "requests per measurement; 0 leaves the load out")
	rounds := flag.Int("rounds", 3, "how often each is measured; the median counts")
	starts := flag.Int("starts", 20, "how often the command is started")
	reloads := flag.Int("reloads", 20, "how often a file is edited")
	streams := flag.Bool("streams", false, "measure replies that stream instead")
	root := flag.String("root", "../..", "the repository")
	flag.Parse()
	if *broker != "" {
		log.Fatal(serveFloor(*broker, *instances, flag.Arg(0)))
	}
	if *streams {
		if err := measureStreams(*root, *rounds); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := measure(*root, *requests, *rounds, *starts, *reloads); err != nil {
		log.Fatal(err)
	}
}

func measure(root string, requests, rounds, starts, reloads int) error {
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	command, function := filepath.Join(dir, "local"), filepath.Join(dir, "bootstrap")
	if err := goBuild(root, command, "./local"); err != nil {
		return err
	}
	if err := goBuild(root, function, "./examples/nethttp"); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}

	fmt.Printf("%s, %s, %d CPUs shared by client and server\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
	if requests > 0 {
		if err := measureLoad(self, command, function, addr, requests, rounds); err != nil {
			return err
		}
	}
	source, err := writeFunction(root, dir)
	if err != nil {
		return err
	}
	if err := measureStarts(source, command, addr, starts); err != nil {
		return err
	}
	return measureReloads(source, filepath.Join(dir, "alone", "main.go"), command, addr, reloads)
}

func measureLoad(self, command, function, addr string, requests, rounds int) error {
	contestants := []struct {
		name    string
		clients int
		args    []string
	}{
		{"floor, 1 process", 1, []string{self, "-broker", addr, "-instances", "1", function}},
		{"local", 1, []string{command, "--addr", addr, "--inspect", "off", function}},
		{"floor, 16 processes", 16, []string{self, "-broker", addr, "-instances", "16", function}},
		{"local", 16, []string{command, "--addr", addr, "--inspect", "off", function}},
	}
	results := make([][]result, len(contestants))
	for range rounds { // taking turns, so that noise hits all alike
		for n, c := range contestants {
			r, err := loadRound(addr, requests, c.clients, c.args)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			results[n] = append(results[n], r)
		}
	}
	fmt.Printf("\n%d requests, median of %d rounds\n\n%-28s %8s %10s %10s %10s %8s %8s\n",
		requests, rounds, "", "clients", "requests/s", "p50 ms", "p99 ms", "CPU µs", "MB")
	for n, c := range contestants {
		r := median(results[n])
		fmt.Printf("%-28s %8d %10.0f %10.2f %10.2f %8d %8d\n", c.name, c.clients, r.rate, ms(r.p50), ms(r.p99), r.cpu.Microseconds(), r.memory>>20)
	}
	return nil
}

// measureStarts measures how long a developer waits from the start of the command
// to the first answer, beside a build of the same package. What is compiled is
// cached, and linked each time.
func measureStarts(source, command, addr string, times int) error {
	folder := filepath.Dir(source)
	output := filepath.Join(folder, "..", "warm")
	if err := goBuild(folder, output, "."); err != nil {
		return err
	}
	var waits, builds, beyond []time.Duration
	for range times {
		os.Remove(output) // go build would find it up to date
		began := time.Now()
		if err := goBuild(folder, output, "."); err != nil {
			return err
		}
		builds = append(builds, time.Since(began))

		began = time.Now()
		cmd := start(folder, command, "--addr", addr, "--inspect", "off", ".")
		_, err := waitFor(addr, "version 0")
		waits = append(waits, time.Since(began))
		stop(cmd)
		if err != nil {
			return err
		}
		beyond = append(beyond, waits[len(waits)-1]-builds[len(builds)-1])
	}
	fmt.Printf("\n%d starts to the first answer: %s; go build with a warm cache: %s; beyond it: %s\n", times, spread(waits), spread(builds), spread(beyond))
	return nil
}

// measureReloads measures how long a developer waits from saving a file to the
// first new answer, beside a build of the same change alone.
func measureReloads(source, twin, command, addr string, times int) error {
	cmd := start(filepath.Dir(source), command, "--addr", addr, "--inspect", "off", ".")
	defer stop(cmd)
	if _, err := waitFor(addr, "version 0"); err != nil {
		return err
	}
	var waits, builds, beyond []time.Duration
	for n := 1; n <= times; n++ {
		old, new := fmt.Sprintf("version %d\"", n-1), fmt.Sprintf("version %d\"", n)
		if err := edit(source, old, new); err != nil {
			return err
		}
		saved := time.Now()
		if _, err := waitFor(addr, fmt.Sprintf("version %d\n", n)); err != nil {
			return err
		}
		waits = append(waits, time.Since(saved))

		// The twin is a package of its own, so that nothing of this build is cached.
		if err := edit(twin, old, new); err != nil {
			return err
		}
		began := time.Now()
		if err := goBuild(filepath.Dir(twin), filepath.Join(filepath.Dir(twin), "..", "warm"), "."); err != nil {
			return err
		}
		builds = append(builds, time.Since(began))
		beyond = append(beyond, waits[len(waits)-1]-builds[len(builds)-1])
	}
	fmt.Printf("%d edits, save to the first new answer: %s; go build alone: %s; beyond it: %s\n", times, spread(waits), spread(builds), spread(beyond))
	return nil
}

func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "not measured"
	}
	sorted := slices.Sorted(slices.Values(all))
	return fmt.Sprintf("p50 %.0f ms, max %.0f ms", ms(sorted[len(sorted)/2]), ms(sorted[len(sorted)-1]))
}

// writeFunction writes a function into a module of its own, twice: to be served,
// and to be built alone. It returns the source to edit.
func writeFunction(root, dir string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	for _, name := range []string{"served", "alone"} {
		folder := filepath.Join(dir, name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return "", err
		}
		mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err != nil {
			return "", err
		}
		sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
		if err != nil {
			return "", err
		}
		const module = "github.com/lambridge-go/lambridge"
		files := map[string]string{
			"go.mod": strings.Replace(string(mod), "module "+module, "module example.com/"+name, 1) +
				fmt.Sprintf("\nrequire %s v0.0.0\nreplace %s => %s\n", module, module, root),
			"go.sum": string(sum),
			"main.go": `package main

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambridge-go/lambridge/adapter"
)

func main() {
	lambda.Start(adapter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "version 0")
	})))
}
`,
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				return "", err
			}
		}
	}
	return filepath.Join(dir, "served", "main.go"), nil
}

func edit(file, old, new string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o644)
}

type result struct {
	rate     float64
	p50, p99 time.Duration
	cpu      time.Duration // of the server alone, a request
	memory   int64         // of the server alone, at its largest
}

// loadRound starts a server, waits until it answers and loads it.
func loadRound(addr string, requests, clients int, args []string) (result, error) {
	cmd := start("", args...)
	defer stop(cmd)
	if _, err := waitFor(addr, ""); err != nil {
		return result{}, err
	}
	if _, err := load(addr, 500, clients); err != nil { // warm up
		return result{}, err
	}
	before := cpuTime(cmd.Process.Pid)
	r, err := load(addr, requests, clients)
	r.cpu = (cpuTime(cmd.Process.Pid) - before) / time.Duration(requests)
	r.memory = peakMemory(cmd.Process.Pid)
	return r, err
}

func load(addr string, requests, clients int) (result, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var (
		next   atomic.Int64
		failed atomic.Pointer[error]
		wg     sync.WaitGroup
		took   = make([]time.Duration, requests)
		began  = time.Now()
	)
	for range clients {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < int64(requests); n = next.Add(1) - 1 {
				sent := time.Now()
				if _, err := get(client, addr); err != nil {
					failed.Store(&err)
					return
				}
				took[n] = time.Since(sent)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return result{}, *err
	}
	rate := float64(requests) / time.Since(began).Seconds()
	slices.Sort(took)
	return result{rate: rate, p50: took[requests/2], p99: took[requests*99/100]}, nil
}

func get(client *http.Client, addr string) (string, error) {
	response, err := client.Get("http://" + addr + "/")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 500 {
		err = fmt.Errorf("status %s: %s", response.Status, body)
	}
	return string(body), err
}

// waitFor asks until the answer contains text.
func waitFor(addr, text string) (string, error) {
	deadline := time.Now().Add(30 * time.Second)
	for {
		body, err := get(http.DefaultClient, addr)
		if err == nil && strings.Contains(body, text) {
			return body, nil
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("no answer with %q: %q, %v", text, body, err)
		}
		time.Sleep(time.Millisecond)
	}
}

func start(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	return cmd
}

func stop(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the broker's functions
}

func goBuild(dir, output, pkg string) error {
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", output, pkg)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// peakMemory reads the high-water mark of a process (proc_pid_status(5)), or 0
// where there is no /proc.
func peakMemory(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	value, _, _ := strings.Cut(after, "kB")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	return kilobytes << 10
}

// cpuTime reads what a process has used, in ticks of 10 ms (proc_pid_stat(5)).
func cpuTime(pid int) time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(stat))
	if len(fields) < 15 {
		return 0
	}
	user, _ := strconv.Atoi(fields[13])
	system, _ := strconv.Atoi(fields[14])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func median(all []result) result {
	slices.SortFunc(all, func(a, b result) int { return int(a.rate - b.rate) })
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
