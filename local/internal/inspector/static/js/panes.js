// The functions that run, and the APIs that are served.
import {$, ask, bytes, clock, el, put, took} from "./dom.js";

const interval = 1000; // between looks at the functions, while their pane is open

const table = (heads, rows) => el("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": heads.join(", ")}, el("table", {},
  el("thead", {}, el("tr", {}, heads.map(h => el("th", {scope: "col"}, h)))), el("tbody", {}, rows)));

const cell = (text, mono) => el("td", {class: mono ? "mono" : undefined}, text);

// watchFunctions shows the functions until what it returns is called.
export function watchFunctions() {
  const place = $("functions");
  let timer = 0, over = false, before = "";
  async function look() {
    let drawn = false;
    try {
      const all = await ask("GET", "api/functions"), now = JSON.stringify(all);
      if (over) return;
      if (now !== before) put(place, ...(all.length ? all.map(functionCard) : [el("p", {class: "hint"}, "No function runs.")]));
      before = now;
      drawn = true;
    } catch (failure) {
      if (!drawn && !over) put(place, el("p", {class: "hint"}, failure.message));
    }
    if (!over) timer = setTimeout(look, interval);
  }
  look();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

function functionCard(f) {
  const broken = f.builds[0]?.error;
  return el("section", {class: "card", "aria-label": f.name},
    el("header", {}, el("h2", {}, f.name), el("span", {class: "chip " + (broken ? "s5" : "s2")}, broken ? "does not build" : "runs"),
      el("span", {class: "sub"}, `${f.memory} MB · ${took(f.timeout)} timeout${f.waiting ? ` · ${f.waiting} waiting` : ""}`)),
    el("div", {class: "body"},
      broken && el("p", {class: "alert bad mono build-error"}, broken),
      el("h3", {}, "Instances"),
      f.processes.length === 0 ? el("p", {class: "none"}, "none") : table(["process", "state", "since", "memory", "program"], f.processes.map(p => el("tr", {},
        cell(p.pid || "–", true), cell(p.state), cell(clock(p.since)), cell(p.maxMemory ? bytes(p.maxMemory) : "–"), cell(p.generation ? "reload " + p.generation : "the first")))),
      f.builds.length > 0 && el("h3", {}, "Builds"),
      f.builds.length > 0 && table(["at", "took", "result"], f.builds.slice(0, 8).map(b => el("tr", {}, cell(clock(b.time)), cell(took(b.took)),
        el("td", {}, el("span", {class: "chip " + (b.error ? "s5" : "s2")}, b.error ? "failed" : "built"))))),
      f.variables.length > 0 && el("h3", {}, "Environment"),
      f.variables.length > 0 && el("div", {class: "names"}, f.variables.map(name => el("code", {}, name))),
      el("h3", {}, "Identity"), el("p", {class: "mono"}, f.arn), el("p", {class: "mono sub"}, f.dir)));
}

// showAPIs shows the plan.
export async function showAPIs() {
  const place = $("apis");
  try {
    const all = await ask("GET", "api/apis");
    put(place, ...(all || []).map(api => el("section", {class: "card", "aria-label": api.name},
      el("header", {}, el("h2", {}, api.name), el("span", {class: "chip"}, api.kind), el("span", {class: "mono"}, api.url), api.origin && el("span", {class: "sub mono"}, api.origin)),
      el("div", {class: "body"}, api.routes.length === 0 ? el("p", {class: "none"}, "It has no routes of its own.") : table(["route", "leads to", "authorizer", "defined at"], api.routes.map(r => el("tr", {},
        cell(r.key, true), el("td", {class: "mono"}, r.integration, r.refused && el("p", {class: "alert bad"}, "refused: " + r.refused)), cell(r.authorizer || "–"), cell(r.origin || "–", true))))))));
  } catch (failure) {
    put(place, el("p", {class: "hint"}, failure.message));
  }
}
