package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sightline.v1.BulkCreateImagesRequest;
import dev.sightline.v1.BulkCreateImagesResponse;
import dev.sightline.v1.CreateImageRequest;
import dev.sightline.v1.Image;
import dev.sightline.v1.ImageServiceGrpc.ImageServiceImplBase;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many images over one stream. */
final class BulkCreateTest {
    /** Refuses, or else answers each in its own time: a client that waits for nobody sends the rest meanwhile. */
    private static final class Slow extends ImageServiceImplBase implements AutoCloseable {
        private final boolean refuses;
        private final ScheduledExecutorService time = Executors.newSingleThreadScheduledExecutor();
        final AtomicInteger held = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final Set<String> ids = ConcurrentHashMap.newKeySet();
        final CompletableFuture<Status.Code> ended = new CompletableFuture<>();

        Slow(boolean refuses) {
            this.refuses = refuses;
        }

        @Override
        public StreamObserver<BulkCreateImagesRequest> bulkCreateImages(
                StreamObserver<BulkCreateImagesResponse> answers) {
            if (refuses) {
                answers.onError(Refusal.thrown());
            }
            return new StreamObserver<>() {
                @Override
                public void onNext(BulkCreateImagesRequest item) {
                    int now = held.incrementAndGet();
                    most.accumulateAndGet(now, Math::max);
                    ids.add(item.getRequest().getRequestId());
                    time.schedule(() -> answer(item), 20L * now, TimeUnit.MILLISECONDS);
                }

                private void answer(BulkCreateImagesRequest item) {
                    String id = item.getRequest().getImageId();
                    held.decrementAndGet();
                    BulkCreateImagesResponse.Builder answer =
                            BulkCreateImagesResponse.newBuilder().setIndex(item.getIndex());
                    if (id.equals("3")) {
                        answer.setError(Refusal.STATUS);
                    } else {
                        answer.setImage(Image.newBuilder().setName(id));
                    }
                    answers.onNext(answer.build());
                }

                @Override
                public void onError(Throwable thrown) {
                    ended.complete(Status.fromThrowable(thrown).getCode());
                }

                @Override
                public void onCompleted() {
                    time.schedule(answers::onCompleted, 500, TimeUnit.MILLISECONDS);
                    ended.complete(Status.Code.OK);
                }
            };
        }

        @Override
        public void close() {
            time.shutdownNow();
        }
    }

    private static Iterator<CreateImageRequest> numbered(IntStream numbers) {
        return numbers.mapToObj(number -> CreateImageRequest.newBuilder()
                        .setImageId(Integer.toString(number))
                        .build())
                .iterator();
    }

    @Test
    void soManyAreInFlightAndNoMore() throws Exception {
        Map<Long, String> names = new TreeMap<>();
        try (Slow service = new Slow(false);
                TestServer server = new TestServer(service);
                Sightline sightline = server.connect();
                BulkCreate created = sightline.createImages(numbered(IntStream.range(0, 9)), 2)) {
            created.forEachRemaining(result -> {
                result.error().ifPresent(Refusal::check);
                names.put(result.index(), result.image().map(Image::getName).orElse("failed"));
            });
            assertEquals(Status.Code.OK, service.ended.get(20, TimeUnit.SECONDS));
            assertEquals(2, service.most.get());
            assertEquals(9, service.ids.size());
            assertTrue(service.ids.stream().allMatch(id -> id.length() == 36));
        }
        names.forEach((index, name) -> assertEquals(index == 3 ? "failed" : Long.toString(index), name));
        assertEquals(9, names.size());
    }

    @Test
    void closingCancelsTheCall() throws Exception {
        try (Slow service = new Slow(false);
                TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            try (BulkCreate created = sightline.createImages(numbered(IntStream.iterate(0, each -> each + 1)), 4)) {
                created.next();
            }
            assertEquals(Status.Code.CANCELLED, service.ended.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void theCallFailsAsTheServerSays() throws Exception {
        try (Slow service = new Slow(true);
                TestServer server = new TestServer(service);
                Sightline sightline = server.connect();
                BulkCreate created = sightline.createImages(numbered(IntStream.range(0, 3)), 1)) {
            Refusal.check(CallError.of(assertThrows(StatusRuntimeException.class, created::next)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> sightline.createImages(
                            Stream.<CreateImageRequest>empty().iterator(), 0));
        }
    }
}
