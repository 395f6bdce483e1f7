package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Puts text records into collections, reads, changes and deletes them.
 * A text record that was answered survives the loss of any process at any instant, and is found by the next
 * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TextServiceGrpc {

  private TextServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.TextService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.CreateTextRequest,
      dev.sightline.v1.Text> getCreateTextMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateText",
      requestType = dev.sightline.v1.CreateTextRequest.class,
      responseType = dev.sightline.v1.Text.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.CreateTextRequest,
      dev.sightline.v1.Text> getCreateTextMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.CreateTextRequest, dev.sightline.v1.Text> getCreateTextMethod;
    if ((getCreateTextMethod = TextServiceGrpc.getCreateTextMethod) == null) {
      synchronized (TextServiceGrpc.class) {
        if ((getCreateTextMethod = TextServiceGrpc.getCreateTextMethod) == null) {
          TextServiceGrpc.getCreateTextMethod = getCreateTextMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.CreateTextRequest, dev.sightline.v1.Text>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateText"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CreateTextRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Text.getDefaultInstance()))
              .setSchemaDescriptor(new TextServiceMethodDescriptorSupplier("CreateText"))
              .build();
        }
      }
    }
    return getCreateTextMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.BatchCreateTextsRequest,
      dev.sightline.v1.BatchCreateTextsResponse> getBatchCreateTextsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchCreateTexts",
      requestType = dev.sightline.v1.BatchCreateTextsRequest.class,
      responseType = dev.sightline.v1.BatchCreateTextsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.BatchCreateTextsRequest,
      dev.sightline.v1.BatchCreateTextsResponse> getBatchCreateTextsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.BatchCreateTextsRequest, dev.sightline.v1.BatchCreateTextsResponse> getBatchCreateTextsMethod;
    if ((getBatchCreateTextsMethod = TextServiceGrpc.getBatchCreateTextsMethod) == null) {
      synchronized (TextServiceGrpc.class) {
        if ((getBatchCreateTextsMethod = TextServiceGrpc.getBatchCreateTextsMethod) == null) {
          TextServiceGrpc.getBatchCreateTextsMethod = getBatchCreateTextsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.BatchCreateTextsRequest, dev.sightline.v1.BatchCreateTextsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchCreateTexts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.BatchCreateTextsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.BatchCreateTextsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TextServiceMethodDescriptorSupplier("BatchCreateTexts"))
              .build();
        }
      }
    }
    return getBatchCreateTextsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetTextRequest,
      dev.sightline.v1.Text> getGetTextMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetText",
      requestType = dev.sightline.v1.GetTextRequest.class,
      responseType = dev.sightline.v1.Text.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetTextRequest,
      dev.sightline.v1.Text> getGetTextMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetTextRequest, dev.sightline.v1.Text> getGetTextMethod;
    if ((getGetTextMethod = TextServiceGrpc.getGetTextMethod) == null) {
      synchronized (TextServiceGrpc.class) {
        if ((getGetTextMethod = TextServiceGrpc.getGetTextMethod) == null) {
          TextServiceGrpc.getGetTextMethod = getGetTextMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetTextRequest, dev.sightline.v1.Text>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetText"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetTextRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Text.getDefaultInstance()))
              .setSchemaDescriptor(new TextServiceMethodDescriptorSupplier("GetText"))
              .build();
        }
      }
    }
    return getGetTextMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ListTextsRequest,
      dev.sightline.v1.ListTextsResponse> getListTextsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTexts",
      requestType = dev.sightline.v1.ListTextsRequest.class,
      responseType = dev.sightline.v1.ListTextsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ListTextsRequest,
      dev.sightline.v1.ListTextsResponse> getListTextsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ListTextsRequest, dev.sightline.v1.ListTextsResponse> getListTextsMethod;
    if ((getListTextsMethod = TextServiceGrpc.getListTextsMethod) == null) {
      synchronized (TextServiceGrpc.class) {
        if ((getListTextsMethod = TextServiceGrpc.getListTextsMethod) == null) {
          TextServiceGrpc.getListTextsMethod = getListTextsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ListTextsRequest, dev.sightline.v1.ListTextsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTexts"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListTextsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListTextsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TextServiceMethodDescriptorSupplier("ListTexts"))
              .build();
        }
      }
    }
    return getListTextsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.UpdateTextRequest,
      dev.sightline.v1.Text> getUpdateTextMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateText",
      requestType = dev.sightline.v1.UpdateTextRequest.class,
      responseType = dev.sightline.v1.Text.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.UpdateTextRequest,
      dev.sightline.v1.Text> getUpdateTextMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.UpdateTextRequest, dev.sightline.v1.Text> getUpdateTextMethod;
    if ((getUpdateTextMethod = TextServiceGrpc.getUpdateTextMethod) == null) {
      synchronized (TextServiceGrpc.class) {
        if ((getUpdateTextMethod = TextServiceGrpc.getUpdateTextMethod) == null) {
          TextServiceGrpc.getUpdateTextMethod = getUpdateTextMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.UpdateTextRequest, dev.sightline.v1.Text>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateText"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.UpdateTextRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Text.getDefaultInstance()))
              .setSchemaDescriptor(new TextServiceMethodDescriptorSupplier("UpdateText"))
              .build();
        }
      }
    }
    return getUpdateTextMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.DeleteTextRequest,
      com.google.protobuf.Empty> getDeleteTextMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteText",
      requestType = dev.sightline.v1.DeleteTextRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.DeleteTextRequest,
      com.google.protobuf.Empty> getDeleteTextMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.DeleteTextRequest, com.google.protobuf.Empty> getDeleteTextMethod;
    if ((getDeleteTextMethod = TextServiceGrpc.getDeleteTextMethod) == null) {
      synchronized (TextServiceGrpc.class) {
        if ((getDeleteTextMethod = TextServiceGrpc.getDeleteTextMethod) == null) {
          TextServiceGrpc.getDeleteTextMethod = getDeleteTextMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.DeleteTextRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteText"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.DeleteTextRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new TextServiceMethodDescriptorSupplier("DeleteText"))
              .build();
        }
      }
    }
    return getDeleteTextMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TextServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TextServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TextServiceStub>() {
        @java.lang.Override
        public TextServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TextServiceStub(channel, callOptions);
        }
      };
    return TextServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TextServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TextServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TextServiceBlockingV2Stub>() {
        @java.lang.Override
        public TextServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TextServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return TextServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TextServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TextServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TextServiceBlockingStub>() {
        @java.lang.Override
        public TextServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TextServiceBlockingStub(channel, callOptions);
        }
      };
    return TextServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TextServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TextServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TextServiceFutureStub>() {
        @java.lang.Override
        public TextServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TextServiceFutureStub(channel, callOptions);
        }
      };
    return TextServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Puts text records into collections, reads, changes and deletes them.
   * A text record that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Embeds a text with the collection's text tower, and indexes it.
     * Errors: INVALID_ARGUMENT for a blank or too long content; NOT_FOUND for the collection; ALREADY_EXISTS for
     * the text's id; FAILED_PRECONDITION where the collection's pack has no text tower; UNAVAILABLE when the
     * models or the index do not answer; RESOURCE_EXHAUSTED when too many are under way.
     * </pre>
     */
    default void createText(dev.sightline.v1.CreateTextRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Text> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTextMethod(), responseObserver);
    }

    /**
     * <pre>
     * As `CreateText` for many texts: all are created, or none.
     * Errors: those of `CreateText`, with the place of the text that was refused.
     * </pre>
     */
    default void batchCreateTexts(dev.sightline.v1.BatchCreateTextsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.BatchCreateTextsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchCreateTextsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a text record.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void getText(dev.sightline.v1.GetTextRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Text> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTextMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the text records of a collection, the oldest first.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense.
     * </pre>
     */
    default void listTexts(dev.sightline.v1.ListTextsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListTextsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTextsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of a text record that the mask names; another content is embedded. Searches see the
     * change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change;
     * FAILED_PRECONDITION for another content where the collection's pack is not installed any more; UNAVAILABLE
     * when the models or the index do not answer.
     * </pre>
     */
    default void updateText(dev.sightline.v1.UpdateTextRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Text> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateTextMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a text record and its vector.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    default void deleteText(dev.sightline.v1.DeleteTextRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTextMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TextService.
   * <pre>
   * Puts text records into collections, reads, changes and deletes them.
   * A text record that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static abstract class TextServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TextServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TextService.
   * <pre>
   * Puts text records into collections, reads, changes and deletes them.
   * A text record that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class TextServiceStub
      extends io.grpc.stub.AbstractAsyncStub<TextServiceStub> {
    private TextServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TextServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TextServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds a text with the collection's text tower, and indexes it.
     * Errors: INVALID_ARGUMENT for a blank or too long content; NOT_FOUND for the collection; ALREADY_EXISTS for
     * the text's id; FAILED_PRECONDITION where the collection's pack has no text tower; UNAVAILABLE when the
     * models or the index do not answer; RESOURCE_EXHAUSTED when too many are under way.
     * </pre>
     */
    public void createText(dev.sightline.v1.CreateTextRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Text> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTextMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * As `CreateText` for many texts: all are created, or none.
     * Errors: those of `CreateText`, with the place of the text that was refused.
     * </pre>
     */
    public void batchCreateTexts(dev.sightline.v1.BatchCreateTextsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.BatchCreateTextsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchCreateTextsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a text record.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void getText(dev.sightline.v1.GetTextRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Text> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTextMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the text records of a collection, the oldest first.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense.
     * </pre>
     */
    public void listTexts(dev.sightline.v1.ListTextsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListTextsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTextsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of a text record that the mask names; another content is embedded. Searches see the
     * change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change;
     * FAILED_PRECONDITION for another content where the collection's pack is not installed any more; UNAVAILABLE
     * when the models or the index do not answer.
     * </pre>
     */
    public void updateText(dev.sightline.v1.UpdateTextRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Text> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateTextMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a text record and its vector.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public void deleteText(dev.sightline.v1.DeleteTextRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTextMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TextService.
   * <pre>
   * Puts text records into collections, reads, changes and deletes them.
   * A text record that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class TextServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TextServiceBlockingV2Stub> {
    private TextServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TextServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TextServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds a text with the collection's text tower, and indexes it.
     * Errors: INVALID_ARGUMENT for a blank or too long content; NOT_FOUND for the collection; ALREADY_EXISTS for
     * the text's id; FAILED_PRECONDITION where the collection's pack has no text tower; UNAVAILABLE when the
     * models or the index do not answer; RESOURCE_EXHAUSTED when too many are under way.
     * </pre>
     */
    public dev.sightline.v1.Text createText(dev.sightline.v1.CreateTextRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * As `CreateText` for many texts: all are created, or none.
     * Errors: those of `CreateText`, with the place of the text that was refused.
     * </pre>
     */
    public dev.sightline.v1.BatchCreateTextsResponse batchCreateTexts(dev.sightline.v1.BatchCreateTextsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchCreateTextsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a text record.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Text getText(dev.sightline.v1.GetTextRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the text records of a collection, the oldest first.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense.
     * </pre>
     */
    public dev.sightline.v1.ListTextsResponse listTexts(dev.sightline.v1.ListTextsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTextsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of a text record that the mask names; another content is embedded. Searches see the
     * change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change;
     * FAILED_PRECONDITION for another content where the collection's pack is not installed any more; UNAVAILABLE
     * when the models or the index do not answer.
     * </pre>
     */
    public dev.sightline.v1.Text updateText(dev.sightline.v1.UpdateTextRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateTextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a text record and its vector.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteText(dev.sightline.v1.DeleteTextRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTextMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TextService.
   * <pre>
   * Puts text records into collections, reads, changes and deletes them.
   * A text record that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class TextServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TextServiceBlockingStub> {
    private TextServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TextServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TextServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds a text with the collection's text tower, and indexes it.
     * Errors: INVALID_ARGUMENT for a blank or too long content; NOT_FOUND for the collection; ALREADY_EXISTS for
     * the text's id; FAILED_PRECONDITION where the collection's pack has no text tower; UNAVAILABLE when the
     * models or the index do not answer; RESOURCE_EXHAUSTED when too many are under way.
     * </pre>
     */
    public dev.sightline.v1.Text createText(dev.sightline.v1.CreateTextRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * As `CreateText` for many texts: all are created, or none.
     * Errors: those of `CreateText`, with the place of the text that was refused.
     * </pre>
     */
    public dev.sightline.v1.BatchCreateTextsResponse batchCreateTexts(dev.sightline.v1.BatchCreateTextsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchCreateTextsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a text record.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Text getText(dev.sightline.v1.GetTextRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the text records of a collection, the oldest first.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense.
     * </pre>
     */
    public dev.sightline.v1.ListTextsResponse listTexts(dev.sightline.v1.ListTextsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTextsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of a text record that the mask names; another content is embedded. Searches see the
     * change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change;
     * FAILED_PRECONDITION for another content where the collection's pack is not installed any more; UNAVAILABLE
     * when the models or the index do not answer.
     * </pre>
     */
    public dev.sightline.v1.Text updateText(dev.sightline.v1.UpdateTextRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateTextMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a text record and its vector.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteText(dev.sightline.v1.DeleteTextRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTextMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TextService.
   * <pre>
   * Puts text records into collections, reads, changes and deletes them.
   * A text record that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class TextServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<TextServiceFutureStub> {
    private TextServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TextServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TextServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds a text with the collection's text tower, and indexes it.
     * Errors: INVALID_ARGUMENT for a blank or too long content; NOT_FOUND for the collection; ALREADY_EXISTS for
     * the text's id; FAILED_PRECONDITION where the collection's pack has no text tower; UNAVAILABLE when the
     * models or the index do not answer; RESOURCE_EXHAUSTED when too many are under way.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Text> createText(
        dev.sightline.v1.CreateTextRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTextMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * As `CreateText` for many texts: all are created, or none.
     * Errors: those of `CreateText`, with the place of the text that was refused.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.BatchCreateTextsResponse> batchCreateTexts(
        dev.sightline.v1.BatchCreateTextsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchCreateTextsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a text record.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Text> getText(
        dev.sightline.v1.GetTextRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTextMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the text records of a collection, the oldest first.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ListTextsResponse> listTexts(
        dev.sightline.v1.ListTextsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTextsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the fields of a text record that the mask names; another content is embedded. Searches see the
     * change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change;
     * FAILED_PRECONDITION for another content where the collection's pack is not installed any more; UNAVAILABLE
     * when the models or the index do not answer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Text> updateText(
        dev.sightline.v1.UpdateTextRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateTextMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a text record and its vector.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteText(
        dev.sightline.v1.DeleteTextRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTextMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_TEXT = 0;
  private static final int METHODID_BATCH_CREATE_TEXTS = 1;
  private static final int METHODID_GET_TEXT = 2;
  private static final int METHODID_LIST_TEXTS = 3;
  private static final int METHODID_UPDATE_TEXT = 4;
  private static final int METHODID_DELETE_TEXT = 5;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_CREATE_TEXT:
          serviceImpl.createText((dev.sightline.v1.CreateTextRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Text>) responseObserver);
          break;
        case METHODID_BATCH_CREATE_TEXTS:
          serviceImpl.batchCreateTexts((dev.sightline.v1.BatchCreateTextsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.BatchCreateTextsResponse>) responseObserver);
          break;
        case METHODID_GET_TEXT:
          serviceImpl.getText((dev.sightline.v1.GetTextRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Text>) responseObserver);
          break;
        case METHODID_LIST_TEXTS:
          serviceImpl.listTexts((dev.sightline.v1.ListTextsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ListTextsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_TEXT:
          serviceImpl.updateText((dev.sightline.v1.UpdateTextRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Text>) responseObserver);
          break;
        case METHODID_DELETE_TEXT:
          serviceImpl.deleteText((dev.sightline.v1.DeleteTextRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateTextMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.CreateTextRequest,
              dev.sightline.v1.Text>(
                service, METHODID_CREATE_TEXT)))
        .addMethod(
          getBatchCreateTextsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.BatchCreateTextsRequest,
              dev.sightline.v1.BatchCreateTextsResponse>(
                service, METHODID_BATCH_CREATE_TEXTS)))
        .addMethod(
          getGetTextMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetTextRequest,
              dev.sightline.v1.Text>(
                service, METHODID_GET_TEXT)))
        .addMethod(
          getListTextsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ListTextsRequest,
              dev.sightline.v1.ListTextsResponse>(
                service, METHODID_LIST_TEXTS)))
        .addMethod(
          getUpdateTextMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.UpdateTextRequest,
              dev.sightline.v1.Text>(
                service, METHODID_UPDATE_TEXT)))
        .addMethod(
          getDeleteTextMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.DeleteTextRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_TEXT)))
        .build();
  }

  private static abstract class TextServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TextServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.TextServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TextService");
    }
  }

  private static final class TextServiceFileDescriptorSupplier
      extends TextServiceBaseDescriptorSupplier {
    TextServiceFileDescriptorSupplier() {}
  }

  private static final class TextServiceMethodDescriptorSupplier
      extends TextServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TextServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (TextServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TextServiceFileDescriptorSupplier())
              .addMethod(getCreateTextMethod())
              .addMethod(getBatchCreateTextsMethod())
              .addMethod(getGetTextMethod())
              .addMethod(getListTextsMethod())
              .addMethod(getUpdateTextMethod())
              .addMethod(getDeleteTextMethod())
              .build();
        }
      }
    }
    return result;
  }
}
