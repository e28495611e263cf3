package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdaurl"

	"github.com/lambridge-go/lambridge/adapter"
	"github.com/lambridge-go/lambridge/internal/bench/shop"
)

// A streamed is what one contestant needs for one reply that streams, a figure for each round.
type streamed struct {
	contestant string
	work       streamWork
	adapter    []float64 // nanoseconds of CPU time from the event to the end of the reply, read as aws-lambda-go reads it
	process    []float64 // the same of a real process behind a Runtime API
}

// A streamWork is a reply that streams.
type streamWork struct {
	name, path string
	times      int // how many of them are one measurement
}

func streamWorks() []streamWork {
	return []streamWork{
		{"small reply", "/api/orders/4711", 1000},
		{fmt.Sprintf("%d × Flush", shop.Ticks), "/api/ticks", 10},
		{fmt.Sprintf("%d MB io.Copy", shop.ArchiveSize>>20), "/api/archive", 2},
	}
}

// streamers are the functions that stream, as lambda.Start would call them, by the names of
// their programs in functions.
func streamers() map[string]func(context.Context, []byte) (io.Reader, error) {
	ours, theirs := adapter.Stream(shop.Handler()), lambdaurl.Wrap(shop.Handler())
	return map[string]func(context.Context, []byte) (io.Reader, error){
		"lambridgestream": func(ctx context.Context, payload []byte) (io.Reader, error) {
			reply, err := ours(ctx, payload)
			if err != nil {
				return nil, err
			}
			return reply.(io.Reader), nil
		},
		"lambdaurl": func(ctx context.Context, payload []byte) (io.Reader, error) {
			var event events.LambdaFunctionURLRequest
			if err := json.Unmarshal(payload, &event); err != nil {
				return nil, err
			}
			return theirs(ctx, &event)
		},
	}
}

// measureStreams lets adapter.Stream and lambdaurl take turns, with and without aws-lambda-go's
// loop and a network around them. What it returns is in pairs: ours, then lambdaurl's of the
// same work.
func measureStreams(rounds int, processes bool, steady time.Duration, progress func(string)) ([]*streamed, error) {
	dir, err := os.MkdirTemp("", "lambridge-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	functions := streamers()
	var all []*streamed
	for _, work := range streamWorks() {
		for _, name := range []string{"lambridgestream", "lambdaurl"} {
			all = append(all, &streamed{contestant: name, work: work})
		}
	}
	if processes {
		for name := range functions {
			progress("building " + name)
			if _, err := build("functions/"+name, filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		}
	}
	for round := range rounds {
		progress(fmt.Sprintf("streams, round %d of %d", round+1, rounds))
		for _, s := range all {
			event, err := streamEvent(s.work.path)
			if err != nil {
				return nil, err
			}
			ns, err := timeStreams(functions[s.contestant], event, s.work.times)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", s.contestant, s.work.name, err)
			}
			s.adapter = append(s.adapter, ns)
			if !processes {
				continue
			}
			life, err := live(filepath.Join(dir, s.contestant), event, 1, steady)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", s.contestant, s.work.name, err)
			}
			s.process = append(s.process, life.each())
		}
	}
	return all, nil
}

// streamEvent is a browser's GET of path through a function URL.
func streamEvent(path string) ([]byte, error) {
	t := task{door: "url", work: export, method: "GET", path: path}
	err := t.writeEvent()
	return t.event, err
}

// timeStreams returns the nanoseconds of CPU time of one of n replies.
func timeStreams(function func(context.Context, []byte) (io.Reader, error), event []byte, n int) (float64, error) {
	piece := make([]byte, 32<<10) // as much as net/http's client reads of a request's body
	since := cpuTime()
	for range n {
		reply, err := function(context.Background(), event)
		if err != nil {
			return 0, err
		}
		first := true
		for {
			n, err := reply.Read(piece)
			if first && !bytes.HasPrefix(piece[:n], []byte(`{"statusCode":200`)) {
				return 0, fmt.Errorf("answered %.80q", piece[:n])
			}
			first = false
			if err == io.EOF {
				break
			}
			if err != nil {
				return 0, err
			}
		}
		if closer, ok := reply.(io.Closer); ok {
			closer.Close()
		}
	}
	return float64(cpuTime()-since) / float64(n), nil
}
