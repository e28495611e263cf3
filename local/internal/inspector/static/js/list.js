// The list of exchanges. Only the rows in view are in the document, however many are kept.
import {$, el, put, bytes, took, clock, statusClass} from "./dom.js";

const kept = 1000, beyond = 6;

export function exchangeList({chosen, opened}) {
  const list = $("list"), spacer = el("div", {class: "spacer", role: "presentation"});
  list.append(spacer);
  let rows = [], seen = [], epoch = -1, current = 0, paused = false, held = [];
  const made = new Map(); // by id: the row's element, and what it shows

  const filters = ["text", "status", "door", "function"].map($);
  const height = () => parseFloat(getComputedStyle(list).getPropertyValue("--row")) || 40;

  function take(update) {
    if (paused && update.epoch === epoch) {
      held.push(update);
      $("pause").textContent = `Resume (${held.reduce((n, u) => n + u.rows.length, 0)})`;
      return;
    }
    if (update.epoch !== epoch) {
      epoch = update.epoch;
      rows = [];
      for (const {node} of made.values()) node.remove();
      made.clear();
    }
    const first = seen[0];
    for (const row of update.rows) {
      const at = rows.length && row.id <= rows.at(-1).id ? rows.findIndex(r => r.id === row.id) : -1;
      if (at >= 0) rows[at] = row;
      else if (!rows.length || row.id > rows.at(-1).id) rows.push(row);
    }
    rows = rows.filter(r => r.id >= update.first).slice(-kept);
    offer("door", rows.map(r => r.door));
    offer("function", rows.map(r => r.function));
    sift();
    // What is being read stays where it is while rows come in above it.
    if (list.scrollTop > 0 && first) {
      const moved = seen.findIndex(r => r.id === first.id);
      if (moved > 0) list.scrollTop += moved * height();
    }
    draw();
    if (update.rows.some(r => r.id === current)) chosen(current, true);
  }

  // offer adds to the choices of a filter.
  function offer(id, values) {
    const select = $(id), there = new Set([...select.options].map(o => o.value));
    for (const value of new Set(values)) if (value && !there.has(value)) select.append(el("option", {value}, value));
  }

  function sift() {
    const [text, status, door, fn] = filters.map(f => f.value);
    const wanted = text.toLowerCase();
    seen = rows.filter(r =>
      (!wanted || [r.method, r.target, r.route, r.status, r.api, r.function].join(" ").toLowerCase().includes(wanted)) &&
      (!status || (status === "warn" ? r.warns || r.failed : String(r.status)[0] === status[0])) &&
      (!door || r.door === door) && (!fn || r.function === fn)).reverse();
    $("empty").hidden = seen.length > 0;
    $("empty").textContent = rows.length ? "Nothing that is kept is like that." : "Nothing has come through a front door yet. Send a request and it appears here.";
  }

  function draw() {
    const row = height(), from = Math.max(0, Math.floor(list.scrollTop / row) - beyond);
    const to = Math.min(seen.length, Math.ceil((list.scrollTop + list.clientHeight) / row) + beyond);
    spacer.style.height = seen.length * row + "px";
    const now = new Set();
    for (let n = from; n < to; n++) {
      const r = seen[n];
      now.add(r.id);
      let entry = made.get(r.id);
      if (!entry) made.set(r.id, entry = {node: el("div", {class: "row", role: "option", id: "row-" + r.id})});
      if (entry.row !== r) {
        put(entry.node, ...cells(r));
        entry.row = r;
      }
      entry.node.style.transform = `translateY(${n * row}px)`;
      entry.node.setAttribute("aria-selected", String(r.id === current));
      entry.node.setAttribute("aria-posinset", String(n + 1));
      entry.node.setAttribute("aria-setsize", String(seen.length));
      if (!entry.node.isConnected) list.append(entry.node);
    }
    for (const [id, {node}] of made) {
      if (!now.has(id)) {
        node.remove();
        made.delete(id);
      }
    }
    if (now.has(current)) list.setAttribute("aria-activedescendant", "row-" + current);
    else list.removeAttribute("aria-activedescendant");
  }

  function cells(r) {
    const via = [clock(r.time), r.api === r.door || !r.api ? r.door : r.api, r.function, r.route && r.route !== "$default" ? r.route : "", r.replayOf ? "replay of " + r.replayOf : ""];
    return [
      el("span", {class: statusClass(r.status)}, r.status || "–"),
      el("span", {class: "method"}, r.method),
      el("span", {class: "what"},
        el("span", {class: "target", "data-method": r.method}, r.warns || r.failed ? el("span", {class: "mark-warn"}, "⚠ ") : null, r.target),
        el("span", {class: "via"}, via.filter(Boolean).join(" · "))),
      el("span", {class: "facts size"}, el("span", {}, bytes(r.size))),
      el("span", {class: "facts"}, el("span", {}, took(r.duration)), r.init ? el("span", {class: "cold"}, "cold " + took(r.init)) : null),
    ];
  }

  function choose(id, focus) {
    current = id;
    const at = seen.findIndex(r => r.id === id);
    if (at >= 0) {
      const row = height();
      if (at * row < list.scrollTop) list.scrollTop = at * row;
      if ((at + 1) * row > list.scrollTop + list.clientHeight) list.scrollTop = (at + 1) * row - list.clientHeight;
    }
    draw();
    if (id) chosen(id, false);
    if (focus) opened();
  }

  list.addEventListener("scroll", () => requestAnimationFrame(draw), {passive: true});
  new ResizeObserver(draw).observe(list);
  list.addEventListener("click", e => {
    const node = e.target.closest(".row");
    if (node) choose(Number(node.id.slice(4)), matchMedia("(max-width: 48rem)").matches);
  });
  list.addEventListener("keydown", e => {
    const at = seen.findIndex(r => r.id === current), page = Math.max(1, Math.floor(list.clientHeight / height()) - 1);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: seen.length - 1}[e.key];
    if (to !== undefined && seen.length) {
      e.preventDefault();
      choose(seen[Math.min(seen.length - 1, Math.max(0, to))].id, false);
    }
    if (e.key === "Enter" && current) {
      e.preventDefault();
      choose(current, true);
    }
  });
  for (const filter of filters) filter.addEventListener("input", () => {
    sift();
    list.scrollTop = 0;
    draw();
  });
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    $("pause").textContent = paused ? "Resume" : "Pause";
    if (!paused) held.splice(0).forEach(take);
  });
  return {take, choose, current: () => current};
}
