package dev.sightline;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a failed call says, with the details that the server sent along (AIP-193).
 *
 * @param code such as {@code NOT_FOUND}
 * @param message the server's, for people
 * @param reason a word for the cause, such as "RESOURCE_NOT_FOUND"; empty for an error that no server sent
 * @param fieldViolations what is wrong with the request: the path of each field, and why
 * @param retryAfter when the server wants the call again
 */
public record CallError(
        Status.Code code,
        String message,
        String reason,
        List<FieldViolation> fieldViolations,
        Optional<Duration> retryAfter) {

    /**
     * Reads what a call threw.
     *
     * @param thrown a {@link io.grpc.StatusRuntimeException}, or what was caused by one; anything else is UNKNOWN
     * @return the error
     */
    public static CallError of(Throwable thrown) {
        com.google.rpc.Status detailed = StatusProto.fromThrowable(thrown);
        if (detailed != null) {
            return of(detailed);
        }
        Status status = Status.fromThrowable(thrown);
        String message = Optional.ofNullable(status.getDescription()).orElse("");
        return new CallError(status.getCode(), message, "", List.of(), Optional.empty());
    }

    /**
     * Reads a {@code google.rpc.Status}, such as that of one item of a bulk call.
     *
     * @param status the status
     * @return the error
     */
    public static CallError of(com.google.rpc.Status status) {
        String reason = "";
        List<FieldViolation> fieldViolations = new ArrayList<>();
        Optional<Duration> retryAfter = Optional.empty();
        try {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    reason = detail.unpack(ErrorInfo.class).getReason();
                } else if (detail.is(BadRequest.class)) {
                    fieldViolations.addAll(detail.unpack(BadRequest.class).getFieldViolationsList());
                } else if (detail.is(RetryInfo.class)) {
                    com.google.protobuf.Duration delay =
                            detail.unpack(RetryInfo.class).getRetryDelay();
                    retryAfter = Optional.of(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
                }
            }
        } catch (InvalidProtocolBufferException broken) {
            // What can be read has been; the code and the message say the rest.
        }
        Status.Code code = Status.fromCodeValue(status.getCode()).getCode();
        return new CallError(code, status.getMessage(), reason, List.copyOf(fieldViolations), retryAfter);
    }
}
