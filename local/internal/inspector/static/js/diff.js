// Two texts, line by line.

const most = 600; // lines of each; of longer texts the beginning is compared

// lines returns [kind, line] for each line of either: "same", "del" of the first only, "add"
// of the second only.
export function lines(first, second) {
  const a = laidOut(first).slice(0, most), b = laidOut(second).slice(0, most);
  // The length of the longest common subsequence of what follows each pair of places.
  const longest = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const found = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) found.push(["same", a[i]]), i++, j++;
    else if (j === b.length || (i < a.length && longest[i + 1][j] >= longest[i][j + 1])) found.push(["del", a[i++]]);
    else found.push(["add", b[j++]]);
  }
  return found;
}

function laidOut(text) {
  try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON */ }
  return text.split("\n");
}
