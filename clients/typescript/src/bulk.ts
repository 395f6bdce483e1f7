/** Creating many images over one stream. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions, Client, ConnectError } from "@connectrpc/connect";
import { abortable } from "./calls.js";
import { fromStatus } from "./errors.js";
import type { Image } from "./gen/sightline/v1/image_pb.js";
import type {
  BulkCreateImagesRequestSchema,
  CreateImageRequestSchema,
  ImageService,
} from "./gen/sightline/v1/image_service_pb.js";

/** What creates an image. */
export type NewImage = MessageInitShape<typeof CreateImageRequestSchema>;

/** What became of one item: the image, or why there is none. `index` is its place among those given. */
export type CreateResult =
  { index: number; image: Image; error?: undefined } | { index: number; error: ConnectError; image?: undefined };

/** The request with an id of its own (AIP-155): sent again, it creates nothing twice. */
export function repeatable(request: NewImage): NewImage {
  return { ...request, requestId: request.requestId || crypto.randomUUID() };
}

/** Sends images, at most `inFlight` without an answer, and yields a result an item, in any order. Throws RangeError. */
export async function* createMany(
  client: Client<typeof ImageService>,
  images: Iterable<NewImage> | AsyncIterable<NewImage>,
  inFlight: number,
  callOptions?: CallOptions,
): AsyncGenerator<CreateResult> {
  if (!(inFlight >= 1)) throw new RangeError(`inFlight is ${inFlight}, and must be at least 1`);
  const { options, abort } = abortable(callOptions);
  let waiting = 0;
  let answered = () => {};

  async function* requests(): AsyncGenerator<MessageInitShape<typeof BulkCreateImagesRequestSchema>> {
    let index = 0;
    for await (const image of images) {
      while (waiting >= inFlight) await new Promise<void>((resolve) => (answered = resolve));
      waiting += 1;
      yield { index: BigInt(index), request: repeatable(image) };
      index += 1;
    }
  }

  try {
    for await (const { index, result } of client.bulkCreateImages(requests(), options)) {
      waiting -= 1;
      answered();
      if (result.case === "image") yield { index: Number(index), image: result.value };
      else if (result.case === "error") yield { index: Number(index), error: fromStatus(result.value) };
    }
  } finally {
    abort();
    waiting = 0;
    answered(); // the requests' side may wait for it
  }
}
