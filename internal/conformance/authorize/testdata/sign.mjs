// Signs requests as the AWS SDK for JavaScript does, sends each as it was signed and
// with one bit of the signature changed, and prints both statuses.
//
//	node sign.mjs FOLDER URL KEY SECRET < "METHOD TARGET BODY TEMPORARY" lines
import { createRequire } from "node:module";
import http from "node:http";
import readline from "node:readline";

const [folder, url, accessKeyId, secretAccessKey] = process.argv.slice(2);
const require = createRequire(folder + "/");
const { SignatureV4 } = require("@smithy/signature-v4");
const { Sha256 } = require("@aws-crypto/sha256-js");
const { hostname, port } = new URL(url);

// What the SDK puts into the query of a request, in its own encoding.
const escape = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

function send(signed, target, body) {
	return new Promise((resolve, reject) => {
		const request = http.request({ hostname, port, method: signed.method, path: target, headers: signed.headers }, (response) => {
			response.resume();
			response.on("end", () => resolve(response.statusCode));
		});
		request.on("error", reject);
		request.end(body);
	});
}

for await (const line of readline.createInterface({ input: process.stdin })) {
	const [method, target, escaped, temporary] = line.split("\t");
	const body = decodeURIComponent(escaped.replaceAll("+", " "));
	const [path, search = ""] = target.split("?");
	const query = {};
	for (const part of search.split("&").filter(Boolean)) {
		const [name, value = ""] = part.split("=").map(decodeURIComponent);
		query[name] = name in query ? [query[name], value].flat() : value;
	}
	const credentials = { accessKeyId, secretAccessKey };
	if (temporary === "true") credentials.sessionToken = "a/session+token==";
	const signer = new SignatureV4({ credentials, region: "us-east-1", service: "execute-api", sha256: Sha256 });
	const headers = { host: `${hostname}:${port}` };
	if (body) headers["content-length"] = String(Buffer.byteLength(body));
	const signed = await signer.sign({ method, protocol: "http:", hostname, port: Number(port), path, query, headers, body });
	const wire = Object.keys(query).sort().flatMap((name) => [query[name]].flat().map((value) => escape(name) + "=" + escape(value))).join("&");
	const sent = wire ? path + "?" + wire : path;
	const good = await send(signed, sent, body);
	const authorization = signed.headers.authorization;
	signed.headers.authorization = authorization.slice(0, -1) + (authorization.endsWith("0") ? "1" : "0");
	console.log(`${method} ${target} ${good} ${await send(signed, sent, body)}`);
}
