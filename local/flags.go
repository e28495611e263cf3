package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// A commandLine is one of the commands, with its flags.
type commandLine struct {
	Serve    flags         `cmd:"" default:"withargs" help:"Runs a Lambda function on this machine, behind the HTTP front doors of AWS."`
	Build    buildFlags    `cmd:"" help:"Builds a function and zips it for Lambda."`
	Wait     waitFlags     `cmd:"" help:"Waits until a URL answers, as scripts have to that start the command."`
	Invoke   invokeFlags   `cmd:"" help:"Invokes a function that a running local serves, with an event of a file or a sample."`
	Template templateFlags `cmd:"" help:"Renders a mapping template of API Gateway for one request."`
}

// The names of the commands.
const (
	serveCommand    = "serve"
	buildCommand    = "build"
	waitCommand     = "wait"
	invokeCommand   = "invoke"
	templateCommand = "template"
)

// flags are those of the command serve, in the groups that --help shows.
type flags struct {
	Target string `arg:"" optional:"" help:"The function: the folder of a Go program that calls lambda.Start, an executable, or a zip file with one. Without it, a tour."`

	definitionFlags `group:"definition"`
	functionFlags   `group:"function"`
	gatewayFlags    `group:"gateway"`
	corsFlags       `group:"cors"`
	webSocketFlags  `group:"websocket"`
	callerFlags     `group:"callers"`
	tlsFlags        `group:"tls"`
	diffFlags       `group:"diff"`
	logFlags        `group:"logs"`

	Version kong.VersionFlag `help:"Print the version of the module, its commit and that of Go, and end."`

	apiGiven bool // --api is on the command line or in the environment
}

type functionFlags struct {
	Timeout        time.Duration `placeholder:"DURATION" help:"How long an invocation may take. Default: 30s. (Lambda's own default is 3s.)"`
	Memory         int           `default:"128" placeholder:"MB" help:"The memory size the function is told of; it is not enforced. Default: ${default}."`
	Concurrency    int           `default:"100" placeholder:"N" help:"How many processes of the function may run; requests beyond are throttled. Default: ${default}."`
	MaxConcurrency int           `default:"1" placeholder:"N" help:"How many invocations one process runs at once, as Lambda Managed Instances do. Default: ${default}."`
	Env            []string      `sep:"none" placeholder:"KEY=VALUE" help:"Environment variable for the function. Repeatable."`
	EnvFile        []string      `sep:"none" placeholder:"FILE" help:"File of KEY=VALUE lines for the function, whose values are literal; --env wins. Repeatable."`
	Name           string        `placeholder:"NAME" help:"The function's name. Default: that of its folder or executable."`
	Exec           string        `placeholder:"FILE" help:"Run this executable, such as a built ./bootstrap, or a zip file as build makes it, instead of building a package."`
	Attach         bool          `help:"Start nothing: print the environment to start the function with, in a debugger say, and wait for it. Timeouts are off."`
	RuntimeAPI     string        `name:"runtime-api" default:"127.0.0.1:9001" placeholder:"HOST:PORT" help:"Where an attached function finds the Runtime API. Default: ${default}."`
	Inspect        string        `default:"127.0.0.1:4000" placeholder:"HOST:PORT|off" help:"Where to serve the inspector, a page that shows every request, and the Lambda Invoke API. Default: ${default}."`
	BuildFlags     []string      `sep:"none" placeholder:"FLAGS" help:"Flags of go build, as in --build-flags='-race -tags=dev'. Repeatable. GOFLAGS holds, too; GOOS and GOARCH of another platform do not."`
	NoWatch        bool          `name:"no-watch" help:"Do not rebuild and reload when sources change."`
	Watch          []string      `sep:"none" placeholder:"GLOB" help:"Reload when these files change, too, such as 'templates/**/*.html' or a folder. Repeatable."`
	Poll           bool          `help:"Look for changes twice a second, where the system does not tell of them: network drives, mounts of WSL and containers."`
	Freeze         bool          `help:"Stop the function's processes between invocations, as AWS does: what goes on after a reply waits for the next event."`
}

type gatewayFlags struct {
	Addr            string    `default:"127.0.0.1:3000" placeholder:"HOST:PORT" help:"Where to serve. Port 0 picks a free one. Default: ${default}."`
	API             string    `name:"api" default:"http" enum:"${front_doors}" placeholder:"FRONT-DOOR" help:"The front door to stand in for: ${enum}. Default: ${default}."`
	Every           bool      `help:"Serve every front door at once, on consecutive ports from --addr."`
	Stage           string    `placeholder:"NAME" help:"Stage of the API, which is then the first segment of its URLs."`
	StageVariable   keyValues `placeholder:"KEY=VALUE" help:"Stage variable of the API. Repeatable."`
	BasePath        string    `placeholder:"/PATH" help:"Base path that a custom domain maps the API to."`
	Route           []string  `sep:"none" placeholder:"'METHOD /PATH'" help:"Route of an HTTP API or method of a REST API, such as 'GET /items/{id}'. Repeatable. Default: one for everything."`
	BinaryMediaType []string  `placeholder:"TYPE" help:"Media type that a REST API takes for binary, such as image/png, or 'none'. Repeatable. Default: */*."`
	Stream          bool      `help:"Let the function stream its replies: a function URL's RESPONSE_STREAM, a REST API's STREAM."`
	Public          bool      `help:"Let --addr, and --inspect if it is given, be any address, for containers and phones: whoever reaches it runs the function, with your credentials."`
	AllowHost       []string  `sep:"none" placeholder:"HOST" help:"Host that requests may name beside this machine's own, such as host.docker.internal: the Invoke API and the Runtime API refuse others. Repeatable."`
	Throttle        bool      `help:"Slow streams down to 2 MB/s after their first megabytes, as AWS does."`
	Account         string    `placeholder:"ID" help:"Account that events and the function's ARN show. Default: 123456789012."`
}

type corsFlags struct {
	CORSOrigin      []string      `name:"cors-origin" placeholder:"ORIGIN" help:"Origin whose pages may read responses, or '*'. Repeatable."`
	CORSMethod      []string      `name:"cors-method" placeholder:"METHOD" help:"Method that they may use, or '*'. Repeatable."`
	CORSHeader      []string      `name:"cors-header" placeholder:"NAME" help:"Header that they may send, or '*'. Repeatable."`
	CORSExpose      []string      `name:"cors-expose" placeholder:"NAME" help:"Header that they may read. Repeatable."`
	CORSCredentials bool          `name:"cors-credentials" help:"Let them send cookies."`
	CORSMaxAge      time.Duration `name:"cors-max-age" placeholder:"DURATION" help:"How long browsers may remember the answer to a preflight request."`
}

type webSocketFlags struct {
	RouteSelection string   `default:"$request.body.action" placeholder:"EXPRESSION" help:"Route selection expression of the WebSocket API. Default: ${default}."`
	WSRoute        []string `name:"ws-route" sep:"none" placeholder:"KEY" help:"Custom route of the WebSocket API, such as 'sendmessage'. Repeatable."`
	WSTwoWay       bool     `name:"ws-two-way" help:"Give the routes of the WebSocket API a response: what the function returns for a message goes to its sender."`
}

type diffFlags struct {
	Diff       string   `placeholder:"'METHOD /TARGET'" help:"Send this request through every front door, print where the answers differ, and end: with 1 if they do. Needs --every."`
	DiffHeader []string `sep:"none" placeholder:"'NAME: VALUE'" help:"Header of that request. Repeatable."`
	DiffBody   string   `placeholder:"TEXT" help:"Body of that request."`
}

type logFlags struct {
	Log           string `default:"pretty" enum:"pretty,json" placeholder:"FORMAT" help:"How to log: ${enum}. Default: ${default}."`
	Quiet         bool   `help:"Show what the function prints, warnings and errors, and nothing else."`
	ReadyFile     string `placeholder:"FILE" help:"Write where everything is to this file, as JSON, when it is served, and remove it at the end."`
	ExitWithStdin bool   `help:"End when the standard input does, and so with the script that started this."`
}

// keyValues are the values of a flag that is given once for each. kong has a type
// for them, too, whose errors show what was given; it may be a secret.
type keyValues map[string]string

// Decode implements kong.MapperValue.
func (kv *keyValues) Decode(ctx *kong.DecodeContext) error {
	var given string
	form := ctx.Value.Tag.PlaceHolder
	if err := ctx.Scan.PopValueInto(form, &given); err != nil {
		return err
	}
	key, value, ok := strings.Cut(given, "=")
	if !ok || key == "" {
		return errors.New("a value is not of the form " + form)
	}
	if *kv == nil {
		*kv = keyValues{}
	}
	(*kv)[key] = value
	return nil
}

func groups() []kong.Group {
	return []kong.Group{
		{Key: "definition", Title: "A definition:"},
		{Key: "function", Title: "The function:"},
		{Key: "gateway", Title: "The front door:"},
		{Key: "cors", Title: "CORS, by the front door itself (HTTP APIs and function URLs):"},
		{Key: "websocket", Title: "The WebSocket API, which is served beside every front door:"},
		{Key: "callers", Title: "Who may call:"},
		{Key: "tls", Title: "HTTPS:"},
		{Key: "diff", Title: "Comparing the front doors:"},
		{Key: "logs", Title: "Logs, and what scripts need:"},
	}
}

var errHelp = errors.New("help was asked for")

// Help is what the command's help says of it.
func (flags) Help() string {
	return `Every flag is also an environment variable: --base-path is LAMBRIDGE_BASE_PATH. One that may be repeated takes a value a line.

Exit codes: 0 stopped as asked, 1 failed or --diff found differences, 2 the command line is wrong, 3 the function does not build or start, 4 an address cannot be had.

serve is the default and may be left out. The other commands are build, "local build ./cmd/api", which makes a zip for Lambda, and one of every function of a --definition, wait, "local wait URL", which returns when the URL answers, invoke, "local invoke NAME --event FILE", which invokes a function that another local serves, and template, which renders a mapping template ("local template --help"). A folder that is called like a command is named by its path: ./wait.`
}

// parse reads the command line and, for flags that are not on it, the
// environment. It returns the name of the command, and errHelp after printing help.
func parse(args, environ []string, stdout io.Writer) (command string, line commandLine, err error) {
	helped := false
	parser, err := kong.New(&line,
		kong.Name("local"),
		kong.ExplicitGroups(groups()),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(environ)),
		kong.Vars{"front_doors": sourceNames(), "samples": sampleNames(), "version": version()},
	)
	if err != nil {
		return "", line, err
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") { // its --help is that of the default
		args = append([]string{serveCommand}, args...)
	}
	parsed, err := parser.Parse(args)
	if helped {
		return "", line, errHelp
	}
	if err != nil {
		return "", line, fmt.Errorf("local: %w (--help lists the flags)", err)
	}
	command, _, _ = strings.Cut(parsed.Command(), " ")
	switch command {
	case buildCommand:
		return command, line, line.Build.check()
	case waitCommand:
		return command, line, line.Wait.check()
	case invokeCommand:
		return command, line, line.Invoke.check()
	case templateCommand:
		return command, line, line.Template.check()
	}
	line.Serve.apiGiven = lookup(environ, "LAMBRIDGE_API") != "" ||
		slices.ContainsFunc(parsed.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == "api" })
	return command, line, line.Serve.check()
}

// sourceNames are the values of --api.
func sourceNames() string {
	var names []string
	for _, source := range gateway.Sources() {
		names = append(names, string(source))
	}
	return strings.Join(names, ",")
}

// environment resolves a flag from LAMBRIDGE_ and its name in capitals.
func environment(environ []string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := "LAMBRIDGE_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value := lookup(environ, name)
		switch {
		case value == "" || flag.Name == "version": // which scripts have a variable for, too
		case flag.IsSlice() && flag.Tag.Sep == -1: // which no comma separates
			var values []any
			for line := range strings.Lines(value) {
				values = append(values, strings.TrimSuffix(line, "\n"))
			}
			return values, nil
		default:
			return value, nil
		}
		return nil, nil
	})
}

func lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}
