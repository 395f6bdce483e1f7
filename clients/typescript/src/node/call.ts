/** One call over grpc-js: messages in, messages out, a status at the end. */

import { fromBinary, toBinary, type DescMethod, type MessageShape } from "@bufbuild/protobuf";
import { status, type CallOptions, type Client, type ClientDuplexStream, type StatusObject } from "@grpc/grpc-js";
import { toConnectError } from "./errors.js";
import { toHeaders, toMetadata } from "./metadata.js";

/** How long a call may take, and what cancels it. */
export interface Limits {
  timeoutMs: number | undefined;
  signal: AbortSignal;
}

/** A call that has begun. On the wire every kind of call is one of streams: a unary one has one message each way. */
export class GrpcCall<M extends DescMethod> {
  /** What the server says first: its headers, empty if it ends the call with none. */
  readonly header: Promise<Headers>;
  /** What the server says last. Filled once all messages are read. */
  readonly trailer = new Headers();
  readonly #stream: ClientDuplexStream<MessageShape<M["input"]>, MessageShape<M["output"]>>;
  readonly #status: Promise<StatusObject>;
  /** What the messages to send themselves threw. */
  #broken: unknown;

  constructor(client: Client, method: M, header: Headers, limits: Limits) {
    const options: CallOptions = limits.timeoutMs === undefined ? {} : { deadline: Date.now() + limits.timeoutMs };
    const stream = client.makeBidiStreamRequest<MessageShape<M["input"]>, MessageShape<M["output"]>>(
      `/${method.parent.typeName}/${method.name}`,
      (message) => Buffer.from(toBinary<M["input"]>(method.input, message)),
      (bytes) => fromBinary<M["output"]>(method.output, bytes),
      toMetadata(header),
      options,
    );
    this.#stream = stream;
    this.#status = new Promise((resolve) => stream.once("status", resolve));
    this.header = new Promise((resolve) => {
      stream.once("metadata", (metadata) => resolve(toHeaders(metadata)));
      stream.once("status", () => resolve(new Headers()));
    });
    stream.on("error", () => {}); // the status says the same
    const cancel = () => stream.cancel();
    limits.signal.addEventListener("abort", cancel, { once: true });
    void this.#status.then(() => limits.signal.removeEventListener("abort", cancel));
    if (limits.signal.aborted) cancel();
  }

  /** Sends messages as fast as the server takes them, then says that there are no more. */
  async send(messages: AsyncIterable<MessageShape<M["input"]>> | Iterable<MessageShape<M["input"]>>): Promise<void> {
    let ended = false;
    void this.#status.then(() => (ended = true));
    try {
      for await (const message of messages) {
        if (ended) return;
        if (!this.#stream.write(message)) await Promise.race([this.#next("drain"), this.#status]);
      }
      this.#stream.end();
    } catch (error) {
      this.#broken = error;
      this.#stream.cancel();
    }
  }

  /**
   * The answers, in order. Throws a ConnectError when the call has failed, or what the messages to send threw.
   * A failure overtakes answers that are not read yet: grpc-js drops those.
   */
  async *messages(): AsyncGenerator<MessageShape<M["output"]>> {
    const ended = this.#next("end");
    let more = true;
    void ended.then(() => (more = false));
    while (more) {
      const message: MessageShape<M["output"]> | null = this.#stream.read();
      if (message !== null) yield message;
      else await Promise.race([this.#next("readable"), ended]);
    }
    if (this.#broken !== undefined) throw this.#broken;
    const last = await this.#status;
    toHeaders(last.metadata).forEach((value, key) => this.trailer.append(key, value));
    if (last.code !== status.OK) throw toConnectError(last);
  }

  #next(event: "drain" | "end" | "readable"): Promise<void> {
    return new Promise((resolve) => this.#stream.once(event, resolve));
  }
}
