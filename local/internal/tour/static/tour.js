// The page works without this script: its forms are forms. With it, answers
// appear in place.
"use strict";

const $ = (id) => document.getElementById(id);

$("echo").addEventListener("submit", async (e) => {
  e.preventDefault();
  const out = $("echoed");
  out.hidden = false;
  out.classList.remove("error");
  try {
    const resp = await fetch(e.target.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: $("text").value }),
    });
    out.textContent = `${resp.status} ${resp.statusText}\n\n${await resp.text()}`;
  } catch (err) {
    out.classList.add("error");
    out.textContent = `No answer came back: ${err.message}`;
  }
});

$("file").addEventListener("change", (e) => {
  if (e.target.files.length > 0) upload(e.target.files[0]);
});

const drop = document.querySelector(".drop");
for (const type of ["dragenter", "dragover"]) {
  drop.addEventListener(type, (e) => {
    e.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (e) => {
  e.preventDefault();
  drop.classList.remove("over");
  if (e.dataTransfer.files.length > 0) upload(e.dataTransfer.files[0]);
});

async function upload(file) {
  const out = $("uploaded");
  out.hidden = false;
  out.textContent = `Sending ${file.name}, ${file.size} bytes …`;
  try {
    const form = new FormData();
    form.append("file", file);
    const resp = await fetch($("upload").action, { method: "POST", body: form });
    if (!resp.ok) throw new Error(refusal(resp.status, await resp.text()));
    const got = await resp.json();
    const here = await sha256(file);
    out.replaceChildren(list([
      ["Name", got.name],
      ["Size", `${got.size} bytes`],
      ["Type", got.type],
      ["SHA-256", got.sha256],
      ["In your browser", here === got.sha256 ? "the same" : here ?? "cannot be computed on a page without https"],
    ], here === got.sha256));
  } catch (err) {
    const p = document.createElement("p");
    p.className = "error";
    p.textContent = err.message;
    out.replaceChildren(p);
  }
}

// refusal puts what a front door answers into words.
function refusal(status, body) {
  if (status === 413) return "413: too large. Lambda takes events of up to 6 MB, which leaves about 4.5 MB for a file.";
  return `${status}: ${body.trim()}`;
}

// sha256 returns the file's hash in hex, or null where the browser has no crypto.
async function sha256(file) {
  if (!crypto.subtle) return null;
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(hash), (b) => b.toString(16).padStart(2, "0")).join("");
}

function list(rows, same) {
  const dl = document.createElement("dl");
  for (const [term, value] of rows) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = value;
    dl.append(dt, dd);
  }
  if (same) dl.lastChild.className = "same";
  return dl;
}
