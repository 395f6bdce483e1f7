package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc.OperationsImplBase;
import com.google.protobuf.Any;
import dev.sightline.v1.Collection;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Waiting for operations. */
final class OperationsTest {
    /** Has one that is done after some questions. */
    private record Operations(AtomicInteger questions, Operation done) {
        TestServer serve() throws Exception {
            return new TestServer(new OperationsImplBase() {
                @Override
                public void getOperation(GetOperationRequest request, StreamObserver<Operation> answer) {
                    boolean last = questions.decrementAndGet() <= 0;
                    answer.onNext(
                            last
                                    ? done
                                    : Operation.newBuilder()
                                            .setName(request.getName())
                                            .build());
                    answer.onCompleted();
                }
            });
        }
    }

    @Test
    void anOperationIsWaitedFor() throws Exception {
        Collection made = Collection.newBuilder().setName("collections/made").build();
        Operation done =
                Operation.newBuilder().setDone(true).setResponse(Any.pack(made)).build();
        AtomicInteger questions = new AtomicInteger(3);
        try (TestServer server = new Operations(questions, done).serve();
                Sightline sightline = server.connect()) {
            Operation operation = sightline.waitOperation("operations/1", Duration.ofMinutes(1));
            assertEquals(made, operation.getResponse().unpack(Collection.class));
        }
        assertEquals(0, questions.get());
    }

    @Test
    void anOperationFailsWithDetails() throws Exception {
        Operation failed =
                Operation.newBuilder().setDone(true).setError(Refusal.STATUS).build();
        try (TestServer server = new Operations(new AtomicInteger(2), failed).serve();
                Sightline sightline = server.connect()) {
            Refusal.check(CallError.of(thrown(sightline, Duration.ofMinutes(1))));
        }
    }

    @Test
    void theWaitEnds() throws Exception {
        try (TestServer server = new Operations(new AtomicInteger(1_000_000), null).serve();
                Sightline sightline = server.connect()) {
            Status.Code code =
                    thrown(sightline, Duration.ofMillis(300)).getStatus().getCode();
            assertEquals(Status.Code.DEADLINE_EXCEEDED, code);
        }
    }

    private static StatusRuntimeException thrown(Sightline sightline, Duration atMost) {
        return assertThrows(StatusRuntimeException.class, () -> sightline.waitOperation("operations/1", atMost));
    }
}
