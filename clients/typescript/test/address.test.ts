/** Where Node's client connects to when it is not told. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { connect } from "@sightline/client/node";

const HOST = "127.0.0.1";
const SIX = "::1";

const said: [string, (port: number) => Record<string, string>][] = [
  [HOST, (port) => ({ ADDRESS: `${HOST}:${port}`, HOST: "nowhere.invalid", PORT: "1" })],
  [HOST, (port) => ({ HOST, PORT: `${port}` })],
  [HOST, (port) => ({ ADDRESS: "", HOST: "", PORT: `${port}` })],
  [SIX, (port) => ({ HOST: SIX, PORT: `${port}` })],
  [SIX, (port) => ({ HOST: `[${SIX}]`, PORT: `${port}` })],
];

for (const [index, [host, variables]] of said.entries()) {
  test(`the address is the environment's, ${index}`, async (context) => {
    const server = createServer((socket) => socket.destroy()).listen(0, host);
    context.after(() => server.close());
    await once(server, "listening");
    for (const name of ["ADDRESS", "HOST", "PORT"]) delete process.env[`SIGHTLINE_ORCHESTRATOR_${name}`];
    for (const [name, value] of Object.entries(variables((server.address() as AddressInfo).port))) {
      process.env[`SIGHTLINE_ORCHESTRATOR_${name}`] = value;
    }
    const sightline = connect();
    try {
      const reached = once(server, "connection", { signal: AbortSignal.timeout(10_000) });
      void sightline.collections.getCollection({}, { timeoutMs: 5_000 }).catch(() => {});
      assert.ok(await reached);
    } finally {
      sightline.close();
    }
  });
}
