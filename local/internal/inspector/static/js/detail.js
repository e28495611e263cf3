// One exchange: what was sent, what the function saw and said, and what came back.
import {$, ask, bytes, clock, counted, el, put, statusClass, took} from "./dom.js";
import {card, documentCard, messageCard} from "./message.js";
import * as dialogs from "./dialogs.js";

export function exchangeDetail({go, back}) {
  const place = $("detail");
  let secrets = false, last = 0;

  // show asks for an exchange. With changed it was shown before, and only what may have
  // grown since is drawn again.
  async function show(id, changed = false) {
    last = id;
    let d;
    try {
      d = await ask("GET", `api/exchanges/${id}${secrets ? "?secrets=1" : ""}`);
    } catch (failure) {
      if (last === id && !changed) put(place, el("p", {class: "hint"}, failure.message));
      return;
    }
    if (last !== id) return; // another was chosen meanwhile
    const head = place.querySelector(".later");
    if (changed && place.dataset.id === String(id) && head) {
      put(head, ...grown(d));
      return;
    }
    place.dataset.id = id;
    put(place, ...whole(d));
    place.scrollTop = 0;
  }

  function whole(d) {
    const direct = !d.request;
    return [
      el("button", {type: "button", class: "back quiet", click: back}, "← all exchanges"),
      el("div", {class: "title"},
        el("span", {class: statusClass(d.status)}, d.status || "–"),
        el("h2", {}, `${d.method} ${d.target}`)),
      el("p", {class: "sub"}, facts(d)),
      d.error && el("p", {class: "alert bad"}, (direct ? "The function failed: " : d.status ? `AWS would answer ${d.status} by itself: ` : "") + d.error),
      ...d.warnings.map(w => el("p", {class: "alert"}, "AWS would change the reply: " + w)),
      actions(d, direct),
      el("div", {class: "later"}, ...grown(d)),
      ...pairs(d, direct).map(cards => el("div", {class: "pair"}, ...cards)),
    ].flat();
  }

  // pairs are the cards of an exchange, two beside each other: what came in and what was
  // made of it, then what came back and what was made of that.
  function pairs(d, direct) {
    const event = documentCard("Event", d.event), reply = documentCard("Reply", d.reply);
    if (direct) return [[event, reply]];
    const request = messageCard("Request", d.request), answer = messageCard("Answer", d.answer);
    if (!d.sent) return [[request, event], [reply, answer]];
    const sent = messageCard("Integration request", d.sent), got = messageCard("Integration response", d.got);
    return d.event ? [[request, event], [sent, got], [reply, answer]] : [[request, sent], [got, answer]];
  }

  function facts(d) {
    return [clock(d.time), d.door, d.api !== d.door && d.api, d.route && "route " + d.route, d.origin, d.principal && "caller " + d.principal,
      took(d.duration), d.replayOf && "replay of " + d.replayOf, d.requestId].filter(Boolean).join(" · ");
  }

  function actions(d, direct) {
    const act = (label, run, more = {}) => el("button", {type: "button", click: run, ...more}, label);
    const replay = () => again(d);
    return el("div", {class: "actions"},
      !direct && act("Replay", replay, {class: "primary", id: "replay", title: "r"}),
      !direct && act("Edit and replay…", () => dialogs.editRequest(d, go), {id: "edit"}),
      d.event && d.event.whole && d.function && act("Edit event…", () => dialogs.invoke({event: pretty(d.event.text), name: d.function, of: d.id}, go), {id: "edit-event"}),
      d.doors.length > 0 && act("Compare front doors…", () => dialogs.compare(d, secrets, go), {id: "compare"}),
      act("Copy…", () => dialogs.copy(d, direct), {id: "copy"}),
      !direct && d.event && act("Save as fixture…", () => dialogs.fixture(d), {id: "save"}),
      el("label", {}, el("input", {type: "checkbox", id: "secrets", checked: secrets, change: e => {
        secrets = e.target.checked;
        show(d.id).then(() => $("secrets")?.focus());
      }}), "show secrets"));
  }

  async function again(d) {
    try {
      const {id} = await ask("POST", `api/exchanges/${d.id}/replay`, {});
      go(id);
    } catch (failure) {
      dialogs.say("It was not sent", failure.message);
    }
  }

  // grown is what may come after the answer: reports, and what the function prints.
  function grown(d) {
    return [timeline(d), ...d.invocations.filter(ran => ran.lines.length || ran.error || ran.dropped).map(log)];
  }

  function timeline(d) {
    const total = Math.max(d.duration, 0.001);
    const shownPhases = d.phases.filter(p => p.duration >= total / 200 || ["handler", "init", "authorize"].includes(p.name));
    return el("div", {class: "timeline", role: "group", "aria-label": "Where the time went"},
      shownPhases.map(p => {
        const b = el("b");
        b.style.left = Math.min(99.5, 100 * p.start / total) + "%";
        b.style.width = Math.min(100, 100 * p.duration / total) + "%";
        return el("div", {class: "bar " + p.name}, el("span", {}, p.name), el("i", {}, b), el("span", {}, took(p.duration)));
      }),
      d.invocations.filter(ran => ran.duration).map(ran => el("p", {class: "sub"},
        [ran.function, took(ran.duration), ran.init && "cold start " + took(ran.init), ran.maxMemory && bytes(ran.maxMemory) + " of memory", ran.requestId].filter(Boolean).join(" · "))));
  }

  function log(ran) {
    return el("div", {class: "solo"}, card("Log of " + ran.function, el("span", {class: "sub"}, counted(ran.lines.length + ran.dropped, "line")),
      ran.error && el("p", {class: "alert bad"}, ran.error),
      el("div", {class: "log"}, ran.lines.map(line => el("pre", {}, line))),
      ran.dropped > 0 && el("p", {class: "none"}, `and ${ran.dropped} lines more`)));
  }

  function clear() {
    last = 0;
    delete place.dataset.id;
    put(place, el("p", {class: "hint"}, "Choose an exchange to see the request, the event, the reply and the answer side by side."));
  }

  return {show, clear, replay: () => $("replay")?.click()};
}

export function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
