package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sightline.v1.Collection;
import dev.sightline.v1.CollectionServiceGrpc.CollectionServiceImplBase;
import dev.sightline.v1.CreateCollectionRequest;
import dev.sightline.v1.GetCollectionRequest;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every call has: retries, a deadline, an address. */
final class CallsTest {
    private static final GetCollectionRequest DEFAULT =
            GetCollectionRequest.newBuilder().setName("collections/default").build();

    /** Answers after some times UNAVAILABLE, and keeps what it was asked. */
    private static final class Collections extends CollectionServiceImplBase {
        private final int failures;
        volatile int calls;
        volatile Deadline deadline;

        Collections(int failures) {
            this.failures = failures;
        }

        @Override
        public void getCollection(GetCollectionRequest request, StreamObserver<Collection> answer) {
            answer(answer);
        }

        @Override
        public void createCollection(CreateCollectionRequest request, StreamObserver<Collection> answer) {
            answer(answer);
        }

        private void answer(StreamObserver<Collection> answer) {
            deadline = Context.current().getDeadline();
            calls += 1;
            if (calls <= failures) {
                answer.onError(Status.UNAVAILABLE.withDescription("not yet").asRuntimeException());
            } else {
                answer.onNext(
                        Collection.newBuilder().setName("collections/default").build());
                answer.onCompleted();
            }
        }
    }

    @Test
    void aReadIsRetriedWhileTheServerIsAway() throws Exception {
        Collections service = new Collections(2);
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            assertEquals(
                    "collections/default",
                    sightline.collections().getCollection(DEFAULT).getName());
        }
        assertEquals(3, service.calls);
    }

    @Test
    void aWriteThatCannotBeRepeatedIsNotRetried() throws Exception {
        Collections service = new Collections(2);
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            StatusRuntimeException failed = assertThrows(
                    StatusRuntimeException.class,
                    () -> sightline.collections().createCollection(CreateCollectionRequest.getDefaultInstance()));
            assertEquals(Status.Code.UNAVAILABLE, failed.getStatus().getCode());
        }
        assertEquals(1, service.calls);
    }

    @Test
    void aCallWithoutADeadlineHasTheClients() throws Exception {
        assertLeft(30, 60, Sightline.builder(), Duration.ZERO);
        assertLeft(60, 3600, Sightline.builder().timeout(Duration.ofHours(1)), Duration.ZERO);
    }

    @Test
    void aCallsOwnDeadlineWins() throws Exception {
        assertLeft(0, 10, Sightline.builder(), Duration.ofSeconds(10));
        assertLeft(3600, 7200, Sightline.builder(), Duration.ofHours(2));
    }

    @Test
    void theDeadlineOfTheContextWins() throws Exception {
        Collections service = new Collections(0);
        var timer = java.util.concurrent.Executors.newSingleThreadScheduledExecutor();
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect();
                Context.CancellableContext hasty = Context.current().withDeadlineAfter(10, TimeUnit.SECONDS, timer)) {
            hasty.call(() -> sightline.collections().getCollection(DEFAULT));
        } finally {
            timer.shutdownNow();
        }
        assertTrue(service.deadline.timeRemaining(TimeUnit.SECONDS) <= 10);
    }

    /** Asserts between how many seconds are left at the server. */
    private static void assertLeft(long least, long most, SightlineBuilder builder, Duration own) throws Exception {
        Collections service = new Collections(0);
        try (TestServer server = new TestServer(service);
                Sightline sightline = builder.address(server.address()).build()) {
            var stub = sightline.collections();
            (own.isZero() ? stub : stub.withDeadlineAfter(own.toSeconds(), TimeUnit.SECONDS)).getCollection(DEFAULT);
        }
        long left = service.deadline.timeRemaining(TimeUnit.SECONDS);
        assertTrue(least <= left && left <= most, left + " s are left");
    }

    @Test
    void theEnvironmentSaysTheAddress() {
        Map<String, String> place = Map.of("SIGHTLINE_ORCHESTRATOR_HOST", "there", "SIGHTLINE_ORCHESTRATOR_PORT", "5");
        assertEquals("127.0.0.1:50051", SightlineBuilder.environmentAddress(name -> null));
        assertEquals("there:5", SightlineBuilder.environmentAddress(place::get));
        assertEquals(
                "here:1", SightlineBuilder.environmentAddress(name -> name.endsWith("ADDRESS") ? "here:1" : "other"));
    }

    @Test
    void anIpv6HostGetsItsBrackets() {
        for (String host : List.of("::1", "[::1]")) {
            assertEquals("[::1]:50051", SightlineBuilder.environmentAddress(name -> name.endsWith("HOST") ? host : ""));
        }
    }

    @Test
    void anErrorThatNoServerSentHasNoReason() {
        CallError error = CallError.of(Status.UNAVAILABLE.asRuntimeException());
        assertEquals(Status.Code.UNAVAILABLE, error.code());
        assertEquals("", error.reason());
        assertNull(error.retryAfter().orElse(null));
    }
}
