package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambridge-go/lambridge/adapter/connections"
)

// A fanout tells rooms that are too large for one invocation: it puts the ids of their
// members on a queue, a page in a message, and the queue invokes the same function once for
// each page. Whoever has said something has an answer as soon as the pages are on their way.
type fanout struct {
	queue *sqs.Client
	url   string // of the queue
}

// A page is a part of a room, and what it is to be told.
type page struct {
	Update  json.RawMessage `json:"update"`
	IDs     []string        `json:"ids"`
	Attempt int             `json:"attempt,omitempty"`
}

const (
	// pageSize is how many connections a page has: as many as an invocation reaches in a
	// second or two, so that what is done again after a failure is little. With the longest
	// update it is a fifth of the 256 KB that every queue takes.
	pageSize = 1000

	// maxAttempts is how often a connection is tried for which nobody knows whether it has
	// been reached.
	maxAttempts = 3
)

// spread puts a page on the queue.
func (f *fanout) spread(ctx context.Context, p page) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	body := string(b)
	if _, err := f.queue.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &f.url, MessageBody: &body}); err != nil {
		return fmt.Errorf("chat: put a page on the queue: %w", err)
	}
	return nil
}

// spreadAll puts all pages of a room on the queue.
func (c *chat) spreadAll(ctx context.Context, ids []string, update []byte) error {
	for part := range slices.Chunk(ids, c.pageSize) {
		if err := c.fanout.spread(ctx, page{Update: update, IDs: part}); err != nil {
			return err
		}
	}
	return nil
}

// deliver tells the pages that come from the queue. What it returns are those that the
// queue shall bring again.
func (c *chat) deliver(ctx context.Context, e events.SQSEvent) (failed events.SQSEventResponse, _ error) {
	for _, record := range e.Records {
		if err := c.deliverPage(ctx, record.Body); err != nil {
			slog.Error("chat", "page", record.MessageId, "error", err)
			failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
		}
	}
	return failed, nil
}

// deliverPage tells one page. Connections that may or may not have been reached become a
// page of their own, since those that were must not hear it again. A queue may bring a page
// twice nevertheless: clients know messages by their ids.
func (c *chat) deliverPage(ctx context.Context, body string) error {
	var p page
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return fmt.Errorf("chat: a page that is none: %w", err)
	}
	result, err := c.broadcast(ctx, p)
	for _, id := range result.Gone {
		if err := c.leave(ctx, id); err != nil {
			slog.Error("chat", "connection", id, "error", err)
		}
	}
	if err == nil {
		return nil
	}
	again := page{Update: p.Update, IDs: untold(p.IDs, result), Attempt: p.Attempt + 1}
	if again.Attempt >= maxAttempts {
		slog.Error("chat: given up", "connections", len(again.IDs), "error", err)
		return nil
	}
	if c.fanout == nil {
		return errNoQueue
	}
	return c.fanout.spread(ctx, again)
}

// broadcast tells a page, but leaves time to say of whom it did not get to.
func (c *chat) broadcast(ctx context.Context, p page) (connections.Result, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-afterwards))
		defer cancel()
	}
	return c.clients.Broadcast(ctx, slices.Values(p.IDs), p.Update)
}

// afterwards is how much of an invocation is for what comes after telling a page.
const afterwards = 3 * time.Second

// untold are the connections that Broadcast did not get to, or of which it cannot tell.
func untold(ids []string, result connections.Result) []string {
	rest := slices.Collect(maps.Keys(result.Failed))
	tried := make(map[string]bool, len(ids))
	for _, id := range slices.Concat(result.Reached, result.Gone, rest) {
		tried[id] = true
	}
	for _, id := range ids {
		if !tried[id] {
			rest = append(rest, id)
		}
	}
	return rest
}

// errNoQueue is why a page cannot be told: the function has no queue of its own.
var errNoQueue = errors.New("chat: there are pages and no QUEUE_URL")
