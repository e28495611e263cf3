package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// A banner says what is served, where, and what to do next.
type banner struct {
	function *function.Function
	flags    flags
	watching bool
	doors    []servedDoor
	// webSocketURL is without its scheme, invokeURL "" if there is none, token "" if
	// it asks for none.
	webSocketURL, invokeURL, token string
	entered                        bool // Enter rebuilds
}

// A servedDoor is one that is open, at the url without a path.
type servedDoor struct {
	gateway.SourceFacts
	url string
}

// inOnePiece has a printer show what print prints, with nothing in between.
func inOnePiece(printer *logs.Printer, print func(io.Writer)) {
	var text strings.Builder
	print(&text)
	printer.Print(text.String())
}

func (b banner) print(w io.Writer) {
	fmt.Fprintf(w, "\nLambridge serves the function %s\n\n", b.function.Name())
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, door := range b.doors {
		fmt.Fprintf(table, "  %s\t%s\n", door.url+b.path(), door.Name)
	}
	fmt.Fprintf(table, "  %s://%s\tWebSocket API\n", b.flags.scheme("ws"), b.webSocketURL)
	if b.invokeURL != "" {
		fmt.Fprintf(table, "  %s\tInspector: see, change and resend requests\n", inspectorURL(b.invokeURL, b.token))
		fmt.Fprintf(table, "  %s\tLambda Invoke API (aws lambda invoke --endpoint-url %s --function-name %s ...)\n", b.invokeURL, b.invokeURL, b.function.Name())
	}
	table.Flush()
	if b.token != "" {
		printToken(w, b.token)
	}
	if addr := b.function.Addr(); addr != "" {
		fmt.Fprintf(w, "\nStart the function yourself, with this in its environment:\n\n  AWS_LAMBDA_RUNTIME_API=%s\n  %s=http://%s\n\nRequests wait for it, and timeouts are off.\n", addr, connectionsVariable, b.webSocketURL)
	}
	if b.watching {
		fmt.Fprint(w, "\nSave a file and it reloads. ")
		if b.entered {
			fmt.Fprint(w, "Enter rebuilds. ")
		}
	} else {
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "Ctrl-C stops it.\n\n")
}

// path is where the API begins.
func (b banner) path() string {
	switch {
	case b.flags.BasePath != "":
		return "/" + strings.Trim(b.flags.BasePath, "/") + "/"
	case b.flags.Stage != "" && b.flags.Stage != "$default": // see gateway.API.Stage
		return "/" + b.flags.Stage + "/"
	}
	return "/"
}

// inspectorURL is what a browser opens: with the token, if it takes one.
func inspectorURL(invokeURL, token string) string {
	if token == "" {
		return invokeURL + "/"
	}
	return invokeURL + "/?token=" + token
}

// printToken says what the Invoke API asks for.
func printToken(w io.Writer, token string) {
	fmt.Fprintf(w, "\nThe Invoke API can be reached from other machines and asks for a token, as AWS_ACCESS_KEY_ID or X-Lambridge-Token:\n\n  %s\n", token)
}
