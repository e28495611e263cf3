// WebSocket connections and what is said on them.
import {$, ask, bytes, clock, counted, el, put, shown, took} from "./dom.js";
import {searchable} from "./tree.js";

export function conversations({chosen}) {
  const talks = new Map(), list = $("talks"), place = $("talk");
  let current = "", drawn = 0;

  function take(update) {
    for (const t of update.talks) talks.set(t.id, t);
    const closed = [...talks.values()].filter(t => t.closed).sort((a, b) => b.last - a.last);
    for (const t of closed.slice(50)) talks.delete(t.id);
    if (update.talks.length || !list.hasChildNodes()) draw();
    const t = talks.get(current);
    if (t && t.version > drawn) show(current);
  }

  function draw() {
    const all = [...talks.values()].sort((a, b) => Number(a.closed) - Number(b.closed) || b.last - a.last);
    put(list, all.length === 0 && el("p", {class: "empty"}, "No WebSocket client has connected yet."), all.map(t =>
      el("button", {type: "button", "aria-current": String(t.id === current), "data-id": t.id, click: () => chosen(t.id)},
        el("span", {class: "mono"}, t.id), el("span", {class: "chip " + (t.closed ? "" : "s2")}, t.closed ? "closed" : "open"),
        el("span", {class: "sub"}, `${t.api} · ${t.sourceIp} · open since ${clock(t.opened)} · last ${clock(t.last)} · ${counted(t.count, "message")} · ↓ ${bytes(t.received)} ↑ ${bytes(t.sent)}`))));
  }

  async function show(id) {
    current = id;
    draw();
    let d;
    try {
      d = await ask("GET", "api/talks/" + encodeURIComponent(id));
    } catch (failure) {
      put(place, el("p", {class: "hint"}, failure.message));
      return;
    }
    if (current !== id) return;
    drawn = d.version;
    const draft = $("say")?.value || "", focused = document.activeElement === $("say");
    put(place, ...conversation(d));
    if ($("say")) {
      $("say").value = draft;
      if (focused) $("say").focus();
    }
  }

  function conversation(d) {
    const failed = el("p", {class: "alert bad", role: "alert", hidden: true});
    const attempt = run => async e => {
      e.preventDefault();
      failed.hidden = true;
      try {
        await run();
      } catch (failure) {
        failed.textContent = shown(failure.message);
        failed.hidden = false;
      }
    };
    const text = el("input", {id: "say", "aria-label": "Message to the client", placeholder: "Message to the client", autocomplete: "off"});
    return [
      el("button", {type: "button", class: "back quiet", click: () => chosen("")}, "← all connections"),
      el("div", {class: "title"}, el("h2", {}, d.id), el("span", {class: "chip " + (d.closed ? "" : "s2")}, d.closed ? "closed" : "open")),
      el("p", {class: "sub"}, `${d.api} · ${d.sourceIp} · ${d.closed ? "was" : "is"} open since ${clock(d.opened)}`),
      el("div", {class: "words", id: "words"}, d.words.map(word)),
      !d.closed && el("form", {class: "say", submit: attempt(async () => {
        const message = text.value;
        text.value = "";
        await ask("POST", "api/talks/" + encodeURIComponent(d.id), {message});
      })}, text, el("button", {type: "submit", class: "primary", id: "send"}, "Send"),
        el("button", {type: "button", id: "close-talk", click: attempt(() => ask("DELETE", "api/talks/" + encodeURIComponent(d.id)))}, "Close it")),
      failed,
    ];
  }

  function word(w) {
    const heading = {CONNECT: "connects", DISCONNECT: "closes", MESSAGE: "client", SENT: "sent to the client"}[w.type] || w.type;
    const about = [heading, w.route, clock(w.time), w.type === "SENT" ? "" : took(w.duration), w.status || ""].filter(Boolean).join(" · ");
    return el("div", {class: "word " + w.type},
      el("div", {class: "sub"}, about),
      w.message.size > 0 && el("pre", {}, w.message.text),
      w.error && el("p", {class: "alert bad"}, w.error),
      w.event && invocation(w));
  }

  // invocation shows what a function made of it, once it is opened.
  function invocation(w) {
    const fold = el("details", {}, el("summary", {}, "event, reply" + (w.invocation?.lines.length ? ` and ${counted(w.invocation.lines.length, "line")} of log` : "")));
    fold.addEventListener("toggle", () => {
      if (fold.childElementCount > 1) return;
      for (const [label, content] of [["Event", w.event], ["Reply", w.reply]]) {
        if (!content) continue;
        try {
          const {place: shownTree, field} = searchable(label, JSON.parse(content.text));
          fold.append(el("p", {class: "sub"}, label, " ", field), shownTree);
        } catch {
          fold.append(el("pre", {}, content.text));
        }
      }
      if (w.invocation?.lines.length) fold.append(el("div", {class: "log"}, w.invocation.lines.map(l => el("pre", {}, l))));
    });
    return fold;
  }

  return {take, show, clear: () => {
    current = "";
    draw();
    put(place, el("p", {class: "hint"}, "Choose a connection to see what both sides have said."));
  }};
}
