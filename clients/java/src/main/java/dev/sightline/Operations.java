package dev.sightline;

import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc.OperationsBlockingStub;
import io.grpc.Deadline;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waiting for long-running operations. */
final class Operations {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(5);

    private Operations() {}

    static Operation await(OperationsBlockingStub stub, String name, Duration atMost) {
        OperationsBlockingStub hurried = stub.withDeadline(Deadline.after(atMost.toNanos(), TimeUnit.NANOSECONDS));
        GetOperationRequest request =
                GetOperationRequest.newBuilder().setName(name).build();
        for (Duration pause = FIRST_PAUSE; ; pause = shorter(pause.multipliedBy(2), LAST_PAUSE)) {
            Operation operation = hurried.getOperation(request);
            if (operation.hasError()) {
                throw StatusProto.toStatusRuntimeException(operation.getError());
            }
            if (operation.getDone()) {
                return operation;
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException interrupted) {
                throw Failures.unchecked(interrupted);
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
