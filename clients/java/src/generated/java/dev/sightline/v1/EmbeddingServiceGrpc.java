package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Embeds texts and images, and reads and compares embeddings.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class EmbeddingServiceGrpc {

  private EmbeddingServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.EmbeddingService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.EmbedContentRequest,
      dev.sightline.v1.EmbedContentResponse> getEmbedContentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EmbedContent",
      requestType = dev.sightline.v1.EmbedContentRequest.class,
      responseType = dev.sightline.v1.EmbedContentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.EmbedContentRequest,
      dev.sightline.v1.EmbedContentResponse> getEmbedContentMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.EmbedContentRequest, dev.sightline.v1.EmbedContentResponse> getEmbedContentMethod;
    if ((getEmbedContentMethod = EmbeddingServiceGrpc.getEmbedContentMethod) == null) {
      synchronized (EmbeddingServiceGrpc.class) {
        if ((getEmbedContentMethod = EmbeddingServiceGrpc.getEmbedContentMethod) == null) {
          EmbeddingServiceGrpc.getEmbedContentMethod = getEmbedContentMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.EmbedContentRequest, dev.sightline.v1.EmbedContentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EmbedContent"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.EmbedContentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.EmbedContentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EmbeddingServiceMethodDescriptorSupplier("EmbedContent"))
              .build();
        }
      }
    }
    return getEmbedContentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.CompareEmbeddingsRequest,
      dev.sightline.v1.CompareEmbeddingsResponse> getCompareEmbeddingsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CompareEmbeddings",
      requestType = dev.sightline.v1.CompareEmbeddingsRequest.class,
      responseType = dev.sightline.v1.CompareEmbeddingsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.CompareEmbeddingsRequest,
      dev.sightline.v1.CompareEmbeddingsResponse> getCompareEmbeddingsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.CompareEmbeddingsRequest, dev.sightline.v1.CompareEmbeddingsResponse> getCompareEmbeddingsMethod;
    if ((getCompareEmbeddingsMethod = EmbeddingServiceGrpc.getCompareEmbeddingsMethod) == null) {
      synchronized (EmbeddingServiceGrpc.class) {
        if ((getCompareEmbeddingsMethod = EmbeddingServiceGrpc.getCompareEmbeddingsMethod) == null) {
          EmbeddingServiceGrpc.getCompareEmbeddingsMethod = getCompareEmbeddingsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.CompareEmbeddingsRequest, dev.sightline.v1.CompareEmbeddingsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CompareEmbeddings"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CompareEmbeddingsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CompareEmbeddingsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EmbeddingServiceMethodDescriptorSupplier("CompareEmbeddings"))
              .build();
        }
      }
    }
    return getCompareEmbeddingsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ProjectEmbeddingsRequest,
      dev.sightline.v1.ProjectEmbeddingsResponse> getProjectEmbeddingsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ProjectEmbeddings",
      requestType = dev.sightline.v1.ProjectEmbeddingsRequest.class,
      responseType = dev.sightline.v1.ProjectEmbeddingsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ProjectEmbeddingsRequest,
      dev.sightline.v1.ProjectEmbeddingsResponse> getProjectEmbeddingsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ProjectEmbeddingsRequest, dev.sightline.v1.ProjectEmbeddingsResponse> getProjectEmbeddingsMethod;
    if ((getProjectEmbeddingsMethod = EmbeddingServiceGrpc.getProjectEmbeddingsMethod) == null) {
      synchronized (EmbeddingServiceGrpc.class) {
        if ((getProjectEmbeddingsMethod = EmbeddingServiceGrpc.getProjectEmbeddingsMethod) == null) {
          EmbeddingServiceGrpc.getProjectEmbeddingsMethod = getProjectEmbeddingsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ProjectEmbeddingsRequest, dev.sightline.v1.ProjectEmbeddingsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ProjectEmbeddings"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ProjectEmbeddingsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ProjectEmbeddingsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EmbeddingServiceMethodDescriptorSupplier("ProjectEmbeddings"))
              .build();
        }
      }
    }
    return getProjectEmbeddingsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static EmbeddingServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceStub>() {
        @java.lang.Override
        public EmbeddingServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EmbeddingServiceStub(channel, callOptions);
        }
      };
    return EmbeddingServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static EmbeddingServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceBlockingV2Stub>() {
        @java.lang.Override
        public EmbeddingServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EmbeddingServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return EmbeddingServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static EmbeddingServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceBlockingStub>() {
        @java.lang.Override
        public EmbeddingServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EmbeddingServiceBlockingStub(channel, callOptions);
        }
      };
    return EmbeddingServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static EmbeddingServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EmbeddingServiceFutureStub>() {
        @java.lang.Override
        public EmbeddingServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EmbeddingServiceFutureStub(channel, callOptions);
        }
      };
    return EmbeddingServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Embeds texts and images, and reads and compares embeddings.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Embeds texts and images with a collection's pack.
     * Errors: NOT_FOUND for the collection or a name; INVALID_ARGUMENT for bytes that are no picture;
     * FAILED_PRECONDITION for a text where the pack has no text tower; UNAVAILABLE when the models do not
     * answer.
     * </pre>
     */
    default void embedContent(dev.sightline.v1.EmbedContentRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.EmbedContentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEmbedContentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Compares each of some contents with each of others.
     * Errors: those of `EmbedContent`.
     * </pre>
     */
    default void compareEmbeddings(dev.sightline.v1.CompareEmbeddingsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.CompareEmbeddingsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompareEmbeddingsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lays a collection's stored image vectors out in the plane by principal components, for a map.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter that makes no sense.
     * </pre>
     */
    default void projectEmbeddings(dev.sightline.v1.ProjectEmbeddingsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ProjectEmbeddingsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getProjectEmbeddingsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service EmbeddingService.
   * <pre>
   * Embeds texts and images, and reads and compares embeddings.
   * </pre>
   */
  public static abstract class EmbeddingServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return EmbeddingServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service EmbeddingService.
   * <pre>
   * Embeds texts and images, and reads and compares embeddings.
   * </pre>
   */
  public static final class EmbeddingServiceStub
      extends io.grpc.stub.AbstractAsyncStub<EmbeddingServiceStub> {
    private EmbeddingServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EmbeddingServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EmbeddingServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds texts and images with a collection's pack.
     * Errors: NOT_FOUND for the collection or a name; INVALID_ARGUMENT for bytes that are no picture;
     * FAILED_PRECONDITION for a text where the pack has no text tower; UNAVAILABLE when the models do not
     * answer.
     * </pre>
     */
    public void embedContent(dev.sightline.v1.EmbedContentRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.EmbedContentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEmbedContentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Compares each of some contents with each of others.
     * Errors: those of `EmbedContent`.
     * </pre>
     */
    public void compareEmbeddings(dev.sightline.v1.CompareEmbeddingsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.CompareEmbeddingsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCompareEmbeddingsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lays a collection's stored image vectors out in the plane by principal components, for a map.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter that makes no sense.
     * </pre>
     */
    public void projectEmbeddings(dev.sightline.v1.ProjectEmbeddingsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ProjectEmbeddingsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getProjectEmbeddingsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service EmbeddingService.
   * <pre>
   * Embeds texts and images, and reads and compares embeddings.
   * </pre>
   */
  public static final class EmbeddingServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<EmbeddingServiceBlockingV2Stub> {
    private EmbeddingServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EmbeddingServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EmbeddingServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds texts and images with a collection's pack.
     * Errors: NOT_FOUND for the collection or a name; INVALID_ARGUMENT for bytes that are no picture;
     * FAILED_PRECONDITION for a text where the pack has no text tower; UNAVAILABLE when the models do not
     * answer.
     * </pre>
     */
    public dev.sightline.v1.EmbedContentResponse embedContent(dev.sightline.v1.EmbedContentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEmbedContentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Compares each of some contents with each of others.
     * Errors: those of `EmbedContent`.
     * </pre>
     */
    public dev.sightline.v1.CompareEmbeddingsResponse compareEmbeddings(dev.sightline.v1.CompareEmbeddingsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCompareEmbeddingsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lays a collection's stored image vectors out in the plane by principal components, for a map.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter that makes no sense.
     * </pre>
     */
    public dev.sightline.v1.ProjectEmbeddingsResponse projectEmbeddings(dev.sightline.v1.ProjectEmbeddingsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getProjectEmbeddingsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service EmbeddingService.
   * <pre>
   * Embeds texts and images, and reads and compares embeddings.
   * </pre>
   */
  public static final class EmbeddingServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<EmbeddingServiceBlockingStub> {
    private EmbeddingServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EmbeddingServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EmbeddingServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds texts and images with a collection's pack.
     * Errors: NOT_FOUND for the collection or a name; INVALID_ARGUMENT for bytes that are no picture;
     * FAILED_PRECONDITION for a text where the pack has no text tower; UNAVAILABLE when the models do not
     * answer.
     * </pre>
     */
    public dev.sightline.v1.EmbedContentResponse embedContent(dev.sightline.v1.EmbedContentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEmbedContentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Compares each of some contents with each of others.
     * Errors: those of `EmbedContent`.
     * </pre>
     */
    public dev.sightline.v1.CompareEmbeddingsResponse compareEmbeddings(dev.sightline.v1.CompareEmbeddingsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCompareEmbeddingsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lays a collection's stored image vectors out in the plane by principal components, for a map.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter that makes no sense.
     * </pre>
     */
    public dev.sightline.v1.ProjectEmbeddingsResponse projectEmbeddings(dev.sightline.v1.ProjectEmbeddingsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getProjectEmbeddingsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service EmbeddingService.
   * <pre>
   * Embeds texts and images, and reads and compares embeddings.
   * </pre>
   */
  public static final class EmbeddingServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<EmbeddingServiceFutureStub> {
    private EmbeddingServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EmbeddingServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EmbeddingServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Embeds texts and images with a collection's pack.
     * Errors: NOT_FOUND for the collection or a name; INVALID_ARGUMENT for bytes that are no picture;
     * FAILED_PRECONDITION for a text where the pack has no text tower; UNAVAILABLE when the models do not
     * answer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.EmbedContentResponse> embedContent(
        dev.sightline.v1.EmbedContentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEmbedContentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Compares each of some contents with each of others.
     * Errors: those of `EmbedContent`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.CompareEmbeddingsResponse> compareEmbeddings(
        dev.sightline.v1.CompareEmbeddingsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCompareEmbeddingsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lays a collection's stored image vectors out in the plane by principal components, for a map.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter that makes no sense.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ProjectEmbeddingsResponse> projectEmbeddings(
        dev.sightline.v1.ProjectEmbeddingsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getProjectEmbeddingsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_EMBED_CONTENT = 0;
  private static final int METHODID_COMPARE_EMBEDDINGS = 1;
  private static final int METHODID_PROJECT_EMBEDDINGS = 2;

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
        case METHODID_EMBED_CONTENT:
          serviceImpl.embedContent((dev.sightline.v1.EmbedContentRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.EmbedContentResponse>) responseObserver);
          break;
        case METHODID_COMPARE_EMBEDDINGS:
          serviceImpl.compareEmbeddings((dev.sightline.v1.CompareEmbeddingsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.CompareEmbeddingsResponse>) responseObserver);
          break;
        case METHODID_PROJECT_EMBEDDINGS:
          serviceImpl.projectEmbeddings((dev.sightline.v1.ProjectEmbeddingsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ProjectEmbeddingsResponse>) responseObserver);
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
          getEmbedContentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.EmbedContentRequest,
              dev.sightline.v1.EmbedContentResponse>(
                service, METHODID_EMBED_CONTENT)))
        .addMethod(
          getCompareEmbeddingsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.CompareEmbeddingsRequest,
              dev.sightline.v1.CompareEmbeddingsResponse>(
                service, METHODID_COMPARE_EMBEDDINGS)))
        .addMethod(
          getProjectEmbeddingsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ProjectEmbeddingsRequest,
              dev.sightline.v1.ProjectEmbeddingsResponse>(
                service, METHODID_PROJECT_EMBEDDINGS)))
        .build();
  }

  private static abstract class EmbeddingServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    EmbeddingServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.EmbeddingServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("EmbeddingService");
    }
  }

  private static final class EmbeddingServiceFileDescriptorSupplier
      extends EmbeddingServiceBaseDescriptorSupplier {
    EmbeddingServiceFileDescriptorSupplier() {}
  }

  private static final class EmbeddingServiceMethodDescriptorSupplier
      extends EmbeddingServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    EmbeddingServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (EmbeddingServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new EmbeddingServiceFileDescriptorSupplier())
              .addMethod(getEmbedContentMethod())
              .addMethod(getCompareEmbeddingsMethod())
              .addMethod(getProjectEmbeddingsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
