package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/logs"
)

// report says to people what is served of the definition and where, what is ignored
// and what is refused.
func (p *planServer) report(w io.Writer) {
	plan := p.plan
	fmt.Fprintf(w, "\nLambridge serves %s: %s and %s\n\n", p.flags.Definition, counted(countRoutes(plan), "route"), counted(len(p.functions.running), "function"))
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, door := range p.doors {
		fmt.Fprintf(table, "  %s\t%s %s\n", door.url(p.flags), door.Kind, logs.Quote(door.Name))
	}
	if p.invokeURL != "" {
		fmt.Fprintf(table, "  %s\tInspector: see, change and resend requests\n", inspectorURL(p.invokeURL, p.token))
		fmt.Fprintf(table, "  %s\tLambda Invoke API (aws lambda invoke --endpoint-url %s --function-name NAME ...)\n", p.invokeURL, p.invokeURL)
	}
	table.Flush()
	if p.token != "" {
		printToken(w, p.token)
	}
	p.reportFunctions(w)
	notes(w, "Refused", plan.Refused)
	notes(w, "Otherwise in AWS, or perhaps", plan.Warnings)
	if len(plan.Ignored)+len(plan.Skipped) > 0 {
		fmt.Fprint(w, "\nIgnored, since it has no effect here: ", ignoredIn(plan), "\n")
	}
	if !p.flags.NoWatch {
		fmt.Fprint(w, "\nSave a file and it reloads. ")
		if p.entered {
			fmt.Fprint(w, "Enter rebuilds. ")
		}
	} else {
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "Ctrl-C stops it.\n\n")
}

// url is where a door begins.
func (d servedPlanDoor) url(f *flags) string {
	if d.Kind == gateway.WebSocketAPI {
		return f.scheme("ws") + "://" + d.addr + d.Path
	}
	return f.scheme("http") + "://" + d.addr + d.Path
}

// reportFunctions says what runs, what is attached, and which variables are missing.
func (p *planServer) reportFunctions(w io.Writer) {
	var missing []definition.Note
	for _, fn := range p.plan.Functions {
		s := p.functions.running[fn.Name]
		if s == nil {
			continue
		}
		if addr := s.current.Load().Addr(); addr != "" {
			fmt.Fprintf(w, "\nStart the function %s yourself, with this in its environment:\n\n  AWS_LAMBDA_RUNTIME_API=%s\n", labelOf(fn), addr)
			for _, variable := range fn.Variables(p.addresses()) {
				fmt.Fprintf(w, "  %s\n", logs.Quote(variable))
			}
			fmt.Fprint(w, "\nRequests wait for it, and timeouts are off.\n")
		}
		for _, m := range p.missing(fn) {
			m.Name = labelOf(fn) + " is without " + m.Name
			missing = append(missing, m)
		}
	}
	notes(w, "Variables that do not resolve here (--env NAME:KEY=VALUE gives them)", missing)
}

// missing are the variables that neither the definition nor the command line gives.
func (p *planServer) missing(fn *definition.Function) []definition.Note {
	_, given, _ := p.flags.variablesOf(fn)
	return slices.DeleteFunc(slices.Clone(fn.Missing), func(m definition.Note) bool {
		return slices.ContainsFunc(given, func(v string) bool { return strings.HasPrefix(v, m.Name+"=") })
	})
}

// notes prints notes under a heading, if there are any.
func notes(w io.Writer, heading string, all []definition.Note) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", heading)
	for _, n := range all {
		fmt.Fprintf(w, "  %s\n", logs.Quote(n.String()))
	}
}

// ignoredIn lists what is ignored: each kind once, resources with their number.
func ignoredIn(plan *definition.Plan) string {
	var all []string
	for _, n := range plan.Ignored {
		all = append(all, logs.Quote(n.Text))
	}
	for _, name := range slices.Sorted(maps.Keys(plan.Skipped)) {
		all = append(all, fmt.Sprintf("%s (%d)", logs.Quote(name), plan.Skipped[name]))
	}
	return strings.Join(all, ", ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// reportJSON writes the report as one record.
func (p *planServer) reportJSON(r ready) {
	type door struct{ Kind, Name, URL string }
	type running struct{ Name, LogicalID, ARN string }
	var doors []door
	for _, d := range p.doors {
		doors = append(doors, door{string(d.Kind), d.Name, d.url(p.flags)})
	}
	var all []running
	missing := map[string][]string{}
	for _, fn := range p.plan.Functions {
		if s := p.functions.running[fn.Name]; s != nil {
			all = append(all, running{fn.Name, fn.LogicalID, s.current.Load().ARN()})
			for _, m := range p.missing(fn) {
				missing[fn.Name] = append(missing[fn.Name], m.String())
			}
		}
	}
	p.printer.Logger().Info("serving", append(r.attrs(), "definition", p.flags.Definition, "routes", countRoutes(p.plan), "doors", doors, "functions", all,
		"invokeURL", p.invokeURL, "refused", strung(p.plan.Refused), "warnings", strung(p.plan.Warnings), "missing", missing,
		"ignored", strung(p.plan.Ignored), "skipped", p.plan.Skipped)...)
}

func strung(notes []definition.Note) []string {
	all := []string{}
	for _, n := range notes {
		all = append(all, n.String())
	}
	return all
}

// refusedIn lists what a plan refuses, a line each.
func refusedIn(plan *definition.Plan) string {
	var b strings.Builder
	for _, n := range plan.Refused {
		b.WriteString("\n  " + logs.Quote(n.String()))
	}
	return b.String()
}

// countRoutes is how many routes a plan serves.
func countRoutes(plan *definition.Plan) int {
	n := len(plan.FunctionURLs)
	for _, api := range plan.APIs {
		n += len(api.Routes)
	}
	for _, api := range plan.WebSocketAPIs {
		n += len(api.Routes)
	}
	for _, lb := range plan.LoadBalancers {
		n += len(lb.Rules)
	}
	return n
}
