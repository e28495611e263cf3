// An OpenID provider whose keys change when it is told to. It prints its issuer, and
// then for each line that it reads
//
//	token        an access token
//	keys RS256   that it has a new key of that kind, and no other
import { createRequire } from "node:module";
import http from "node:http";
import { pathToFileURL } from "node:url";
import readline from "node:readline";

console.info = console.warn = console.error; // the provider's own say
const folder = process.argv[2];
const require = createRequire(folder + "/");
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { default: Provider } = await load("oidc-provider");
const { generateKeyPair, exportJWK } = await load("jose");

let handler;
const server = http.createServer((request, response) => handler(request, response));
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const resource = "https://notes.example.com/";
let serial = 0;

async function keys(alg) {
	const { privateKey } = await generateKeyPair(alg, { extractable: true });
	const key = { ...(await exportJWK(privateKey)), kid: `key-${++serial}`, use: "sig", alg };
	handler = new Provider(issuer, {
		clients: [{
			client_id: "app", client_secret: "app-secret", grant_types: ["client_credentials"], redirect_uris: [], response_types: [],
			id_token_signed_response_alg: alg,
		}],
		jwks: { keys: [key] },
		scopes: ["notes:read"],
		enabledJWA: { idTokenSigningAlgValues: [alg] },
		features: {
			devInteractions: { enabled: false },
			clientCredentials: { enabled: true },
			resourceIndicators: {
				enabled: true,
				defaultResource: () => resource,
				useGrantedResource: () => true,
				getResourceServerInfo: () => ({ scope: "notes:read", audience: "notes", accessTokenFormat: "jwt", accessTokenTTL: 3600, jwt: { sign: { alg } } }),
			},
		},
	}).callback();
}

async function token() {
	const response = await fetch(issuer + "/token", {
		method: "POST",
		headers: { authorization: "Basic " + Buffer.from("app:app-secret").toString("base64") },
		body: new URLSearchParams({ grant_type: "client_credentials", scope: "notes:read", resource }),
	});
	const answer = await response.json();
	if (!answer.access_token) throw new Error(JSON.stringify(answer));
	return answer.access_token;
}

await keys("RS256");
console.log(issuer);
for await (const line of readline.createInterface({ input: process.stdin })) {
	const [command, alg] = line.split(" ");
	if (command === "keys") await keys(alg);
	console.log(command === "token" ? await token() : "ok");
}
process.exit(0);
