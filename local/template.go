package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lambridge-go/lambridge/local/internal/mapping"
	"github.com/lambridge-go/lambridge/local/internal/velocity"
)

// templateFlags are those of the command template.
type templateFlags struct {
	File string `arg:"" help:"The mapping template."`

	Event         string    `xor:"source" required:"" placeholder:"FILE" help:"Event of a REST API or a WebSocket API, as a function gets it: the template reads the request in it."`
	Request       string    `xor:"source" required:"" placeholder:"'METHOD /TARGET'|FILE" help:"The request, or a file with one: its first line, headers, an empty line, the body."`
	Resource      string    `placeholder:"/PATH" help:"The resource that --request meets, such as /items/{id}. Default: the request's own path."`
	Header        []string  `sep:"none" placeholder:"'NAME: VALUE'" help:"Header of --request. Repeatable."`
	Body          *string   `placeholder:"TEXT|@FILE" help:"What the template reads as the body: of the request, or in a response template of the integration's answer."`
	StageVariable keyValues `placeholder:"KEY=VALUE" help:"Stage variable. Repeatable."`
}

// Help is what the command's help says of it.
func (templateFlags) Help() string {
	return `Renders one mapping template as API Gateway does and prints the result. What the template overrides in the request or the response goes to the standard error, and so does the place of a mistake, for which the command ends with 1.`
}

// check refuses what does not fit together.
func (f *templateFlags) check() error {
	if f.Event != "" && (f.Resource != "" || len(f.Header) > 0) {
		return errors.New("local: template: --resource and --header belong to --request; an event has its own")
	}
	return nil
}

// run renders the template.
func (f *templateFlags) run(ctx context.Context, stdout, stderr io.Writer) error {
	text, err := os.ReadFile(f.File)
	if err != nil {
		return fmt.Errorf("local: template: %w", err)
	}
	template, err := mapping.Parse(string(text))
	if err != nil {
		return f.place(text, err)
	}
	for _, warning := range template.Warnings() {
		fmt.Fprintf(stderr, "%s: %s\n", f.File, warning)
	}
	in, err := f.input()
	if err != nil {
		return fmt.Errorf("local: template: %w", err)
	}
	rendered, err := template.Render(ctx, in)
	if err != nil {
		return f.place(text, err)
	}
	for _, override := range []struct {
		name string
		of   mapping.Override
	}{{"requestOverride", in.Context.RequestOverride()}, {"responseOverride", in.Context.ResponseOverride()}} {
		showOverride(stderr, override.name, override.of)
	}
	_, err = io.WriteString(stdout, shown(stdout, rendered))
	return err
}

// place says where in the template an error is and shows the line.
func (f *templateFlags) place(text []byte, err error) error {
	var at *velocity.Error
	if !errors.As(err, &at) {
		return fmt.Errorf("local: template: %w", err)
	}
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text)), "\n")
	message := fmt.Sprintf("%s:%d:%d: %s", f.File, at.Line, at.Column, at.What)
	if at.Line > len(lines) {
		return errors.New(message)
	}
	line := []rune(lines[at.Line-1])
	// A long line is cut to what stands around the place.
	const around = 60
	from, to := max(0, at.Column-1-around), min(len(line), at.Column-1+around)
	if from > to {
		return errors.New(message)
	}
	shown := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, string(line[from:to]))
	return fmt.Errorf("%s\n\t%s\n\t%s^", message, shown, strings.Repeat(" ", at.Column-1-from))
}

func showOverride(w io.Writer, name string, o mapping.Override) {
	if o.Status != 0 {
		fmt.Fprintf(w, "%s.status: %d\n", name, o.Status)
	}
	for _, part := range []struct {
		name   string
		params []mapping.Param
	}{{"path", o.Path}, {"querystring", o.Querystring}, {"header", o.Header}} {
		for _, p := range part.params {
			fmt.Fprintf(w, "%s.%s.%s: %q\n", name, part.name, p.Name, p.Value)
		}
	}
}
