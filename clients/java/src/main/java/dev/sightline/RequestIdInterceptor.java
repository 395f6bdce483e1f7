package dev.sightline;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import java.util.UUID;

/** Gives a request an id of its own where it can have one and has none: sent again, it creates nothing twice. */
final class RequestIdInterceptor implements ClientInterceptor {
    private static final String FIELD = "request_id";

    @Override
    public <Request, Answer> ClientCall<Request, Answer> interceptCall(
            MethodDescriptor<Request, Answer> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void sendMessage(Request request) {
                super.sendMessage(repeatable(request));
            }
        };
    }

    /** The request, with an id where it can have one and has none: sent again, it creates nothing twice. */
    @SuppressWarnings("unchecked") // a message's builder builds messages of its type
    static <Request> Request repeatable(Request request) {
        if (!(request instanceof Message message)) {
            return request;
        }
        FieldDescriptor field = message.getDescriptorForType().findFieldByName(FIELD);
        if (field == null || !message.getField(field).equals("")) {
            return request;
        }
        return (Request) message.toBuilder()
                .setField(field, UUID.randomUUID().toString())
                .build();
    }
}
