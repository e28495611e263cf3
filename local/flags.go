package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/joho/godotenv"
)

// flags are the command line.
type flags struct {
	Target string `arg:"" optional:"" help:"The function: the folder of a Go program that calls lambda.Start, or an executable. Without it, a tour."`

	Addr     string `default:"127.0.0.1:3000" placeholder:"HOST:PORT" help:"Where to serve. Port 0 picks a free one. Default: ${default}."`
	API      string `name:"api" default:"http" enum:"http,http-v1,rest,url,alb,alb-multi,lattice,lattice-v1" placeholder:"FRONT-DOOR" help:"The front door to stand in for: ${enum}. Default: ${default}."`
	Every    bool   `help:"Serve every front door at once, on consecutive ports from --addr."`
	Stage    string `help:"Stage of the API, which is then the first segment of its URLs."`
	BasePath string `placeholder:"/PATH" help:"Base path that a custom domain maps the API to."`
	Stream   bool   `help:"Let the function stream its replies: a function URL's RESPONSE_STREAM, a REST API's STREAM."`
	Throttle bool   `help:"Slow streams down to 2 MB/s after their first megabytes, as AWS does."`

	RouteSelection string   `default:"$request.body.action" placeholder:"EXPRESSION" help:"Route selection expression of the WebSocket API. Default: ${default}."`
	WSRoute        []string `name:"ws-route" sep:"none" placeholder:"KEY" help:"Custom route of the WebSocket API, such as 'sendmessage'. Repeatable."`
	WSTwoWay       bool     `name:"ws-two-way" help:"Give the routes of the WebSocket API a response: what the function returns for a message goes to its sender."`

	Timeout        time.Duration `placeholder:"DURATION" help:"How long an invocation may take. Default: 30s. (Lambda's own default is 3s.)"`
	Memory         int           `default:"128" placeholder:"MB" help:"The memory size the function is told of; it is not enforced. Default: ${default}."`
	Concurrency    int           `default:"100" placeholder:"N" help:"How many processes of the function may run; requests beyond are throttled. Default: ${default}."`
	MaxConcurrency int           `default:"1" placeholder:"N" help:"How many invocations one process runs at once, as Lambda Managed Instances do. Default: ${default}."`
	Env            []string      `sep:"none" placeholder:"KEY=VALUE" help:"Environment variable for the function. Repeatable."`
	EnvFile        []string      `sep:"none" placeholder:"FILE" help:"File of KEY=VALUE lines for the function; --env wins. Repeatable."`
	Exec           string        `placeholder:"FILE" help:"Run this executable, such as a built ./bootstrap, instead of building a package."`
	Attach         bool          `help:"Start nothing: print the environment to start the function with, in a debugger say, and wait for it. Timeouts are off."`
	RuntimeAPI     string        `name:"runtime-api" default:"127.0.0.1:9001" placeholder:"HOST:PORT" help:"Where an attached function finds the Runtime API. Default: ${default}."`

	NoWatch bool     `name:"no-watch" help:"Do not rebuild and reload when sources change."`
	Watch   []string `sep:"none" placeholder:"GLOB" help:"Reload when these files change, too, such as 'templates/*.html'. Repeatable."`
	Inspect string   `default:"127.0.0.1:4000" placeholder:"HOST:PORT|off" help:"Where to serve the Lambda Invoke API. Default: ${default}."`
	Log     string   `default:"pretty" enum:"pretty,json" placeholder:"FORMAT" help:"How to log: ${enum}. Default: ${default}."`
}

var errHelp = errors.New("help was asked for")

const description = `Runs a Lambda function on this machine, behind the HTTP front doors of AWS.

Every flag is also an environment variable: --base-path is LAMBRIDGE_BASE_PATH.`

// parse reads the command line and, for flags that are not on it, the
// environment. It returns errHelp after printing help.
func parse(args, environ []string, stdout io.Writer) (flags, error) {
	var f flags
	helped := false
	parser, err := kong.New(&f,
		kong.Name("local"),
		kong.Description(description),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(environ)),
	)
	if err != nil {
		return f, err
	}
	_, err = parser.Parse(args)
	if helped {
		return f, errHelp
	}
	if err != nil {
		return f, fmt.Errorf("local: %w (--help lists the flags)", err)
	}
	return f, f.check()
}

// environment resolves a flag from LAMBRIDGE_ and its name in capitals.
func environment(environ []string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := "LAMBRIDGE_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if value := lookup(environ, name); value != "" {
			return value, nil
		}
		return nil, nil
	})
}

// check refuses what does not go together, so that nothing is silently ignored.
func (f *flags) check() error {
	var wrong []error
	refuse := func(condition bool, message string) {
		if condition {
			wrong = append(wrong, errors.New("local: "+message))
		}
	}
	refuse(f.Exec != "" && f.Target != "", "--exec names the executable already: leave out the argument")
	refuse(f.Attach && (f.Target != "" || f.Exec != ""), "--attach starts nothing: leave out the package or executable")
	refuse(len(f.Watch) > 0 && f.Target == "" && f.Exec == "" && !f.Attach, "the tour has no files to watch: leave out --watch or name a package")
	refuse(f.Attach && f.Timeout != 0, "--attach has timeouts off: leave out --timeout")
	refuse(f.Attach && len(f.Watch) > 0, "--attach reloads nothing: leave out --watch")
	refuse(f.NoWatch && len(f.Watch) > 0, "--watch and --no-watch contradict each other")
	refuse(f.Every && f.API != "http", "--every serves all front doors: leave out --api")
	refuse(f.Every && (f.Stage != "" || f.BasePath != "" || f.Stream), "--stage, --base-path and --stream are not for every front door: leave them out or choose one with --api")
	refuse(f.Throttle && !f.Stream, "--throttle slows streams down: add --stream or leave it out")
	refuse(f.Timeout < 0, fmt.Sprintf("--timeout %v is negative", f.Timeout))
	refuse(f.Memory < 128 || f.Memory > 10240, fmt.Sprintf("--memory %d is not between 128 and 10240, as Lambda has it", f.Memory))
	refuse(f.Concurrency < 1, fmt.Sprintf("--concurrency %d is less than 1", f.Concurrency))
	refuse(f.MaxConcurrency < 1, fmt.Sprintf("--max-concurrency %d is less than 1", f.MaxConcurrency))
	for _, address := range []struct{ flag, value string }{{"--addr", f.Addr}, {"--inspect", f.Inspect}, {"--runtime-api", f.RuntimeAPI}} {
		if address.flag == "--inspect" && address.value == "off" {
			continue
		}
		refuse(!isLoopback(address.value), fmt.Sprintf("%s %q is not a loopback address such as 127.0.0.1:3000: nobody else is to reach a function that runs with your credentials", address.flag, address.value))
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

// webSocketStage is the stage of the WebSocket API.
func (f *flags) webSocketStage() string {
	if f.Stage == "" || f.Stage == "$default" {
		return "local"
	}
	return f.Stage
}

// variables are the function's own: those of the files, then those of --env.
func (f *flags) variables() ([]string, error) {
	var all []string
	for _, name := range f.EnvFile {
		file, err := godotenv.Read(name)
		if err != nil {
			return nil, fmt.Errorf("local: read --env-file %q: %w", name, err)
		}
		for _, key := range slices.Sorted(maps.Keys(file)) {
			if !variableName.MatchString(key) { // godotenv takes any text for a variable
				return nil, fmt.Errorf("local: read --env-file %q: %q is no variable: write KEY=VALUE lines", name, key+file[key])
			}
			all = append(all, key+"="+file[key])
		}
	}
	return append(all, f.Env...), nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// executable is the program to run, or "" if a package is to be built.
func (f *flags) executable() string {
	if f.Exec != "" {
		return f.Exec
	}
	if info, err := os.Stat(f.Target); err == nil && info.Mode().IsRegular() && !strings.HasSuffix(f.Target, ".go") {
		return f.Target
	}
	return ""
}

func lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}
