/** Waiting for long-running operations (AIP-151). */

import { Code, ConnectError, type CallOptions, type Client } from "@connectrpc/connect";
import { fromStatus } from "./errors.js";
import type { Operation, Operations } from "./gen/google/longrunning/operations_pb.js";
import { sleep } from "./sleep.js";

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

/** Asks, with growing pauses, until the operation is done. Throws what it failed with; `timeoutMs` holds for each question. */
export async function waitOperation(
  client: Client<typeof Operations>,
  name: string,
  options?: CallOptions,
): Promise<Operation> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LAST_PAUSE_MS)) {
    const operation = await client.getOperation({ name }, options);
    if (operation.result.case === "error") throw fromStatus(operation.result.value);
    if (operation.done) return operation;
    await sleep(pause, options?.signal).catch((reason) => {
      throw ConnectError.from(reason, Code.Canceled);
    });
  }
}
