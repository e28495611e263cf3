// What is asked before something is done: edits, events, comparisons, files.
import {$, ask, el, put, shown} from "./dom.js";
import {bodyOf, fields} from "./message.js";
import {lines} from "./diff.js";

const dialog = $("dialog");

// open shows a dialog, ready to be filled in.
function open(title, content) {
  const close = el("button", {type: "button", class: "quiet", "aria-label": "Close", click: () => dialog.close()}, "✕");
  put(dialog, el("header", {}, el("h2", {id: "dialog-title"}, title), close), content);
  if (!dialog.open) dialog.showModal();
  (content.querySelector("input, select, textarea") ?? close).focus();
}

export function say(title, text) {
  open(title, el("div", {class: "content"}, el("p", {class: "alert bad"}, text)));
}

// form is a form whose button does something that may fail.
function form(parts, button, run) {
  const failed = el("p", {class: "alert bad", role: "alert", hidden: true});
  return el("form", {method: "dialog", submit: async e => {
    e.preventDefault();
    failed.hidden = true;
    try {
      await run(failed);
    } catch (failure) {
      failed.textContent = shown(failure.message);
      failed.hidden = false;
    }
  }}, ...parts, failed, el("footer", {},
    el("span", {class: "sub"}, parts.note || ""),
    el("button", {type: "button", click: () => dialog.close()}, "Cancel"),
    el("button", {type: "submit", class: "primary", id: "do"}, button)));
}

const field = (label, input) => el("label", {class: "field"}, label, input);

// editRequest lets a request be changed and sent through its front door.
export function editRequest(d, go) {
  const method = el("input", {id: "edit-method", class: "mono", value: d.request.line.split(" ")[0], spellcheck: "false"});
  const target = el("input", {id: "edit-target", class: "mono", value: d.request.line.slice(d.request.line.indexOf(" ") + 1), spellcheck: "false"});
  const host = el("input", {id: "edit-host", class: "mono", value: d.host, spellcheck: "false"});
  const header = el("textarea", {id: "edit-header", rows: 8, spellcheck: "false", value: d.request.header.map(([n, v]) => n + ": " + v).join("\n")});
  const body = el("textarea", {id: "edit-body", rows: 8, spellcheck: "false", value: d.request.body.text});
  const before = body.value;
  const parts = [
    el("div", {class: "inline"}, field("Method", method), field("Path and query", target)),
    field("Host", host), field("Header, one field a line; (masked) is the value that was sent", header),
    field(d.request.body.base64 ? "Body, as base64" : "Body", body),
    !d.request.body.whole && el("p", {class: "alert"}, "Of this body only the head is kept: what stands above is all that is sent."),
  ];
  open("Edit and replay", form(parts, "Send", async () => {
    const {id} = await ask("POST", `api/exchanges/${d.id}/replay`, {request: {
      method: method.value, target: target.value, host: host.value, body: body.value === before ? d.request.body.text : endedLike(d.request.body.text, body.value), base64: d.request.body.base64,
      header: header.value.split("\n").filter(l => l.trim()).map(l => {
        const at = l.indexOf(":");
        return at < 0 ? [l.trim(), ""] : [l.slice(0, at).trim(), l.slice(at + 1).trim()];
      }),
    }});
    dialog.close();
    go(id);
  }));
}

// endedLike gives an edited text the line ends that it had: a textarea makes LF of all, and a
// multipart form is none without CRLF.
function endedLike(original, edited) {
  const crlf = /\r\n/.test(original) && !/(^|[^\r])\n/.test(original);
  return crlf ? edited.replace(/\n/g, "\r\n") : edited;
}

// invoke invokes a function with an event: one that was seen, pasted or a sample.
export async function invoke({event = "{}", name = "", of = 0}, go) {
  const [functions, samples] = await Promise.all([ask("GET", "api/functions"), ask("GET", "api/samples")]);
  if (functions.length === 0) return say("Invoke a function", "No function runs.");
  const which = el("select", {id: "invoke-function"}, functions.map(f => el("option", {value: f.name, selected: f.name === name}, f.name)));
  const text = el("textarea", {id: "invoke-event", rows: 18, spellcheck: "false", value: event});
  const sample = el("select", {id: "invoke-sample", change: () => {
    const s = samples.find(s => s.name === sample.value);
    if (s) text.value = s.event;
  }}, el("option", {value: ""}, of ? "the event as it was" : "choose a sample, or paste an event"), samples.map(s => el("option", {value: s.name}, s.title)));
  open(of ? "Edit the event and invoke" : "Invoke a function", form([
    el("div", {class: "inline"}, field("Function", which), field("Sample", sample)),
    field("Event, such as one that a log in CloudWatch shows", text),
  ], "Invoke", async () => {
    const {id} = await ask("POST", `api/functions/${encodeURIComponent(which.value)}/invoke`, {event: text.value, of});
    dialog.close();
    go(id);
  }));
}

// compare sends a request through its own and another front door.
export function compare(d, secrets, go) {
  const through = el("select", {id: "compare-door"}, d.doors.map(o => el("option", {value: o.source}, o.name)));
  const place = el("div", {class: "content", id: "comparison"});
  open("Compare front doors", el("div", {}, form([
    field(`Send it through ${d.door} again, and through`, through),
    d.alone && el("p", {class: "alert", id: "alone"}, `The other front door stands alone around the function: it has no routes, authorizers and settings of ${d.api}'s. What differs may come from these.`),
  ], "Send both", async () => {
    const r = await ask("POST", `api/exchanges/${d.id}/replay${secrets ? "?secrets=1" : ""}`, {through: through.value});
    put(place, ...comparison(d.door, through.selectedOptions[0].textContent, r, go));
  }), place));
}

function comparison(own, other, r, go) {
  const alike = r.differences.length === 0;
  const side = (name, m, id) => el("div", {},
    el("h3", {}, name, " ", el("button", {type: "button", class: "quiet", click: () => { dialog.close(); go(id); }}, "open")),
    el("p", {class: "line"}, r.differences.includes("status") ? el("mark", {}, m.line) : m.line),
    fields(m.header, r.differences), r.differences.includes("body") ? null : bodyOf(m.body));
  return [
    el("p", {class: "alert " + (alike ? "good" : ""), id: "verdict"}, alike ? "Both answer alike." : "The answers differ in " + r.differences.join(", ") + "."),
    el("div", {class: "difference"}, side(own, r.own, r.id), side(other, r.theirs, r.other)),
    r.differences.includes("body") && el("pre", {class: "diff", tabindex: "0", "aria-label": "The bodies, line by line"}, lines(r.own.body.text, r.theirs.body.text).map(([kind, text]) =>
      el("span", {class: kind}, ({del: "- ", add: "+ ", same: "  "})[kind] + text))),
  ];
}

// copy shows the exchange as commands and as a test.
export function copy(d, direct) {
  const secrets = el("input", {type: "checkbox", id: "copy-secrets", change: load});
  const form = el("select", {id: "copy-form", change: load},
    !direct && el("option", {value: "curl"}, "curl"),
    d.event && el("option", {value: "aws"}, "aws lambda invoke"),
    !direct && el("option", {value: "lambdatest"}, "lambdatest"));
  const text = el("textarea", {id: "copy-text", rows: 14, readonly: true, spellcheck: "false", "aria-label": "What is copied"});
  const done = el("span", {class: "sub", role: "status"});
  async function load() {
    done.textContent = "";
    try {
      text.value = await ask("GET", `api/exchanges/${d.id}/copy/${form.value}${secrets.checked ? "?secrets=1" : ""}`);
    } catch (failure) {
      text.value = failure.message;
    }
  }
  open("Copy", el("div", {class: "content"},
    el("div", {class: "inline"}, field("As", form), el("label", {class: "tick"}, secrets, "with its secrets: cookies, tokens and keys")), text,
    el("footer", {}, done, el("button", {type: "button", class: "primary", click: async () => {
      try {
        await navigator.clipboard.writeText(text.value);
        done.textContent = "copied";
      } catch { // not allowed here: the reader's own keys do it
        text.select();
        done.textContent = "selected: copy it with the keyboard";
      }
    }}, "Copy"))));
  load();
}

// fixture keeps the exchange as a file for lambdatest.Replay.
export function fixture(d) {
  const suggested = `${d.method} ${d.target.split("?")[0]}`.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").split("-").slice(0, 8).join("-").slice(0, 60);
  const name = el("input", {id: "fixture-name", class: "mono", value: suggested, spellcheck: "false"});
  const secrets = el("input", {type: "checkbox", id: "fixture-secrets"});
  open("Save as fixture", form([
    field("Name of the file below testdata, without .json", name),
    el("label", {class: "tick"}, secrets, "with its secrets: cookies, tokens and keys"),
    el("p", {class: "sub"}, "A test replays it with lambdatest.Replay. A masked value is equal to any."),
  ], "Save", async () => {
    const saved = await ask("POST", `api/exchanges/${d.id}/fixture`, {name: name.value, secrets: secrets.checked});
    open("Saved", el("div", {class: "content", id: "saved"},
      el("p", {class: "alert good"}, saved.file), el("pre", {}, saved.test)));
  }));
}

// archive asks for all exchanges as a HAR file.
export function archive() {
  const secrets = el("input", {type: "checkbox", id: "har-secrets"});
  open("Export as HAR", form([
    el("p", {}, "An HTTP archive of all exchanges that are kept, for a browser's tools."),
    el("label", {class: "tick"}, secrets, "with their secrets: cookies, tokens and keys"),
  ], "Download", async () => {
    const link = el("a", {href: "api/har" + (secrets.checked ? "?secrets=1" : ""), download: "lambridge.har"});
    link.click();
    dialog.close();
  }));
}
