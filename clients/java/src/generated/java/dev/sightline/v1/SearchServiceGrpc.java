package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Finds images, regions and text records by what they show or say.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SearchServiceGrpc {

  private SearchServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.SearchService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.SearchRequest,
      dev.sightline.v1.SearchResponse> getSearchMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Search",
      requestType = dev.sightline.v1.SearchRequest.class,
      responseType = dev.sightline.v1.SearchResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.SearchRequest,
      dev.sightline.v1.SearchResponse> getSearchMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.SearchRequest, dev.sightline.v1.SearchResponse> getSearchMethod;
    if ((getSearchMethod = SearchServiceGrpc.getSearchMethod) == null) {
      synchronized (SearchServiceGrpc.class) {
        if ((getSearchMethod = SearchServiceGrpc.getSearchMethod) == null) {
          SearchServiceGrpc.getSearchMethod = getSearchMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.SearchRequest, dev.sightline.v1.SearchResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Search"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.SearchRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.SearchResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SearchServiceMethodDescriptorSupplier("Search"))
              .build();
        }
      }
    }
    return getSearchMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.FindDuplicatesRequest,
      dev.sightline.v1.FindDuplicatesResponse> getFindDuplicatesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "FindDuplicates",
      requestType = dev.sightline.v1.FindDuplicatesRequest.class,
      responseType = dev.sightline.v1.FindDuplicatesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.FindDuplicatesRequest,
      dev.sightline.v1.FindDuplicatesResponse> getFindDuplicatesMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.FindDuplicatesRequest, dev.sightline.v1.FindDuplicatesResponse> getFindDuplicatesMethod;
    if ((getFindDuplicatesMethod = SearchServiceGrpc.getFindDuplicatesMethod) == null) {
      synchronized (SearchServiceGrpc.class) {
        if ((getFindDuplicatesMethod = SearchServiceGrpc.getFindDuplicatesMethod) == null) {
          SearchServiceGrpc.getFindDuplicatesMethod = getFindDuplicatesMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.FindDuplicatesRequest, dev.sightline.v1.FindDuplicatesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "FindDuplicates"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.FindDuplicatesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.FindDuplicatesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SearchServiceMethodDescriptorSupplier("FindDuplicates"))
              .build();
        }
      }
    }
    return getFindDuplicatesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SearchServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SearchServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SearchServiceStub>() {
        @java.lang.Override
        public SearchServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SearchServiceStub(channel, callOptions);
        }
      };
    return SearchServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SearchServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SearchServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SearchServiceBlockingV2Stub>() {
        @java.lang.Override
        public SearchServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SearchServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SearchServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SearchServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SearchServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SearchServiceBlockingStub>() {
        @java.lang.Override
        public SearchServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SearchServiceBlockingStub(channel, callOptions);
        }
      };
    return SearchServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SearchServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SearchServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SearchServiceFutureStub>() {
        @java.lang.Override
        public SearchServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SearchServiceFutureStub(channel, callOptions);
        }
      };
    return SearchServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Finds images, regions and text records by what they show or say.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Finds the images, regions or text records that are nearest to a text, a picture, a stored image, region or
     * text record, a box in a stored image, or a vector.
     * Errors: NOT_FOUND for the collection or a name in the query; INVALID_ARGUMENT for a query, a filter (with
     * its position) or a page token that makes no sense, and for `rerank` without a text or where text records are searched; FAILED_PRECONDITION for
     * a text where the collection's pack has no text tower, for vectors of another pack, and for `rerank` where
     * the collection has no matcher; UNAVAILABLE when the models or the index do not answer; DEADLINE_EXCEEDED
     * for a later page that the deadline leaves no time to rerank; UNIMPLEMENTED, naming the field, for
     * `positive` and `negative`.
     * </pre>
     */
    default void search(dev.sightline.v1.SearchRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.SearchResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchMethod(), responseObserver);
    }

    /**
     * <pre>
     * Finds groups of images that are the same or nearly so. No model is asked.
     * Two images are alike where their files are equal, and where the cosine of their embeddings is at least
     * `min_similarity`. Where that is unset, 0.95 will do, or, among the 8 nearest below that, 0.85 where their
     * perceptual hashes differ in at most 6 of 64 bits. A group is what is alike, directly or through others. Each
     * image is looked for among the 64 nearest of the index, or, as long as those are all similar enough, among up to
     * 1,024.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense;
     * UNAVAILABLE when the index does not answer.
     * </pre>
     */
    default void findDuplicates(dev.sightline.v1.FindDuplicatesRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.FindDuplicatesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getFindDuplicatesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SearchService.
   * <pre>
   * Finds images, regions and text records by what they show or say.
   * </pre>
   */
  public static abstract class SearchServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SearchServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SearchService.
   * <pre>
   * Finds images, regions and text records by what they show or say.
   * </pre>
   */
  public static final class SearchServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SearchServiceStub> {
    private SearchServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SearchServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SearchServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Finds the images, regions or text records that are nearest to a text, a picture, a stored image, region or
     * text record, a box in a stored image, or a vector.
     * Errors: NOT_FOUND for the collection or a name in the query; INVALID_ARGUMENT for a query, a filter (with
     * its position) or a page token that makes no sense, and for `rerank` without a text or where text records are searched; FAILED_PRECONDITION for
     * a text where the collection's pack has no text tower, for vectors of another pack, and for `rerank` where
     * the collection has no matcher; UNAVAILABLE when the models or the index do not answer; DEADLINE_EXCEEDED
     * for a later page that the deadline leaves no time to rerank; UNIMPLEMENTED, naming the field, for
     * `positive` and `negative`.
     * </pre>
     */
    public void search(dev.sightline.v1.SearchRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.SearchResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Finds groups of images that are the same or nearly so. No model is asked.
     * Two images are alike where their files are equal, and where the cosine of their embeddings is at least
     * `min_similarity`. Where that is unset, 0.95 will do, or, among the 8 nearest below that, 0.85 where their
     * perceptual hashes differ in at most 6 of 64 bits. A group is what is alike, directly or through others. Each
     * image is looked for among the 64 nearest of the index, or, as long as those are all similar enough, among up to
     * 1,024.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense;
     * UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public void findDuplicates(dev.sightline.v1.FindDuplicatesRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.FindDuplicatesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getFindDuplicatesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SearchService.
   * <pre>
   * Finds images, regions and text records by what they show or say.
   * </pre>
   */
  public static final class SearchServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SearchServiceBlockingV2Stub> {
    private SearchServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SearchServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SearchServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Finds the images, regions or text records that are nearest to a text, a picture, a stored image, region or
     * text record, a box in a stored image, or a vector.
     * Errors: NOT_FOUND for the collection or a name in the query; INVALID_ARGUMENT for a query, a filter (with
     * its position) or a page token that makes no sense, and for `rerank` without a text or where text records are searched; FAILED_PRECONDITION for
     * a text where the collection's pack has no text tower, for vectors of another pack, and for `rerank` where
     * the collection has no matcher; UNAVAILABLE when the models or the index do not answer; DEADLINE_EXCEEDED
     * for a later page that the deadline leaves no time to rerank; UNIMPLEMENTED, naming the field, for
     * `positive` and `negative`.
     * </pre>
     */
    public dev.sightline.v1.SearchResponse search(dev.sightline.v1.SearchRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Finds groups of images that are the same or nearly so. No model is asked.
     * Two images are alike where their files are equal, and where the cosine of their embeddings is at least
     * `min_similarity`. Where that is unset, 0.95 will do, or, among the 8 nearest below that, 0.85 where their
     * perceptual hashes differ in at most 6 of 64 bits. A group is what is alike, directly or through others. Each
     * image is looked for among the 64 nearest of the index, or, as long as those are all similar enough, among up to
     * 1,024.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense;
     * UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public dev.sightline.v1.FindDuplicatesResponse findDuplicates(dev.sightline.v1.FindDuplicatesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getFindDuplicatesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SearchService.
   * <pre>
   * Finds images, regions and text records by what they show or say.
   * </pre>
   */
  public static final class SearchServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SearchServiceBlockingStub> {
    private SearchServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SearchServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SearchServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Finds the images, regions or text records that are nearest to a text, a picture, a stored image, region or
     * text record, a box in a stored image, or a vector.
     * Errors: NOT_FOUND for the collection or a name in the query; INVALID_ARGUMENT for a query, a filter (with
     * its position) or a page token that makes no sense, and for `rerank` without a text or where text records are searched; FAILED_PRECONDITION for
     * a text where the collection's pack has no text tower, for vectors of another pack, and for `rerank` where
     * the collection has no matcher; UNAVAILABLE when the models or the index do not answer; DEADLINE_EXCEEDED
     * for a later page that the deadline leaves no time to rerank; UNIMPLEMENTED, naming the field, for
     * `positive` and `negative`.
     * </pre>
     */
    public dev.sightline.v1.SearchResponse search(dev.sightline.v1.SearchRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Finds groups of images that are the same or nearly so. No model is asked.
     * Two images are alike where their files are equal, and where the cosine of their embeddings is at least
     * `min_similarity`. Where that is unset, 0.95 will do, or, among the 8 nearest below that, 0.85 where their
     * perceptual hashes differ in at most 6 of 64 bits. A group is what is alike, directly or through others. Each
     * image is looked for among the 64 nearest of the index, or, as long as those are all similar enough, among up to
     * 1,024.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense;
     * UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public dev.sightline.v1.FindDuplicatesResponse findDuplicates(dev.sightline.v1.FindDuplicatesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getFindDuplicatesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SearchService.
   * <pre>
   * Finds images, regions and text records by what they show or say.
   * </pre>
   */
  public static final class SearchServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SearchServiceFutureStub> {
    private SearchServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SearchServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SearchServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Finds the images, regions or text records that are nearest to a text, a picture, a stored image, region or
     * text record, a box in a stored image, or a vector.
     * Errors: NOT_FOUND for the collection or a name in the query; INVALID_ARGUMENT for a query, a filter (with
     * its position) or a page token that makes no sense, and for `rerank` without a text or where text records are searched; FAILED_PRECONDITION for
     * a text where the collection's pack has no text tower, for vectors of another pack, and for `rerank` where
     * the collection has no matcher; UNAVAILABLE when the models or the index do not answer; DEADLINE_EXCEEDED
     * for a later page that the deadline leaves no time to rerank; UNIMPLEMENTED, naming the field, for
     * `positive` and `negative`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.SearchResponse> search(
        dev.sightline.v1.SearchRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Finds groups of images that are the same or nearly so. No model is asked.
     * Two images are alike where their files are equal, and where the cosine of their embeddings is at least
     * `min_similarity`. Where that is unset, 0.95 will do, or, among the 8 nearest below that, 0.85 where their
     * perceptual hashes differ in at most 6 of 64 bits. A group is what is alike, directly or through others. Each
     * image is looked for among the 64 nearest of the index, or, as long as those are all similar enough, among up to
     * 1,024.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter or a page token that makes no sense;
     * UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.FindDuplicatesResponse> findDuplicates(
        dev.sightline.v1.FindDuplicatesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getFindDuplicatesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_SEARCH = 0;
  private static final int METHODID_FIND_DUPLICATES = 1;

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
        case METHODID_SEARCH:
          serviceImpl.search((dev.sightline.v1.SearchRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.SearchResponse>) responseObserver);
          break;
        case METHODID_FIND_DUPLICATES:
          serviceImpl.findDuplicates((dev.sightline.v1.FindDuplicatesRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.FindDuplicatesResponse>) responseObserver);
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
          getSearchMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.SearchRequest,
              dev.sightline.v1.SearchResponse>(
                service, METHODID_SEARCH)))
        .addMethod(
          getFindDuplicatesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.FindDuplicatesRequest,
              dev.sightline.v1.FindDuplicatesResponse>(
                service, METHODID_FIND_DUPLICATES)))
        .build();
  }

  private static abstract class SearchServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SearchServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.SearchServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SearchService");
    }
  }

  private static final class SearchServiceFileDescriptorSupplier
      extends SearchServiceBaseDescriptorSupplier {
    SearchServiceFileDescriptorSupplier() {}
  }

  private static final class SearchServiceMethodDescriptorSupplier
      extends SearchServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SearchServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SearchServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SearchServiceFileDescriptorSupplier())
              .addMethod(getSearchMethod())
              .addMethod(getFindDuplicatesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
