package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An error with every detail that the client reads. */
final class Refusal {
    private static final List<FieldViolation> FIELDS = List.of(
            FieldViolation.newBuilder()
                    .setField("filter")
                    .setDescription("at 7")
                    .build(),
            FieldViolation.newBuilder()
                    .setField("order_by")
                    .setDescription("unknown")
                    .build());
    static final Status STATUS = Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage("no such field")
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("BAD_FILTER").build()))
            .addDetails(Any.pack(
                    BadRequest.newBuilder().addAllFieldViolations(FIELDS).build()))
            .addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(2))
                    .build()))
            .build();

    private Refusal() {}

    static StatusRuntimeException thrown() {
        return StatusProto.toStatusRuntimeException(STATUS);
    }

    static void check(CallError error) {
        CallError expected = new CallError(
                io.grpc.Status.Code.INVALID_ARGUMENT,
                "no such field",
                "BAD_FILTER",
                FIELDS,
                Optional.of(Duration.ofSeconds(2)));
        assertEquals(expected, error);
    }
}
