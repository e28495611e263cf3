// JSON as a tree that folds and is searched.
import {el, put} from "./dom.js";

const most = 500; // members of one level, matches of one search

// tree shows a value. What is inside a fold is made when it is opened.
export function tree(value, search = "") {
  const root = el("div", {class: "tree"});
  const wanted = search.toLowerCase();
  const budget = {left: most};
  root.append(node("", value, wanted, budget, 0));
  return root;
}

function node(key, value, wanted, budget, depth) {
  const label = key === "" ? [] : [el("span", {class: "key"}, ...marked(key, wanted)), ": "];
  if (value === null || typeof value !== "object") {
    return el("div", {class: "leaf"}, ...label, leaf(value, wanted));
  }
  const members = Array.isArray(value) ? value.map((v, n) => [String(n), v]) : Object.entries(value);
  const count = Array.isArray(value) ? `[ ${members.length} ]` : `{ ${members.length} }`;
  if (members.length === 0) return el("div", {class: "leaf"}, ...label, el("span", {class: "many"}, Array.isArray(value) ? "[]" : "{}"));
  const fold = el("details", {}, el("summary", {}, ...label, el("span", {class: "many"}, count)));
  let filled = false;
  const fill = () => {
    if (filled) return;
    filled = true;
    for (const [k, v] of members.slice(0, most)) fold.append(node(k, v, wanted, budget, depth + 1));
    if (members.length > most) fold.append(el("div", {class: "leaf many"}, `${members.length - most} more`));
  };
  const opens = wanted ? budget.left > 0 && holds(value, wanted) : depth < 1 || (depth < 2 && members.length <= 12);
  if (wanted && opens) budget.left--;
  if (opens) {
    fill();
    fold.open = true;
  }
  fold.addEventListener("toggle", fill);
  return fold;
}

function leaf(value, wanted) {
  if (typeof value === "string") {
    const masked = value === "(masked)";
    return el("span", {class: masked ? "masked" : "str"}, ...marked(masked ? value : JSON.stringify(value), wanted));
  }
  return el("span", {class: typeof value === "number" ? "num" : "lit"}, ...marked(String(value), wanted));
}

// holds reports whether a search would find something in a value.
function holds(value, wanted) {
  if (value === null || typeof value !== "object") return String(value).toLowerCase().includes(wanted);
  return Object.entries(value).some(([k, v]) => (!Array.isArray(value) && k.toLowerCase().includes(wanted)) || holds(v, wanted));
}

function marked(text, wanted) {
  const at = wanted ? text.toLowerCase().indexOf(wanted) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), el("mark", {}, text.slice(at, at + wanted.length)), text.slice(at + wanted.length)];
}

// searchable shows a value with a field to search it.
export function searchable(label, value) {
  const place = el("div", {}, tree(value));
  const field = el("input", {
    type: "search", placeholder: "Search", "aria-label": "Search " + label, autocomplete: "off",
    input: () => put(place, tree(value, field.value)),
  });
  return {place, field};
}
