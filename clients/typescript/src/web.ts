/** The client for browsers: Connect, over the HTTP gateway. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { createConnectTransport, type ConnectTransportOptions } from "@connectrpc/connect-web";
import { uploadForm, type FormOptions } from "./form.js";
import type { Image } from "./gen/sightline/v1/image_pb.js";
import type { UploadImageRequest_StartSchema } from "./gen/sightline/v1/image_service_pb.js";
import { retrying } from "./retry.js";
import { Sightline } from "./sightline.js";

export * from "./index.js";

/** How the gateway is reached: Connect's own options, and the deadline of a unary call, 60,000 ms unless set. */
export type ConnectOptions = Omit<ConnectTransportOptions, "baseUrl" | "defaultTimeoutMs"> & { timeoutMs?: number };

/** The services behind one gateway. */
export class WebSightline extends Sightline {
  readonly #baseUrl: string;
  readonly #form: FormOptions;

  constructor(baseUrl: string, { timeoutMs, interceptors = [], ...options }: ConnectOptions = {}) {
    const all = [...interceptors, retrying];
    super(createConnectTransport({ baseUrl, useBinaryFormat: true, ...options, interceptors: all }), timeoutMs);
    this.#baseUrl = baseUrl;
    this.#form = { ...(options.fetch && { fetch: options.fetch }), ...(timeoutMs !== undefined && { timeoutMs }) };
  }

  /** Uploads a `File` that the browser reads as it is sent, as a form: interceptors do not see it. */
  uploadFile(
    file: Blob,
    start: MessageInitShape<typeof UploadImageRequest_StartSchema>,
    options: Omit<FormOptions, "fetch"> = {},
  ): Promise<Image> {
    return uploadForm(this.#baseUrl, file, start, { ...this.#form, ...options });
  }
}

/** A client for the gateway at `baseUrl`; in a page that it serves, `location.origin`. */
export function connect(baseUrl: string, options?: ConnectOptions): WebSightline {
  return new WebSightline(baseUrl, options);
}
