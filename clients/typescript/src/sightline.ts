/** The client: every service of the API, and the few calls that need more than a stub. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { createClient, type CallOptions, type Client, type Transport } from "@connectrpc/connect";
import { repeatable, type NewImage } from "./bulk.js";
import { abortable, DEFAULT_TIMEOUT_MS, paginate, withDeadline } from "./calls.js";
import { Operations, type Operation } from "./gen/google/longrunning/operations_pb.js";
import { Health, HealthCheckResponse_ServingStatus } from "./gen/grpc/health/v1/health_pb.js";
import type { Collection } from "./gen/sightline/v1/collection_pb.js";
import { CollectionService, type ListCollectionsRequestSchema } from "./gen/sightline/v1/collection_service_pb.js";
import { EmbeddingService } from "./gen/sightline/v1/embedding_service_pb.js";
import type { Image } from "./gen/sightline/v1/image_pb.js";
import { ImageService, type ListImagesRequestSchema } from "./gen/sightline/v1/image_service_pb.js";
import { ImportService } from "./gen/sightline/v1/import_service_pb.js";
import type { Pack } from "./gen/sightline/v1/model_pb.js";
import { ModelService, type ListPacksRequestSchema } from "./gen/sightline/v1/model_service_pb.js";
import type { Region } from "./gen/sightline/v1/region_pb.js";
import {
  SearchService,
  type FindDuplicatesRequestSchema,
  type FindDuplicatesResponse_Group,
  type Hit,
  type SearchRequestSchema,
} from "./gen/sightline/v1/search_service_pb.js";
import { SegmentationService, type ListRegionsRequestSchema } from "./gen/sightline/v1/segmentation_service_pb.js";
import type { Text } from "./gen/sightline/v1/text_pb.js";
import { TextService, type ListTextsRequestSchema } from "./gen/sightline/v1/text_service_pb.js";
import { waitOperation } from "./operations.js";

/** Whether a service answers: "SERVING", "NOT_SERVING", or "SERVICE_UNKNOWN". */
export type ServingStatus = keyof typeof HealthCheckResponse_ServingStatus;

/** The services over one transport. Calls throw `ConnectError`; unary ones have a deadline of 60 s unless told. */
export class Sightline {
  readonly collections: Client<typeof CollectionService>;
  readonly images: Client<typeof ImageService>;
  readonly segmentation: Client<typeof SegmentationService>;
  readonly texts: Client<typeof TextService>;
  readonly searches: Client<typeof SearchService>;
  readonly embeddings: Client<typeof EmbeddingService>;
  readonly models: Client<typeof ModelService>;
  readonly imports: Client<typeof ImportService>;
  readonly operations: Client<typeof Operations>;
  readonly health: Client<typeof Health>;

  constructor(transport: Transport, timeoutMs = DEFAULT_TIMEOUT_MS) {
    const hurried = withDeadline(transport, timeoutMs);
    this.collections = createClient(CollectionService, hurried);
    this.images = createClient(ImageService, hurried);
    this.segmentation = createClient(SegmentationService, hurried);
    this.texts = createClient(TextService, hurried);
    this.searches = createClient(SearchService, hurried);
    this.embeddings = createClient(EmbeddingService, hurried);
    this.models = createClient(ModelService, hurried);
    this.imports = createClient(ImportService, hurried);
    this.operations = createClient(Operations, hurried);
    this.health = createClient(Health, hurried);
  }

  /** Stores an image, retried safely: it bears a request id. */
  createImage(request: NewImage, options?: CallOptions): Promise<Image> {
    return this.images.createImage(repeatable(request), options);
  }

  /** The images that a filter finds, fetched a page at a time. */
  listImages(request: MessageInitShape<typeof ListImagesRequestSchema>, options?: CallOptions): AsyncGenerator<Image> {
    return paginate(this.images.listImages, request, (page) => page.images, options);
  }

  /** The text records that a filter finds, the oldest first, fetched a page at a time. */
  listTexts(request: MessageInitShape<typeof ListTextsRequestSchema>, options?: CallOptions): AsyncGenerator<Text> {
    return paginate(this.texts.listTexts, request, (page) => page.texts, options);
  }

  /** All collections, by name. */
  listCollections(
    request: MessageInitShape<typeof ListCollectionsRequestSchema> = {},
    options?: CallOptions,
  ): AsyncGenerator<Collection> {
    return paginate(this.collections.listCollections, request, (page) => page.collections, options);
  }

  /** The regions of an image, the largest first. */
  listRegions(
    request: MessageInitShape<typeof ListRegionsRequestSchema>,
    options?: CallOptions,
  ): AsyncGenerator<Region> {
    return paginate(this.segmentation.listRegions, request, (page) => page.regions, options);
  }

  /** The installed model packs. */
  listPacks(
    request: MessageInitShape<typeof ListPacksRequestSchema> = {},
    options?: CallOptions,
  ): AsyncGenerator<Pack> {
    return paginate(this.models.listPacks, request, (page) => page.packs, options);
  }

  /** What is nearest to the query, the best first, fetched a page at a time for as long as the caller reads. */
  search(request: MessageInitShape<typeof SearchRequestSchema>, options?: CallOptions): AsyncGenerator<Hit> {
    return paginate(this.searches.search, request, (page) => page.hits, options);
  }

  /** Groups of images that are the same or nearly so, by their oldest images, fetched a page at a time. */
  findDuplicates(
    request: MessageInitShape<typeof FindDuplicatesRequestSchema>,
    options?: CallOptions,
  ): AsyncGenerator<FindDuplicatesResponse_Group> {
    return paginate(this.searches.findDuplicates, request, (page) => page.groups, options);
  }

  /** The operation once it is done; `operation.result` holds its response. `options.signal` ends the waiting. */
  waitOperation(name: string, options?: CallOptions): Promise<Operation> {
    return waitOperation(this.operations, name, options);
  }

  /** Whether the server, or one of its services, answers: now, and at every change, until the caller stops reading. */
  async *watchHealth(service = "", callOptions?: CallOptions): AsyncGenerator<ServingStatus> {
    const { options, abort } = abortable(callOptions);
    try {
      for await (const { status } of this.health.watch({ service }, options)) {
        yield HealthCheckResponse_ServingStatus[status] as ServingStatus;
      }
    } finally {
      abort();
    }
  }
}
