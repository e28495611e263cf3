// The page: which view is open, what the keys do, and what the server tells.
import {$} from "./dom.js";
import {exchangeList} from "./list.js";
import {exchangeDetail} from "./detail.js";
import {conversations} from "./talks.js";
import {showAPIs, watchFunctions} from "./panes.js";
import {plot} from "./plot.js";
import * as dialogs from "./dialogs.js";
import {ask} from "./dom.js";

const views = ["exchanges", "websocket", "functions", "apis"];
let leave = () => {};

const go = id => location.hash = "exchanges/" + id;
const detail = exchangeDetail({go, back: () => location.hash = "exchanges"});
const list = exchangeList({
  chosen: (id, changed) => changed ? detail.show(id, true) : go(id),
  opened: () => $("detail").focus(),
});
const talks = conversations({chosen: id => location.hash = id ? "websocket/" + encodeURIComponent(id) : "websocket"});

// route shows what the address says.
function route() {
  const [view, id] = location.hash.slice(1).split("/");
  const open = views.includes(view) ? view : "exchanges";
  leave();
  leave = () => {};
  for (const v of views) $(v).hidden = v !== open;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === "#" + open) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  $(open).classList.toggle("open", Boolean(id));
  if (open === "exchanges") {
    if (id && list.current() !== Number(id)) list.choose(Number(id), false);
    if (id) detail.show(Number(id));
    else detail.clear();
  }
  if (open === "websocket") id ? talks.show(decodeURIComponent(id)) : talks.clear();
  if (open === "functions") leave = watchFunctions();
  if (open === "apis") showAPIs();
}
addEventListener("hashchange", route);

const stream = new EventSource("api/stream");
stream.onopen = () => {
  $("state").textContent = "live";
  $("state").className = "live";
};
stream.onerror = () => {
  $("state").textContent = "waiting for the server";
  $("state").className = "";
};
stream.onmessage = e => {
  const update = JSON.parse(e.data);
  list.take(update);
  talks.take(update);
  plot($("plot"), update.plot);
};

$("clear").addEventListener("click", () => ask("DELETE", "api/exchanges").then(() => location.hash = "exchanges"));
$("har").addEventListener("click", dialogs.archive);
$("invoke").addEventListener("click", () => dialogs.invoke({}, go).catch(e => dialogs.say("Invoke a function", e.message)));

document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("dialog").open) return;
  if (e.key === "Escape" && $("exchanges").classList.contains("open")) {
    $("list").focus();
    if (matchMedia("(max-width: 48rem)").matches) location.hash = "exchanges";
  }
  if (/^(input|select|textarea)$/i.test(e.target.tagName)) return;
  if (e.key === "/") {
    e.preventDefault();
    $("text").focus();
  }
  if (e.key === "p") $("pause").click();
  if (e.key === "r") detail.replay();
});

route();
