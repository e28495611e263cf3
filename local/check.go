package main

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"

	"github.com/lambridge-go/lambridge/local/internal/function"
)

// check refuses what does not go together, so that nothing is silently ignored.
func (f *flags) check() error {
	var wrong []error
	refuse := func(condition bool, message string) {
		if condition {
			wrong = append(wrong, errors.New("local: "+message))
		}
	}
	f.checkDefinition(refuse)
	f.checkExport(refuse)
	f.checkTLS(refuse)
	refuse(f.Diff != "" && f.secure(), "--diff asks by plain HTTP: leave out --tls")
	refuse(f.Exec != "" && f.Target != "", "--exec names the executable already: leave out the argument")
	refuse(f.Attach && (f.Target != "" && f.Definition == "" || f.Exec != ""), "--attach starts nothing: leave out the package or executable")
	refuse(len(f.Watch) > 0 && f.Target == "" && f.Exec == "" && !f.Attach && f.Definition == "", "the tour has no files to watch: leave out --watch or name a package")
	refuse(f.Attach && f.Timeout != 0 && f.Definition == "", "--attach has timeouts off: leave out --timeout")
	refuse(f.Attach && len(f.Watch) > 0 && f.Definition == "", "--attach reloads nothing: leave out --watch")
	refuse(f.NoWatch && len(f.Watch) > 0, "--watch and --no-watch contradict each other")
	refuse(f.Every && f.API != "http", "--every serves all front doors: leave out --api")
	refuse(f.Every && f.ofOneFrontDoor(), "--stage, --stage-variable, --base-path, --route, --stream and --cors-... are not for every front door: leave them out or choose one with --api")
	refuse(f.Throttle && !f.Stream && f.Definition == "", "--throttle slows streams down: add --stream or leave it out")
	refuse(len(f.BinaryMediaType) > 1 && slices.Contains(f.BinaryMediaType, noMediaType), "--binary-media-type none contradicts the others")
	refuse(f.Account != "" && !accountID.MatchString(f.Account), fmt.Sprintf("--account %q is not 12 digits", f.Account))
	refuse(f.Name != "" && !functionName.MatchString(f.Name), fmt.Sprintf("--name %q is not 1 to 64 letters, digits, hyphens and underscores, as Lambda has it", f.Name))
	refuse(f.Diff == "" && (len(f.DiffHeader) > 0 || f.DiffBody != ""), "--diff-header and --diff-body are for the request of --diff, which is missing")
	refuse(f.Diff != "" && !f.Every, "--diff compares the front doors: add --every")
	refuse(f.Diff != "" && (f.Attach || len(f.Watch) > 0), "--diff sends one request to a function of its own: leave out --attach and --watch")
	if f.Diff != "" {
		_, err := f.diffRequest()
		wrong = append(wrong, err)
	}
	refuse(f.Timeout < 0, fmt.Sprintf("--timeout %v is negative", f.Timeout))
	refuse(f.Memory < 128 || f.Memory > 10240, fmt.Sprintf("--memory %d is not between 128 and 10240, as Lambda has it", f.Memory))
	refuse(f.Concurrency < 1, fmt.Sprintf("--concurrency %d is less than 1", f.Concurrency))
	refuse(f.MaxConcurrency < 1, fmt.Sprintf("--max-concurrency %d is less than 1", f.MaxConcurrency))
	refuse(f.Freeze && f.Attach, "--attach leaves the process to its debugger: leave out --freeze")
	refuse(f.Freeze && f.MaxConcurrency > 1, "processes that run several invocations at once are not frozen: leave out --freeze or --max-concurrency")
	refuse(f.Freeze && !function.CanFreeze, "--freeze needs a system that can stop processes, which Windows cannot")
	refuse((f.Poll || len(f.BuildFlags) > 0) && f.Attach, "--attach builds and reloads nothing: leave out --poll and --build-flags")
	refuse(f.NoWatch && f.Poll, "--poll and --no-watch contradict each other")
	if _, err := f.buildFlags(); err != nil {
		wrong = append(wrong, err)
	}
	for _, address := range []struct {
		flag, value string
		public      bool
	}{{"--addr", f.Addr, f.Public}, {"--inspect", f.Inspect, f.Public}, {"--runtime-api", f.RuntimeAPI, false}} {
		if address.flag == "--inspect" && address.value == "off" {
			continue
		}
		if _, _, err := net.SplitHostPort(address.value); err != nil {
			refuse(true, fmt.Sprintf("%s %q is not like 127.0.0.1:3000, with a host and a port", address.flag, address.value))
			continue
		}
		hint := ""
		if address.flag != "--runtime-api" {
			hint = " (--public says that they may)"
		}
		refuse(!address.public && !isLoopback(address.value), fmt.Sprintf("%s %q is not a loopback address such as 127.0.0.1:3000: nobody else is to reach a function that runs with your credentials%s", address.flag, address.value, hint))
	}
	if f.Definition == "" {
		err := f.checkCallers()
		if err == nil { // else each front door would say it once more
			err = f.checkFrontDoors()
		}
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ofOneFrontDoor reports whether a flag is set that some front doors do not have.
func (f *flags) ofOneFrontDoor() bool {
	return f.Stage != "" || len(f.StageVariable) > 0 || f.BasePath != "" || len(f.Route) > 0 || f.Stream || f.cors() != nil
}

var functionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

var accountID = regexp.MustCompile(`^[0-9]{12}$`)
