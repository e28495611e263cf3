// Calls @connections with the AWS SDK for JavaScript: node sdk.mjs ENDPOINT ID
// and prints what came of it, one JSON value a line.
import { createRequire } from "node:module";
const sdk = createRequire(process.cwd() + "/")("@aws-sdk/client-apigatewaymanagementapi");

const [endpoint, id] = process.argv.slice(2);
const client = new sdk.ApiGatewayManagementApiClient({
  endpoint, region: "eu-west-1", maxAttempts: 1, credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
});

async function call(name, input) {
  try {
    const out = await client.send(new sdk[name + "Command"](input));
    return { name, status: out.$metadata.httpStatusCode, sourceIp: out.Identity?.SourceIp, connected: out.ConnectedAt instanceof Date };
  } catch (e) {
    return { name, status: e.$metadata?.httpStatusCode, error: e.name, gone: e instanceof sdk.GoneException };
  }
}

for (const [name, input] of [
  ["PostToConnection", { ConnectionId: id, Data: "from JavaScript" }],
  ["GetConnection", { ConnectionId: id }],
  ["PostToConnection", { ConnectionId: id, Data: "x".repeat(128 * 1024 + 1) }],
  ["PostToConnection", { ConnectionId: "nonsense", Data: "x" }],
  ["DeleteConnection", { ConnectionId: id }],
  ["PostToConnection", { ConnectionId: id, Data: "late" }],
  ["GetConnection", { ConnectionId: id }],
  ["DeleteConnection", { ConnectionId: id }],
]) console.log(JSON.stringify(await call(name, input)));
