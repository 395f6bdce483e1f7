package dev.sightline;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Gives a call that answers once a deadline, where neither the call nor its context has one. */
record DeadlineInterceptor(Duration timeout) implements ClientInterceptor {
    @Override
    public <Request, Answer> ClientCall<Request, Answer> interceptCall(
            MethodDescriptor<Request, Answer> method, CallOptions options, Channel next) {
        boolean endless = options.getDeadline() == null && Context.current().getDeadline() == null;
        boolean hurried = endless && method.getType().serverSendsOneMessage();
        return next.newCall(
                method, hurried ? options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS) : options);
    }
}
