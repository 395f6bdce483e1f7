package dev.sightline;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;

/** Checked exceptions as what all calls throw. */
final class Failures {
    private Failures() {}

    static StatusRuntimeException unchecked(StatusException failed) {
        return new StatusRuntimeException(failed.getStatus(), failed.getTrailers());
    }

    /** CANCELLED, as from gRPC's blocking stubs; the thread stays interrupted. */
    static StatusRuntimeException unchecked(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return Status.CANCELLED
                .withDescription("interrupted")
                .withCause(interrupted)
                .asRuntimeException();
    }
}
