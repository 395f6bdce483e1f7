package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc.HealthImplBase;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Watching a service's health. */
final class HealthWatchTest {
    /** Serves, then serves no more; refuses the service "unknown". */
    private static final class Health extends HealthImplBase {
        final CountDownLatch cancelled = new CountDownLatch(1);

        @Override
        public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
            if (request.getService().equals("unknown")) {
                answer.onError(Refusal.thrown());
                return;
            }
            ((ServerCallStreamObserver<HealthCheckResponse>) answer).setOnCancelHandler(cancelled::countDown);
            answer.onNext(HealthCheckResponse.newBuilder()
                    .setStatus(ServingStatus.SERVING)
                    .build());
            answer.onNext(HealthCheckResponse.newBuilder()
                    .setStatus(ServingStatus.NOT_SERVING)
                    .build());
            if (request.getService().equals("ends")) {
                answer.onCompleted();
            }
        }
    }

    @Test
    void changesAreSeenUntilTheWatchIsClosed() throws Exception {
        Health service = new Health();
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            try (HealthWatch watch = sightline.watchHealth("")) {
                assertEquals(ServingStatus.SERVING, watch.next());
                assertEquals(ServingStatus.NOT_SERVING, watch.next());
            }
            assertTrue(service.cancelled.await(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aWatchMayEnd() throws Exception {
        try (TestServer server = new TestServer(new Health());
                Sightline sightline = server.connect();
                HealthWatch watch = sightline.watchHealth("ends")) {
            watch.next();
            watch.next();
            assertFalse(watch.hasNext());
        }
    }

    @Test
    void aWatchThatCannotBeginFails() throws Exception {
        try (TestServer server = new TestServer(new Health());
                Sightline sightline = server.connect();
                HealthWatch watch = sightline.watchHealth("unknown")) {
            StatusRuntimeException failed = assertThrows(StatusRuntimeException.class, watch::next);
            assertEquals(Status.Code.INVALID_ARGUMENT, failed.getStatus().getCode());
        }
    }
}
