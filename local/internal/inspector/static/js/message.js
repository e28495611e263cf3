// A request, a response, an event or a reply as a card.
import {el, bytes} from "./dom.js";
import {searchable} from "./tree.js";

// card shows something under a title. parts are what stands in its body.
export function card(title, aside, ...parts) {
  return el("section", {class: "card", "aria-label": title},
    el("header", {}, el("h3", {}, title), ...[aside].flat()),
    el("div", {class: "body", tabindex: "0", role: "group", "aria-label": title}, ...parts));
}

// messageCard shows a request or a response.
export function messageCard(title, message) {
  if (!message) return card(title, null, el("p", {class: "none"}, "none"));
  return card(title, el("span", {class: "sub"}, bytes(message.body.size)),
    message.line && el("p", {class: "line"}, message.line), fields(message.header), bodyOf(message.body));
}

// documentCard shows an event or a reply, which is JSON.
export function documentCard(title, content) {
  if (!content) return card(title, null, el("p", {class: "none"}, "none: no function was asked"));
  const size = el("span", {class: "sub"}, bytes(content.size) + (content.whole ? "" : ", the head of it"));
  const value = parsed(content);
  if (value === undefined) return card(title, size, bodyOf(content));
  const {place, field} = searchable(title, value);
  return card(title, [field, size], place);
}

function parsed(content) {
  if (content.base64 || !content.text) return undefined;
  try {
    const value = JSON.parse(content.text);
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

// fields shows a header. Those of differs are marked.
export function fields(header, differs = []) {
  const list = el("dl", {class: "fields"});
  for (const [name, value] of header || []) {
    const pair = [el("dt", {}, name), el("dd", {class: value === "(masked)" ? "masked" : undefined}, value)];
    list.append(el("div", {class: differs.includes(name) ? "differs" : undefined}, ...pair));
  }
  return list;
}

// bodyOf shows a body: JSON is laid out, what is no text is shown as bytes.
export function bodyOf(content) {
  if (content.size === 0) return el("p", {class: "none"}, "no body");
  const note = content.whole ? null : el("p", {class: "none"}, `the first ${bytes(lengthOf(content))} of ${bytes(content.size)}`);
  if (content.base64) return el("div", {}, note, el("pre", {}, dump(content.text)));
  const value = parsed(content);
  return el("div", {}, note, el("pre", {}, value === undefined ? content.text : JSON.stringify(value, null, 2)));
}

const lengthOf = content => (content.base64 ? content.text.length * 3 / 4 : new TextEncoder().encode(content.text).length);

// dump shows the beginning of some bytes as a hexadecimal table.
function dump(base64) {
  const data = Uint8Array.from(atob(base64.slice(0, 4 * Math.floor(base64.length / 4))), c => c.charCodeAt(0)).slice(0, 1024);
  const lines = [];
  for (let n = 0; n < data.length; n += 16) {
    const part = [...data.slice(n, n + 16)];
    lines.push(n.toString(16).padStart(4, "0") + "  " + part.map(b => b.toString(16).padStart(2, "0")).join(" ").padEnd(48) +
      " " + part.map(b => (b > 31 && b < 127 ? String.fromCharCode(b) : "·")).join(""));
  }
  return lines.join("\n");
}
