#!/usr/bin/env node
// A function in another language, with a runtime of its own that is as small as
// the Runtime API allows:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

const runtime = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

function handler(event) {
  const method = event.httpMethod ?? event.requestContext?.http?.method ?? event.method;
  const path = event.rawPath ?? event.raw_path ?? event.path;
  const encoded = event.isBase64Encoded ?? event.is_base64_encoded;
  const body = Buffer.from(event.body ?? "", encoded ? "base64" : "utf8");

  if (path === "/throw") throw new TypeError("thrown");
  if (path === "/exit") process.exit(3);
  const reply = { statusCode: 201, isBase64Encoded: true, body: Buffer.from(`${method} ${path} ${body}`).toString("base64") };
  // Load balancers say by the map they send which one they want back.
  if (event.headers) return { ...reply, headers: { "Content-Type": "text/x-node" } };
  return { ...reply, multiValueHeaders: { "Content-Type": ["text/x-node"] } };
}

for (;;) {
  const next = await fetch(`${runtime}/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const event = await next.json();
  try {
    await fetch(`${runtime}/${id}/response`, { method: "POST", body: JSON.stringify(handler(event)) });
  } catch (err) {
    await fetch(`${runtime}/${id}/error`, {
      method: "POST",
      headers: { "Lambda-Runtime-Function-Error-Type": `Function.${err.name}` },
      body: JSON.stringify({ errorType: err.name, errorMessage: err.message, stackTrace: [] }),
    });
  }
}
