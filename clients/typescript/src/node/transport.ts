/** A Connect transport over grpc-js: Connect's typed clients, gRPC's own channel with its retries and balancing. */

import type { DescMessage, DescMethodStreaming, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  type ContextValues,
  type Interceptor,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { createMethodUrl, runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";
import type { Client } from "@grpc/grpc-js";
import { GrpcCall } from "./call.js";

/** Calls over one grpc-js client, whose channel the caller opens and closes. */
export class GrpcTransport implements Transport {
  readonly #client: Client;
  readonly #interceptors: Interceptor[];

  constructor(client: Client, interceptors: Interceptor[] = []) {
    this.#client = client;
    this.#interceptors = interceptors;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    return await runUnaryCall<I, O>({
      interceptors: this.#interceptors,
      ...limits(signal, timeoutMs),
      req: { stream: false, message: input, ...this.#common(method, header, contextValues) },
      next: async (req) => {
        const call = new GrpcCall(this.#client, method, req.header, { timeoutMs, signal: req.signal });
        void call.send([req.message]);
        const [message, ...more] = await all(call.messages());
        if (message === undefined || more.length > 0) {
          throw new ConnectError(`${method.name} answers with one message`, Code.Unimplemented);
        }
        const { trailer } = call;
        return { stream: false, service: method.parent, method, header: await call.header, message, trailer };
      },
    });
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
    contextValues?: ContextValues,
  ): Promise<StreamResponse<I, O>> {
    return await runStreamingCall<I, O>({
      interceptors: this.#interceptors,
      ...limits(signal, timeoutMs),
      req: { stream: true, message: input, ...this.#common(method, header, contextValues) },
      next: async (req) => {
        const call = new GrpcCall(this.#client, method, req.header, { timeoutMs, signal: req.signal });
        void call.send(req.message);
        const { trailer } = call;
        const message = call.messages();
        return { stream: true, service: method.parent, method, header: await call.header, message, trailer };
      },
    });
  }

  #common<M extends DescMethodUnary | DescMethodStreaming>(
    method: M,
    header?: HeadersInit,
    contextValues?: ContextValues,
  ) {
    return {
      service: method.parent,
      method,
      requestMethod: "POST",
      url: createMethodUrl("grpc://", method),
      header: new Headers(header),
      contextValues: contextValues ?? createContextValues(),
    };
  }
}

/** `undefined` left out, as exact optional properties want it. */
function limits(signal: AbortSignal | undefined, timeoutMs: number | undefined) {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
