// Two clients of graphql-ws: one subscribes to two rooms, the other asks and speaks. What
// they hear is printed, a line each.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const client = () => createClient({ url: process.argv[2], webSocketImpl: WebSocket, retryAttempts: 0 });
const print = (what, value) => console.log(what + " " + JSON.stringify(value));
const one = (c, query, variables) => new Promise((resolve, reject) => {
  let result;
  c.subscribe({ query, variables }, { next: (r) => { result = r; }, error: reject, complete: () => resolve(result) });
});

const listener = client();
const heard = [];
let arrived = () => {};
const ready = [];
for (const room of ["tea", "coffee"]) {
  listener.subscribe(
    { query: "subscription ($room: String!) { said(room: $room) { text } }", variables: { room } },
    { next: (r) => { heard.push(room + " " + r.data.said.text); arrived(); }, error: (e) => print("error", e), complete: () => print("complete", room) },
  );
}
// The messages of a connection are served in order: with this answer both are kept.
print("query", await one(listener, "{ rooms }"));

const speaker = client();
const say = (room, text) => one(speaker, "mutation ($room: String!, $text: String!) { say(room: $room, text: $text) { room } }", { room, text });
print("mutation", await say("tea", "hello ☕"));
await say("milk", "nobody listens");
await say("coffee", "black");
while (heard.length < 2) await new Promise((resolve) => { arrived = resolve; });
print("heard", heard);
print("refused", await one(speaker, "{ nothing }").catch((e) => e.map(({ message }) => message)));
await listener.dispose();
await speaker.dispose();
