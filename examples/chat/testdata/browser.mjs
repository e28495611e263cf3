// Two people chat in two browsers: node browser.mjs URL CHROMIUM RELOAD [PNG]
// RELOAD is a URL to fetch when the function is to be edited; it answers when the
// new one serves. Anything that does not happen in time fails.
import { createRequire } from "node:module";
const puppeteer = createRequire(process.cwd() + "/")("puppeteer-core");

const [url, executablePath, reload, png] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const errors = [];

async function enter(name) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (e) => errors.push(`${name}: ${e.message}`));
  page.on("console", (m) => { if (m.type() === "error") errors.push(`${name}: ${m.text()}`); });
  await page.setViewport({ width: 1000, height: 640 });
  await page.goto(url + "#tea");
  await page.waitForSelector("#door[open]");
  await page.type("input[name=name]", name);
  await page.click("#join button");
  await connected(page);
  return page;
}

const connected = (page) => page.waitForSelector("#state[data-state=online]");

async function say(page, text) {
  await page.type("#text", text);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector(".waiting"));
}

const sees = (page, text) => page.waitForFunction((t) =>
  [...document.querySelectorAll("#messages li")].some((li) => li.textContent.includes(t)), {}, text);
const counts = (page, n) => page.waitForFunction((n) => document.querySelectorAll("#members li").length === n, {}, n);

try {
  const ann = await enter("Ann Lee");
  const bob = await enter("Bob");
  await counts(ann, 2);
  await say(ann, "Morning! The kettle is on.");
  await sees(bob, "Morning! The kettle is on.");
  await say(bob, "Two minutes, I am just finishing the tests.");
  await say(bob, "They pass: https://go.dev/doc/ helped.");
  await sees(ann, "They pass");
  await say(ann, "Lovely. Oolong or the smoky one?");
  await sees(bob, "Lovely.");

  const cleo = await enter("Cléo");
  await sees(ann, "Cléo came in");
  await sees(cleo, "The kettle is on."); // from the history
  await say(cleo, "Smoky, please ☕");
  await sees(ann, "Smoky, please ☕");
  if (png) await ann.screenshot({ path: png });

  await bob.reload(); // Bob comes back to his room by himself
  await connected(bob);
  await sees(bob, "Morning! The kettle is on.");
  await counts(ann, 3);

  await cleo.close(); // a closed tab
  await sees(ann, "Cléo left");
  await counts(ann, 2);

  const answer = await fetch(reload); // the connections stay open meanwhile
  if (!answer.ok) throw new Error("reload: " + await answer.text());
  await say(ann, "Are you <b>still</b> there?");
  await sees(bob, "Are you <b>still</b> there?");
  await say(bob, "Always.");
  await sees(ann, "Always.");
  if (errors.length) throw new Error("on the pages: " + errors.join("; "));
  console.log("ok");
} finally {
  await browser.close();
}
