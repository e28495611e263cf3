// Measures the inspector's page: node frames.mjs MODULES CHROMIUM PAGE DOOR. It prints what
// it has measured as JSON, by units.
import {createRequire} from "node:module";

const [modules, chromium, page, door] = process.argv.slice(2);
const require = createRequire(modules + "/node_modules/");
const puppeteer = await import(require.resolve("puppeteer-core")).then(m => m.default);

const browser = await puppeteer.launch({executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"]});
const tab = await browser.newPage();
tab.setDefaultTimeout(60_000);
await tab.setViewport({width: 1400, height: 900});
await tab.goto(page);
await tab.waitForFunction(() => document.querySelector("#state").textContent === "live");

// The page notes when it shows a row whose path it is waiting for. Both clocks count from
// 1970.
await tab.evaluate(() => {
  window.shown = new Map();
  new MutationObserver(() => {
    const now = performance.timeOrigin + performance.now();
    for (const e of document.querySelectorAll(".row .target")) {
      const mark = e.textContent.match(/mark=(\d+)/)?.[1];
      if (mark && !window.shown.has(mark)) window.shown.set(mark, now);
    }
  }).observe(document.getElementById("list"), {childList: true, subtree: true});
});

let marks = 0;
async function rows(count) {
  const took = [];
  for (let n = 0; n < count; n++) {
    const mark = String(++marks), sent = performance.timeOrigin + performance.now();
    await fetch(`${door}/?mark=${mark}`).then(r => r.text());
    const shown = await tab.waitForFunction(m => window.shown.get(m), {polling: "raf"}, mark).then(h => h.jsonValue());
    took.push(shown - sent);
    await new Promise(done => setTimeout(done, 50 + Math.random() * 200)); // at any moment between two updates
  }
  return took.sort((a, b) => a - b);
}

let loading = true, sent = 0;
async function load() {
  while (loading) {
    await fetch(`${door}/?load=${sent++}`).then(r => r.text());
    await new Promise(done => setTimeout(done, 10));
  }
}

// frames scrolls for so many milliseconds and counts what the browser draws meanwhile.
const frames = milliseconds => tab.evaluate(milliseconds => new Promise(done => {
  const list = document.getElementById("list"), began = performance.now();
  let count = 0, step = 60, last = began, longest = 0;
  requestAnimationFrame(function frame(now) {
    count++;
    longest = Math.max(longest, now - last);
    last = now;
    if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) step = -60;
    if (list.scrollTop <= 0) step = 60;
    list.scrollTop += step;
    if (now - began < milliseconds) requestAnimationFrame(frame);
    else done({rate: count / ((now - began) / 1000), longest});
  });
}), milliseconds);

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const alone = await rows(40);
const started = performance.now(), loads = [load(), load(), load(), load()];
await tab.waitForFunction(() => Number(document.querySelector(".row")?.ariaSetSize) === 1000);
const {rate, longest} = await frames(5000);
// Of what comes in at once only the latest are in view: the filter finds the others.
await tab.$eval("#text", e => { e.value = "mark="; e.dispatchEvent(new Event("input", {bubbles: true})); });
const busy = await rows(40);
loading = false;
await Promise.all(loads);
console.log(JSON.stringify({
  "ms/row-p50": at(alone, 0.5), "ms/row-p95": at(alone, 0.95), "ms/loaded-row-p50": at(busy, 0.5), "ms/loaded-row-p95": at(busy, 0.95),
  "frames/s": rate, "ms/longest-frame": longest, "requests/s": sent / ((performance.now() - started) / 1000),
}));
await browser.close();
