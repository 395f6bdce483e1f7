package dev.sightline;

import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import dev.sightline.v1.Collection;
import dev.sightline.v1.CollectionServiceGrpc;
import dev.sightline.v1.CreateImageRequest;
import dev.sightline.v1.EmbeddingServiceGrpc;
import dev.sightline.v1.FindDuplicatesRequest;
import dev.sightline.v1.FindDuplicatesResponse;
import dev.sightline.v1.Hit;
import dev.sightline.v1.Image;
import dev.sightline.v1.ImageServiceGrpc;
import dev.sightline.v1.ImportServiceGrpc;
import dev.sightline.v1.ListCollectionsRequest;
import dev.sightline.v1.ListCollectionsResponse;
import dev.sightline.v1.ListImagesRequest;
import dev.sightline.v1.ListImagesResponse;
import dev.sightline.v1.ListPacksRequest;
import dev.sightline.v1.ListPacksResponse;
import dev.sightline.v1.ListRegionsRequest;
import dev.sightline.v1.ListRegionsResponse;
import dev.sightline.v1.ListTextsRequest;
import dev.sightline.v1.ListTextsResponse;
import dev.sightline.v1.ModelServiceGrpc;
import dev.sightline.v1.Pack;
import dev.sightline.v1.Region;
import dev.sightline.v1.SearchRequest;
import dev.sightline.v1.SearchResponse;
import dev.sightline.v1.SearchServiceGrpc;
import dev.sightline.v1.SegmentationServiceGrpc;
import dev.sightline.v1.Text;
import dev.sightline.v1.TextServiceGrpc;
import dev.sightline.v1.UploadImageRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * A connection to one server, safe for use by many threads. Close it when it is no longer used.
 *
 * <pre>{@code
 * try (Sightline sightline = Sightline.connect("127.0.0.1:50051")) {
 *   SearchRequest request =
 *       SearchRequest.newBuilder().setParent("collections/default").setText("a red umbrella").build();
 *   for (Hit hit : sightline.search(request)) {
 *     System.out.println(hit.getRelevance() + " " + hit.getImage());
 *   }
 * }
 * }</pre>
 */
public final class Sightline implements AutoCloseable {
    private static final long CLOSE_SECONDS = 5;

    private final ManagedChannel managed;
    private final Channel channel;

    Sightline(SightlineBuilder chosen) {
        managed = chosen.openChannel();
        channel = ClientInterceptors.interceptForward(managed, chosen.interceptors());
    }

    /**
     * A client for the server at an address, without TLS; it connects at the first call.
     *
     * @param address HOST:PORT
     * @return the client
     */
    public static Sightline connect(String address) {
        return builder().address(address).build();
    }

    /**
     * How a server is reached, to be said more closely.
     *
     * @return a new builder
     */
    public static SightlineBuilder builder() {
        return new SightlineBuilder();
    }

    /**
     * The channel with the client's deadline, request ids and interceptors, for stubs of other kinds: {@code
     * ImageServiceGrpc.newStub(sightline.channel())}.
     *
     * @return the channel
     */
    public Channel channel() {
        return channel;
    }

    /**
     * Calls on collections.
     *
     * @return a stub of {@code sightline.v1.CollectionService}
     */
    public CollectionServiceGrpc.CollectionServiceBlockingStub collections() {
        return CollectionServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls on images.
     *
     * @return a stub of {@code sightline.v1.ImageService}
     */
    public ImageServiceGrpc.ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls that segment.
     *
     * @return a stub of {@code sightline.v1.SegmentationService}
     */
    public SegmentationServiceGrpc.SegmentationServiceBlockingStub segmentation() {
        return SegmentationServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls on text records.
     *
     * @return a stub of {@code sightline.v1.TextService}
     */
    public TextServiceGrpc.TextServiceBlockingStub texts() {
        return TextServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls that search, an answer a page, with its stages.
     *
     * @return a stub of {@code sightline.v1.SearchService}
     */
    public SearchServiceGrpc.SearchServiceBlockingStub searches() {
        return SearchServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls on embeddings.
     *
     * @return a stub of {@code sightline.v1.EmbeddingService}
     */
    public EmbeddingServiceGrpc.EmbeddingServiceBlockingStub embeddings() {
        return EmbeddingServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls on model packs.
     *
     * @return a stub of {@code sightline.v1.ModelService}
     */
    public ModelServiceGrpc.ModelServiceBlockingStub models() {
        return ModelServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls that import, each an operation.
     *
     * @return a stub of {@code sightline.v1.ImportService}
     */
    public ImportServiceGrpc.ImportServiceBlockingStub imports() {
        return ImportServiceGrpc.newBlockingStub(channel);
    }

    /**
     * Calls on long-running operations.
     *
     * @return a stub of {@code google.longrunning.Operations}
     */
    public OperationsGrpc.OperationsBlockingStub operations() {
        return OperationsGrpc.newBlockingStub(channel);
    }

    /**
     * Calls on the server's health.
     *
     * @return a stub of {@code grpc.health.v1.Health}
     */
    public HealthGrpc.HealthBlockingStub health() {
        return HealthGrpc.newBlockingStub(channel);
    }

    /**
     * Creates an image as {@code CreateImage} does, its file read and sent in chunks of 64 KiB, with a checksum.
     *
     * @param start what to create
     * @param file the picture's file, which the caller closes
     * @return the image
     * @throws IOException what the file throws; nothing is created then
     * @throws StatusRuntimeException when the call fails
     */
    public Image uploadImage(UploadImageRequest.Start start, InputStream file) throws IOException {
        return Upload.run(channel, start, file);
    }

    /**
     * Creates images over one stream. An image that fails is a result, as one that is created.
     *
     * @param images what to create, asked for as they are sent
     * @param inFlight the most that have no answer yet, at least 1
     * @return the results, to be closed
     */
    public BulkCreate createImages(Iterator<CreateImageRequest> images, int inFlight) {
        return new BulkCreate(channel, images, inFlight);
    }

    /**
     * All collections, by name.
     *
     * @param request what to list
     * @return the collections, fetched a page at a time
     */
    public Pages<Collection> listCollections(ListCollectionsRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> collections()
                        .listCollections(request.toBuilder().setPageToken(token).build()),
                ListCollectionsResponse::getCollectionsList,
                ListCollectionsResponse::getNextPageToken);
    }

    /**
     * The images that a filter finds.
     *
     * @param request what to list
     * @return the images, fetched a page at a time
     */
    public Pages<Image> listImages(ListImagesRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> images().listImages(
                                request.toBuilder().setPageToken(token).build()),
                ListImagesResponse::getImagesList,
                ListImagesResponse::getNextPageToken);
    }

    /**
     * The text records that a filter finds, the oldest first.
     *
     * @param request what to list
     * @return the text records, fetched a page at a time
     */
    public Pages<Text> listTexts(ListTextsRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> texts().listTexts(
                                request.toBuilder().setPageToken(token).build()),
                ListTextsResponse::getTextsList,
                ListTextsResponse::getNextPageToken);
    }

    /**
     * The regions of an image, the largest first.
     *
     * @param request what to list
     * @return the regions, fetched a page at a time
     */
    public Pages<Region> listRegions(ListRegionsRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> segmentation()
                        .listRegions(request.toBuilder().setPageToken(token).build()),
                ListRegionsResponse::getRegionsList,
                ListRegionsResponse::getNextPageToken);
    }

    /**
     * The installed model packs, by name.
     *
     * @param request what to list
     * @return the packs, fetched a page at a time
     */
    public Pages<Pack> listPacks(ListPacksRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> models().listPacks(
                                request.toBuilder().setPageToken(token).build()),
                ListPacksResponse::getPacksList,
                ListPacksResponse::getNextPageToken);
    }

    /**
     * What is nearest to the query, the best first.
     *
     * @param request the query
     * @return the hits, fetched a page at a time for as long as the caller reads
     */
    public Pages<Hit> search(SearchRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> searches()
                        .search(request.toBuilder().setPageToken(token).build()),
                SearchResponse::getHitsList,
                SearchResponse::getNextPageToken);
    }

    /**
     * Groups of images that are the same or nearly so, by their oldest images.
     *
     * @param request where to look
     * @return the groups, fetched a page at a time for as long as the caller reads
     */
    public Pages<FindDuplicatesResponse.Group> findDuplicates(FindDuplicatesRequest request) {
        return new Pages<>(
                request.getPageToken(),
                token -> searches()
                        .findDuplicates(request.toBuilder().setPageToken(token).build()),
                FindDuplicatesResponse::getGroupsList,
                FindDuplicatesResponse::getNextPageToken);
    }

    /**
     * Whether a service answers: now, and at every change.
     *
     * @param service such as "sightline.v1.SearchService", or empty for the server
     * @return the answers, until it is closed
     */
    public HealthWatch watchHealth(String service) {
        return new HealthWatch(channel, service);
    }

    /**
     * Asks for a long-running operation until it is done.
     *
     * @param name of the operation
     * @param atMost how long to wait
     * @return the operation, whose response is the result
     * @throws StatusRuntimeException the operation's own error, or DEADLINE_EXCEEDED, or when asking fails
     */
    public Operation waitOperation(String name, Duration atMost) {
        return Operations.await(operations(), name, atMost);
    }

    /** Ends the connection: calls under way may finish within five seconds, then they are cancelled. */
    @Override
    public void close() {
        managed.shutdown();
        try {
            managed.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            managed.shutdownNow();
        }
    }
}
