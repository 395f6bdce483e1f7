/** The client for browsers: Connect, over the HTTP gateway. */

import { createConnectTransport, type ConnectTransportOptions } from "@connectrpc/connect-web";
import { retrying } from "./retry.js";
import { Sightline } from "./sightline.js";

export * from "./index.js";

/** How the gateway is reached: Connect's own options, and the deadline of a unary call, 60,000 ms unless set. */
export type ConnectOptions = Omit<ConnectTransportOptions, "baseUrl" | "defaultTimeoutMs"> & { timeoutMs?: number };

/** A client for the gateway at `baseUrl`; in a page that it serves, `location.origin`. */
export function connect(baseUrl: string, { timeoutMs, interceptors = [], ...options }: ConnectOptions = {}): Sightline {
  const transport = createConnectTransport({
    baseUrl,
    useBinaryFormat: true,
    ...options,
    interceptors: [...interceptors, retrying],
  });
  return new Sightline(transport, timeoutMs);
}
