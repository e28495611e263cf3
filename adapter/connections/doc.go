// Package connections talks back to the clients of an API Gateway WebSocket API
// from inside a function: it sends them messages, closes them and asks about them
// through the @connections API, on the AWS SDK's own client.
//
//	cfg, err := config.LoadDefaultConfig(ctx)   // once, when the function starts
//	clients := connections.New(cfg, connections.Options{})
//
//	// in a handler that serves the WebSocket API
//	ws, _ := adapter.WebSocketFrom(r.Context())
//	err := clients.Send(r.Context(), ws.ConnectionID, []byte("hello"))
//
// It is a module of its own, because it imports the SDK: functions without
// WebSockets do not pay for it. Any SDK from v1.30.0 on will do, with
// apigatewaymanagementapi from v1.21.0 on. The function needs the permission
// execute-api:ManageConnections on the API.
//
// # When not to send
//
// A connection opens when its $connect has returned. What is sent to it before
// that fails with [ErrGone]; greet the client in answer to its first message.
//
// # A million connections
//
// API Gateway's quotas, per account and region, decide the design before code
// does. They can be raised on request; the numbers here are the defaults.
//
//   - 500 new connections a second: a million clients need 33 minutes to connect.
//     They also reconnect at that rate, and each connection ends after 2 hours at
//     the latest, so a million steady clients make about 140 new connections a
//     second for ever. Clients must wait a random time before they reconnect, and
//     longer each time, or the first outage becomes the second.
//   - 10,000 requests a second, shared by everything in the region: messages of
//     clients, $connect and $disconnect, and each send. A broadcast to a million
//     clients takes 100 seconds if nothing else happens.
//   - Messages are billed per 32 KB and connections per minute, idle or not: a
//     million of them are 60 million minutes an hour.
//
// [Client.Broadcast] sends one message to many connections from one function. Two things
// limit it, and the smaller one counts:
//
//   - The answers: at the default concurrency of 64 and some 10 ms for a call, about 6,000
//     connections a second.
//   - The processor: a send takes about 0.1 ms of it, most of it in the SDK and its
//     signature (go test -bench Broadcast in this package's folder measures it). A function
//     with 1,769 MB has one vCPU and so does about 10,000 a second, one with 256 MB about
//     1,400: memory is what makes a broadcast fast.
//
// 100,000 connections take 70 seconds with 256 MB and under 20 with 1,769 MB, well within a
// function's 15 minutes, and there a large part of the region's quota: more functions do
// not make it faster than the quota, only safer against one that fails. What to do with
// size:
//
//   - Up to some thousand connections: Broadcast in the handler of the message.
//   - Up to some hundred thousand: put the message on a queue or a stream, and let
//     another invocation broadcast, so that the sender has its answer at once and a
//     failure is retried. Keep a page of ids as the unit of retry: examples/chat does it
//     with one function, and docs/websocket.md has the arithmetic.
//   - Beyond: shard. Give each connection one of N shards when it connects, such as
//     a hash of its id, and make the shard the partition key under which the store
//     lists connections; one key would be one hot partition. Send one job per shard
//     to the queue and limit how many run at once, so that N shards times the
//     concurrency stays under the quota. 429 answers are retried with growing
//     delays, which protects the API but only the limit protects the schedule.
//   - Where most clients want most messages, a publish-subscribe service that is
//     made for it is cheaper than a million calls.
//
// Connection ids come from the store, and the store is always a little wrong:
// $disconnect is sent at most once and may not come at all. Remove the ids that
// Broadcast returns as gone, and let entries expire after 2 hours.
package connections
