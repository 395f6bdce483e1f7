/** What all calls have in common, over whichever transport. */

import type { CallOptions, Transport } from "@connectrpc/connect";

/** How long a call may take that says nothing else, its retries included. */
export const DEFAULT_TIMEOUT_MS = 60_000;

/** The transport, with a deadline for every unary call. Streams last as long as their caller wants. */
export function withDeadline(transport: Transport, defaultTimeoutMs: number): Transport {
  return {
    unary: (method, signal, timeoutMs, header, input, contextValues) =>
      transport.unary(method, signal, timeoutMs ?? defaultTimeoutMs, header, input, contextValues),
    stream: transport.stream.bind(transport),
  };
}

/** Calls a list method until its last page, and yields the items of each. */
export async function* paginate<Request extends { pageToken?: string }, Page extends { nextPageToken: string }, Item>(
  list: (request: Request, options?: CallOptions) => Promise<Page>,
  request: Request,
  items: (page: Page) => Item[],
  options?: CallOptions,
): AsyncGenerator<Item> {
  let pageToken = request.pageToken ?? "";
  do {
    const page = await list({ ...request, pageToken }, options);
    yield* items(page);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

/** Options for a stream that ends when `abort` is called, as its reader does at last, or for the caller's own reasons. */
export function abortable(options: CallOptions | undefined): { options: CallOptions; abort: () => void } {
  const controller = new AbortController();
  const abort = () => {
    options?.signal?.removeEventListener("abort", abort); // a signal may outlive many streams
    controller.abort();
  };
  options?.signal?.addEventListener("abort", abort, { once: true });
  if (options?.signal?.aborted) abort();
  return { options: { ...options, signal: controller.signal }, abort };
}
