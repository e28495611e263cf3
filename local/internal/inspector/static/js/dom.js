// What the other modules make the page of. Everything becomes text nodes: nothing that
// came from a request is ever read as markup.

const svgNames = new Set(["svg", "rect", "line", "text", "g", "title", "circle"]);

// el makes an element. Functions among the attributes are listeners, false and undefined
// leave an attribute out; strings among the children are text, shown as it is.
export function el(name, attributes = {}, ...children) {
  const made = svgNames.has(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (key === "value") made.value = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false)
    .map(c => (c instanceof Node ? c : document.createTextNode(shown(String(c))))));
  return made;
}

// put replaces what is in an element.
export function put(into, ...children) {
  into.replaceChildren(...children.flat().filter(Boolean));
}

export const $ = id => document.getElementById(id);

// Characters that are not seen, or that change the order of what stands around them.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

// shown makes such characters visible: a picture for those that Unicode has one for, else
// their number.
export function shown(text) {
  return text.replace(unseen, c => {
    const code = c.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "␡";
    return "⟨U+" + code.toString(16).toUpperCase().padStart(4, "0") + "⟩";
  });
}

export function bytes(n) {
  if (n < 1000) return n + " B";
  if (n < 1e6) return (n / 1000).toFixed(n < 1e4 ? 1 : 0) + " kB";
  return (n / 1e6).toFixed(1) + " MB";
}

export function took(ms) {
  if (ms < 1) return ms.toFixed(2) + " ms";
  if (ms < 100) return ms.toFixed(1) + " ms";
  if (ms < 1000) return ms.toFixed(0) + " ms";
  return (ms / 1000).toFixed(2) + " s";
}

export function clock(ms) {
  const t = new Date(ms), two = n => String(n).padStart(2, "0");
  return two(t.getHours()) + ":" + two(t.getMinutes()) + ":" + two(t.getSeconds()) + "." + String(t.getMilliseconds()).padStart(3, "0");
}

export function ago(ms) {
  const s = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min";
  return Math.floor(s / 3600) + " h " + Math.floor((s % 3600) / 60) + " min";
}

export const counted = (n, what) => n + " " + what + (n === 1 ? "" : "s");

export const statusClass = status => "chip s" + String(status)[0];

// ask calls the inspector's own server. Its error is what the server said.
export async function ask(method, path, body) {
  const response = await fetch(path, {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : {"Content-Type": "application/json"},
  });
  if (response.ok && response.status !== 204) {
    return (response.headers.get("Content-Type") || "").startsWith("application/json") ? response.json() : response.text();
  }
  if (response.ok) return null;
  let said = response.status + " " + response.statusText;
  try { said = (await response.json()).error || said; } catch { /* it was no JSON */ }
  throw new Error(said);
}
