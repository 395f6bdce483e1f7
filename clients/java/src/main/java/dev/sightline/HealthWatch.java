package dev.sightline;

import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.BlockingClientCall;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Whether a service answers: now, and at every change. An iterator that waits for the next change; close it when
 * there is enough of it. Throws {@link io.grpc.StatusRuntimeException} where the call fails.
 */
public final class HealthWatch implements Iterator<ServingStatus>, AutoCloseable {
    private final BlockingClientCall<?, HealthCheckResponse> call;

    HealthWatch(Channel channel, String service) {
        call = HealthGrpc.newBlockingV2Stub(channel)
                .watch(HealthCheckRequest.newBuilder().setService(service).build());
    }

    /** Whether there is another answer; waits for it. */
    @Override
    public boolean hasNext() {
        try {
            return call.hasNext();
        } catch (StatusException failed) {
            throw Failures.unchecked(failed);
        } catch (InterruptedException interrupted) {
            throw Failures.unchecked(interrupted);
        }
    }

    /** The next answer; waits for it. */
    @Override
    public ServingStatus next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            return call.read().getStatus();
        } catch (StatusException failed) {
            throw Failures.unchecked(failed);
        } catch (InterruptedException interrupted) {
            throw Failures.unchecked(interrupted);
        }
    }

    /** Ends the call. */
    @Override
    public void close() {
        call.cancel("the watch is closed", null);
    }
}
