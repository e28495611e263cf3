#!/bin/sh
# Node's own fetch sends Sec-Fetch-Mode with every request, though it is no browser.
#
# Most take any Sec-Fetch header for the mark of a browser, since the specification has
# browsers send them and forbids pages to set them. A server on loopback that turns away
# whatever has one, to keep web pages out, turns away programs written for Node; of the
# headers, Sec-Fetch-Site is the one that browsers alone send.
set -eu
command -v node >/dev/null || { echo "node is missing" >&2; exit 1; }
got=$(node -e '
const server = require("http").createServer((request, response) => {
	response.end(Object.keys(request.headers).filter(name => name.startsWith("sec-")).map(name => name + ": " + request.headers[name]).join(", "));
});
server.listen(0, "127.0.0.1", async () => {
	const response = await fetch("http://127.0.0.1:" + server.address().port + "/", {method: "POST", body: "x"});
	console.log(await response.text());
	server.close();
});')
echo "fetch of node $(node --version) sends: $got"
[ "$got" = "sec-fetch-mode: cors" ] || { echo "it was: sec-fetch-mode: cors" >&2; exit 1; }
