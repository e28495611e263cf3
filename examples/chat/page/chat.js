// The page of the chat: one WebSocket, kept open, and what it says put on the page.

const $ = (id) => document.getElementById(id);

const me = JSON.parse(sessionStorage.getItem("me") ?? "null") ?? { name: localStorage.getItem("name") ?? "", room: "" };
let url = "";             // of the WebSocket API
let socket = null;
let id = null;            // of our connection, once we are in the room
let attempts = 0;         // to connect, since it last worked
let reconnecting = 0;     // timer
const members = new Map(); // by connection id
const shown = new Set();   // ids of messages on the page
const waiting = new Map(); // what we said and nobody has confirmed, by key

// --- the connection ---

function connect() {
  clearTimeout(reconnecting);
  state("connecting", attempts ? "reconnecting" : "connecting");
  const ws = new WebSocket(url);
  socket = ws;
  ws.onopen = () => {
    ws.send(JSON.stringify({ action: "join", room: me.room, name: me.name }));
  };
  ws.onmessage = (e) => receive(JSON.parse(e.data));
  ws.onclose = () => {
    if (socket !== ws) return; // replaced or closed on purpose
    id = null;
    // Each wait is longer and all are random, so that a thousand pages that lost their
    // connection together do not come back together.
    const longest = Math.min(30_000, 500 * 2 ** attempts++);
    const wait = longest / 2 + Math.random() * longest / 2;
    state("offline", wait > 3000 ? `connection lost, next try in ${Math.round(wait / 1000)} s` : "connection lost");
    reconnecting = setTimeout(connect, wait);
  };
}

function disconnect() {
  clearTimeout(reconnecting);
  const ws = socket;
  socket = null;
  id = null;
  ws?.close(1000);
}

function send(command) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
}

function receive(update) {
  switch (update.type) {
    case "welcome":
      attempts = 0;
      id = update.member.id;
      members.clear();
      for (const m of update.members ?? []) members.set(m.id, m);
      (update.history ?? []).forEach(show);
      state("online", "connected");
      for (const [key, text] of waiting) send({ action: "say", text, key });
      break;
    case "joined":
      if (!members.has(update.member.id)) note(`${update.member.name} came in`);
      members.set(update.member.id, update.member);
      break;
    case "left":
      if (members.delete(update.member.id)) note(`${update.member.name} left`);
      break;
    case "message":
      show(update.message);
      break;
    case "unknown": // the server has forgotten us, perhaps because it was restarted
      send({ action: "join", room: me.room, name: me.name });
      break;
    case "error":
      problem(update.error);
      break;
    default: // API Gateway speaks for itself when the function fails
      problem(update.message ?? "something went wrong");
  }
  people();
}

// A connection that is silent for ten minutes is closed by API Gateway.
setInterval(() => send({ action: "ping" }), 30_000);
addEventListener("online", () => { if (socket && socket.readyState > WebSocket.OPEN) connect(); });
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && socket && socket.readyState > WebSocket.OPEN) connect();
});

// --- what is on the page ---

function state(name, text) {
  $("state").dataset.state = name;
  $("state").textContent = text;
}

function problem(text) {
  $("problem").textContent = text;
}

function show(message) {
  if (waiting.has(message.key)) confirm(message.key);
  if (shown.has(message.id)) return;
  shown.add(message.id);
  append(bubble(message));
}

// append adds a line where it belongs: before what still waits to be sent.
function append(line) {
  $("messages").querySelector(".empty")?.remove();
  const list = $("messages");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight;
  const first = list.querySelector(".waiting");
  if (line.dataset.day && line.dataset.day !== lastDay()) {
    list.insertBefore(element("li", "note day", dayName(Number(line.dataset.at)), { day: line.dataset.day }), first);
  }
  list.insertBefore(line, first);
  group(line);
  if (first) group(first);
  if (below < 80 || line.classList.contains("mine")) list.scrollTop = list.scrollHeight;
  else if (line.classList.contains("message")) $("newer").hidden = false;
}

const lastDay = () => [...$("messages").querySelectorAll("[data-day]:not(.waiting)")].at(-1)?.dataset.day;

// group hides name and face where the same person goes on.
function group(line) {
  const before = line.previousElementSibling;
  line.classList.toggle("again", line.classList.contains("message") && before?.dataset.from === line.dataset.from
    && Number(line.dataset.at) - Number(before.dataset.at) < 5 * 60_000);
}

function bubble({ from, text, at }) {
  const day = new Date(at).toDateString();
  const li = element("li", "message", "", { from, at, day });
  li.classList.toggle("mine", from === me.name);
  const head = element("div", "from", from);
  const time = element("time", "", new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = new Date(at).toISOString();
  head.append(time);
  const words = element("div", "words");
  words.append(...linked(text));
  words.title = new Date(at).toLocaleString();
  li.append(face(from), head, words);
  return li;
}

// linked makes links of web addresses, and text of everything else.
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/).map((part, i) => {
    if (i % 2 === 0) return part;
    const a = element("a", "", part);
    a.href = part;
    a.target = "_blank";
    a.rel = "noopener noreferrer";
    return a;
  });
}

function note(text) {
  append(element("li", "note", text));
}

function people() {
  const all = [...members.values()].sort((a, b) => a.name.localeCompare(b.name));
  $("count").textContent = all.length ? `· ${all.length}` : "";
  $("members").replaceChildren(...all.map((m) => {
    const li = element("li");
    li.append(face(m.name), element("span", "", m.name));
    if (m.id === id) li.append(element("small", "", "you"));
    return li;
  }));
}

function face(name) {
  const words = name.trim().split(/\s+/);
  const initials = (words.length > 1 ? [words[0], words.at(-1)] : [words[0]]).map((w) => [...w][0]).join("");
  const el = element("span", "face", initials.toUpperCase());
  el.setAttribute("aria-hidden", "true");
  let hash = 0;
  for (const c of name) hash = (hash * 31 + c.codePointAt(0)) >>> 0;
  el.style.setProperty("--hue", hash % 360);
  return el;
}

function dayName(at) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days < 2) return ["Today", "Yesterday"][days];
  return new Date(at).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

function element(name, className = "", text = "", data = {}) {
  const el = document.createElement(name);
  el.className = className;
  el.textContent = text;
  Object.assign(el.dataset, data);
  return el;
}

// --- what the person does ---

function say(text) {
  const key = crypto.randomUUID?.() ?? String(Math.random());
  waiting.set(key, text);
  const line = bubble({ from: me.name, text, at: Date.now() });
  line.classList.add("waiting");
  line.dataset.key = key;
  $("messages").querySelector(".empty")?.remove();
  $("messages").append(line);
  group(line);
  $("messages").scrollTop = $("messages").scrollHeight;
  if (id) send({ action: "say", text, key });
}

function confirm(key) {
  waiting.delete(key);
  for (const line of $("messages").querySelectorAll(".waiting")) {
    if (line.dataset.key === key) line.remove();
  }
}

$("say").addEventListener("submit", (e) => {
  e.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  problem("");
  say(text);
  $("text").value = "";
  $("text").focus();
});

$("text").addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
  e.preventDefault();
  $("say").requestSubmit();
});

$("messages").addEventListener("scroll", () => {
  const list = $("messages");
  if (list.scrollHeight - list.scrollTop - list.clientHeight < 80) $("newer").hidden = true;
});
$("newer").addEventListener("click", () => { $("messages").scrollTop = $("messages").scrollHeight; });

$("join").addEventListener("submit", (e) => {
  e.preventDefault();
  const form = new FormData(e.target);
  me.name = form.get("name").trim();
  me.room = form.get("room").trim();
  if (!me.name) return;
  localStorage.setItem("name", me.name);
  enter();
});

$("leave").addEventListener("click", () => {
  disconnect();
  sessionStorage.removeItem("me");
  state("offline", "not connected");
  openDoor();
});
$("door").addEventListener("cancel", (e) => e.preventDefault());

function openDoor() {
  const form = $("join").elements;
  form.name.value = me.name;
  if (me.room) form.room.value = me.room;
  $("door").showModal();
}

function enter() {
  $("door").close();
  sessionStorage.setItem("me", JSON.stringify(me)); // a reload comes back to the room
  $("room").textContent = me.room;
  document.title = `#${me.room}`;
  members.clear();
  shown.clear();
  waiting.clear();
  $("messages").replaceChildren(element("li", "empty", "Nothing said yet. Say hello."));
  problem("");
  attempts = 0;
  connect();
  $("text").focus();
}

const { webSocket } = await (await fetch("config.json")).json();
url = webSocket;
if (!url) {
  $("door-problem").textContent = "This server does not say where its WebSocket API is: set WEBSOCKET_URL.";
  openDoor();
} else if (me.room && me.name) {
  enter();
} else {
  me.room = location.hash.slice(1) || "lobby";
  openDoor();
}
