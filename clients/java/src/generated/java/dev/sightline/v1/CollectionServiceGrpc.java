package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Creates, reads, changes and deletes collections.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CollectionServiceGrpc {

  private CollectionServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.CollectionService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.CreateCollectionRequest,
      dev.sightline.v1.Collection> getCreateCollectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateCollection",
      requestType = dev.sightline.v1.CreateCollectionRequest.class,
      responseType = dev.sightline.v1.Collection.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.CreateCollectionRequest,
      dev.sightline.v1.Collection> getCreateCollectionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.CreateCollectionRequest, dev.sightline.v1.Collection> getCreateCollectionMethod;
    if ((getCreateCollectionMethod = CollectionServiceGrpc.getCreateCollectionMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getCreateCollectionMethod = CollectionServiceGrpc.getCreateCollectionMethod) == null) {
          CollectionServiceGrpc.getCreateCollectionMethod = getCreateCollectionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.CreateCollectionRequest, dev.sightline.v1.Collection>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateCollection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CreateCollectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Collection.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("CreateCollection"))
              .build();
        }
      }
    }
    return getCreateCollectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetCollectionRequest,
      dev.sightline.v1.Collection> getGetCollectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCollection",
      requestType = dev.sightline.v1.GetCollectionRequest.class,
      responseType = dev.sightline.v1.Collection.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetCollectionRequest,
      dev.sightline.v1.Collection> getGetCollectionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetCollectionRequest, dev.sightline.v1.Collection> getGetCollectionMethod;
    if ((getGetCollectionMethod = CollectionServiceGrpc.getGetCollectionMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getGetCollectionMethod = CollectionServiceGrpc.getGetCollectionMethod) == null) {
          CollectionServiceGrpc.getGetCollectionMethod = getGetCollectionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetCollectionRequest, dev.sightline.v1.Collection>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetCollection"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetCollectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Collection.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("GetCollection"))
              .build();
        }
      }
    }
    return getGetCollectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ListCollectionsRequest,
      dev.sightline.v1.ListCollectionsResponse> getListCollectionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListCollections",
      requestType = dev.sightline.v1.ListCollectionsRequest.class,
      responseType = dev.sightline.v1.ListCollectionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ListCollectionsRequest,
      dev.sightline.v1.ListCollectionsResponse> getListCollectionsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ListCollectionsRequest, dev.sightline.v1.ListCollectionsResponse> getListCollectionsMethod;
    if ((getListCollectionsMethod = CollectionServiceGrpc.getListCollectionsMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getListCollectionsMethod = CollectionServiceGrpc.getListCollectionsMethod) == null) {
          CollectionServiceGrpc.getListCollectionsMethod = getListCollectionsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ListCollectionsRequest, dev.sightline.v1.ListCollectionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListCollections"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListCollectionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListCollectionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("ListCollections"))
              .build();
        }
      }
    }
    return getListCollectionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.UpdateCollectionRequest,
      dev.sightline.v1.Collection> getUpdateCollectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateCollection",
      requestType = dev.sightline.v1.UpdateCollectionRequest.class,
      responseType = dev.sightline.v1.Collection.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.UpdateCollectionRequest,
      dev.sightline.v1.Collection> getUpdateCollectionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.UpdateCollectionRequest, dev.sightline.v1.Collection> getUpdateCollectionMethod;
    if ((getUpdateCollectionMethod = CollectionServiceGrpc.getUpdateCollectionMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getUpdateCollectionMethod = CollectionServiceGrpc.getUpdateCollectionMethod) == null) {
          CollectionServiceGrpc.getUpdateCollectionMethod = getUpdateCollectionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.UpdateCollectionRequest, dev.sightline.v1.Collection>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateCollection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.UpdateCollectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Collection.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("UpdateCollection"))
              .build();
        }
      }
    }
    return getUpdateCollectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.DeleteCollectionRequest,
      com.google.protobuf.Empty> getDeleteCollectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteCollection",
      requestType = dev.sightline.v1.DeleteCollectionRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.DeleteCollectionRequest,
      com.google.protobuf.Empty> getDeleteCollectionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.DeleteCollectionRequest, com.google.protobuf.Empty> getDeleteCollectionMethod;
    if ((getDeleteCollectionMethod = CollectionServiceGrpc.getDeleteCollectionMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getDeleteCollectionMethod = CollectionServiceGrpc.getDeleteCollectionMethod) == null) {
          CollectionServiceGrpc.getDeleteCollectionMethod = getDeleteCollectionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.DeleteCollectionRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteCollection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.DeleteCollectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("DeleteCollection"))
              .build();
        }
      }
    }
    return getDeleteCollectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetCollectionStatisticsRequest,
      dev.sightline.v1.CollectionStatistics> getGetCollectionStatisticsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCollectionStatistics",
      requestType = dev.sightline.v1.GetCollectionStatisticsRequest.class,
      responseType = dev.sightline.v1.CollectionStatistics.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetCollectionStatisticsRequest,
      dev.sightline.v1.CollectionStatistics> getGetCollectionStatisticsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetCollectionStatisticsRequest, dev.sightline.v1.CollectionStatistics> getGetCollectionStatisticsMethod;
    if ((getGetCollectionStatisticsMethod = CollectionServiceGrpc.getGetCollectionStatisticsMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getGetCollectionStatisticsMethod = CollectionServiceGrpc.getGetCollectionStatisticsMethod) == null) {
          CollectionServiceGrpc.getGetCollectionStatisticsMethod = getGetCollectionStatisticsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetCollectionStatisticsRequest, dev.sightline.v1.CollectionStatistics>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetCollectionStatistics"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetCollectionStatisticsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CollectionStatistics.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("GetCollectionStatistics"))
              .build();
        }
      }
    }
    return getGetCollectionStatisticsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ExportCollectionRequest,
      com.google.longrunning.Operation> getExportCollectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExportCollection",
      requestType = dev.sightline.v1.ExportCollectionRequest.class,
      responseType = com.google.longrunning.Operation.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ExportCollectionRequest,
      com.google.longrunning.Operation> getExportCollectionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ExportCollectionRequest, com.google.longrunning.Operation> getExportCollectionMethod;
    if ((getExportCollectionMethod = CollectionServiceGrpc.getExportCollectionMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getExportCollectionMethod = CollectionServiceGrpc.getExportCollectionMethod) == null) {
          CollectionServiceGrpc.getExportCollectionMethod = getExportCollectionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ExportCollectionRequest, com.google.longrunning.Operation>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExportCollection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ExportCollectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.longrunning.Operation.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("ExportCollection"))
              .build();
        }
      }
    }
    return getExportCollectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ImportCollectionRequest,
      com.google.longrunning.Operation> getImportCollectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ImportCollection",
      requestType = dev.sightline.v1.ImportCollectionRequest.class,
      responseType = com.google.longrunning.Operation.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ImportCollectionRequest,
      com.google.longrunning.Operation> getImportCollectionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ImportCollectionRequest, com.google.longrunning.Operation> getImportCollectionMethod;
    if ((getImportCollectionMethod = CollectionServiceGrpc.getImportCollectionMethod) == null) {
      synchronized (CollectionServiceGrpc.class) {
        if ((getImportCollectionMethod = CollectionServiceGrpc.getImportCollectionMethod) == null) {
          CollectionServiceGrpc.getImportCollectionMethod = getImportCollectionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ImportCollectionRequest, com.google.longrunning.Operation>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ImportCollection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ImportCollectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.longrunning.Operation.getDefaultInstance()))
              .setSchemaDescriptor(new CollectionServiceMethodDescriptorSupplier("ImportCollection"))
              .build();
        }
      }
    }
    return getImportCollectionMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CollectionServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CollectionServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CollectionServiceStub>() {
        @java.lang.Override
        public CollectionServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CollectionServiceStub(channel, callOptions);
        }
      };
    return CollectionServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CollectionServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CollectionServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CollectionServiceBlockingV2Stub>() {
        @java.lang.Override
        public CollectionServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CollectionServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CollectionServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CollectionServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CollectionServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CollectionServiceBlockingStub>() {
        @java.lang.Override
        public CollectionServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CollectionServiceBlockingStub(channel, callOptions);
        }
      };
    return CollectionServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CollectionServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CollectionServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CollectionServiceFutureStub>() {
        @java.lang.Override
        public CollectionServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CollectionServiceFutureStub(channel, callOptions);
        }
      };
    return CollectionServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Creates, reads, changes and deletes collections.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates a collection.
     * Errors: ALREADY_EXISTS; INVALID_ARGUMENT for a bad id or a pack that the server does not have;
     * FAILED_PRECONDITION for `labels_vocabulary` where the embedder's pack has no text tower.
     * </pre>
     */
    default void createCollection(dev.sightline.v1.CreateCollectionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Collection> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateCollectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a collection.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void getCollection(dev.sightline.v1.GetCollectionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Collection> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetCollectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists collections by name.
     * Errors: INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    default void listCollections(dev.sightline.v1.ListCollectionsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListCollectionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListCollectionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of a collection that the mask names.
     * Another `captioner` or `labels_vocabulary` is brought to the images that are there in the background.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    default void updateCollection(dev.sightline.v1.UpdateCollectionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Collection> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateCollectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a collection and, with `force`, all that it holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION when it holds images and `force` is false, and for
     * `collections/default`; ABORTED for a stale etag.
     * </pre>
     */
    default void deleteCollection(dev.sightline.v1.DeleteCollectionRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteCollectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets what a collection's vector index holds, and how many images wait for labels or captions.
     * Errors: NOT_FOUND; UNAVAILABLE when the index does not answer.
     * </pre>
     */
    default void getCollectionStatistics(dev.sightline.v1.GetCollectionStatisticsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.CollectionStatistics> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetCollectionStatisticsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Writes a collection as a snapshot: its records and vectors as Parquet, its pictures as files, and, last, a
     * manifest.
     * Each record is as it was at some moment of the export. It survives the loss of any process, and goes on
     * where it was.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a URI that names no place; FAILED_PRECONDITION for a folder that
     * this server must not write to, and for a place that holds a snapshot.
     * </pre>
     */
    default void exportCollection(dev.sightline.v1.ExportCollectionRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExportCollectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a snapshot into a collection, which is created where there is none, without embedding anything again.
     * All parts are checked before anything is shown. A record whose name the collection holds already stays as
     * it is: an import that was cancelled may be asked for again.
     * Errors: INVALID_ARGUMENT for a bad id, and for what is no place or no snapshot; FAILED_PRECONDITION for a
     * folder that this server must not read, a snapshot that is not whole, or damaged, and vectors of another
     * pack, or of another revision of it.
     * </pre>
     */
    default void importCollection(dev.sightline.v1.ImportCollectionRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getImportCollectionMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CollectionService.
   * <pre>
   * Creates, reads, changes and deletes collections.
   * </pre>
   */
  public static abstract class CollectionServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CollectionServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CollectionService.
   * <pre>
   * Creates, reads, changes and deletes collections.
   * </pre>
   */
  public static final class CollectionServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CollectionServiceStub> {
    private CollectionServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CollectionServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CollectionServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a collection.
     * Errors: ALREADY_EXISTS; INVALID_ARGUMENT for a bad id or a pack that the server does not have;
     * FAILED_PRECONDITION for `labels_vocabulary` where the embedder's pack has no text tower.
     * </pre>
     */
    public void createCollection(dev.sightline.v1.CreateCollectionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Collection> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateCollectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a collection.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void getCollection(dev.sightline.v1.GetCollectionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Collection> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetCollectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists collections by name.
     * Errors: INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public void listCollections(dev.sightline.v1.ListCollectionsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListCollectionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListCollectionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of a collection that the mask names.
     * Another `captioner` or `labels_vocabulary` is brought to the images that are there in the background.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public void updateCollection(dev.sightline.v1.UpdateCollectionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Collection> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateCollectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a collection and, with `force`, all that it holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION when it holds images and `force` is false, and for
     * `collections/default`; ABORTED for a stale etag.
     * </pre>
     */
    public void deleteCollection(dev.sightline.v1.DeleteCollectionRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteCollectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets what a collection's vector index holds, and how many images wait for labels or captions.
     * Errors: NOT_FOUND; UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public void getCollectionStatistics(dev.sightline.v1.GetCollectionStatisticsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.CollectionStatistics> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetCollectionStatisticsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Writes a collection as a snapshot: its records and vectors as Parquet, its pictures as files, and, last, a
     * manifest.
     * Each record is as it was at some moment of the export. It survives the loss of any process, and goes on
     * where it was.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a URI that names no place; FAILED_PRECONDITION for a folder that
     * this server must not write to, and for a place that holds a snapshot.
     * </pre>
     */
    public void exportCollection(dev.sightline.v1.ExportCollectionRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExportCollectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a snapshot into a collection, which is created where there is none, without embedding anything again.
     * All parts are checked before anything is shown. A record whose name the collection holds already stays as
     * it is: an import that was cancelled may be asked for again.
     * Errors: INVALID_ARGUMENT for a bad id, and for what is no place or no snapshot; FAILED_PRECONDITION for a
     * folder that this server must not read, a snapshot that is not whole, or damaged, and vectors of another
     * pack, or of another revision of it.
     * </pre>
     */
    public void importCollection(dev.sightline.v1.ImportCollectionRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getImportCollectionMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CollectionService.
   * <pre>
   * Creates, reads, changes and deletes collections.
   * </pre>
   */
  public static final class CollectionServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CollectionServiceBlockingV2Stub> {
    private CollectionServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CollectionServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CollectionServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a collection.
     * Errors: ALREADY_EXISTS; INVALID_ARGUMENT for a bad id or a pack that the server does not have;
     * FAILED_PRECONDITION for `labels_vocabulary` where the embedder's pack has no text tower.
     * </pre>
     */
    public dev.sightline.v1.Collection createCollection(dev.sightline.v1.CreateCollectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a collection.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Collection getCollection(dev.sightline.v1.GetCollectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists collections by name.
     * Errors: INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public dev.sightline.v1.ListCollectionsResponse listCollections(dev.sightline.v1.ListCollectionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListCollectionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of a collection that the mask names.
     * Another `captioner` or `labels_vocabulary` is brought to the images that are there in the background.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public dev.sightline.v1.Collection updateCollection(dev.sightline.v1.UpdateCollectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a collection and, with `force`, all that it holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION when it holds images and `force` is false, and for
     * `collections/default`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteCollection(dev.sightline.v1.DeleteCollectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets what a collection's vector index holds, and how many images wait for labels or captions.
     * Errors: NOT_FOUND; UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public dev.sightline.v1.CollectionStatistics getCollectionStatistics(dev.sightline.v1.GetCollectionStatisticsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetCollectionStatisticsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Writes a collection as a snapshot: its records and vectors as Parquet, its pictures as files, and, last, a
     * manifest.
     * Each record is as it was at some moment of the export. It survives the loss of any process, and goes on
     * where it was.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a URI that names no place; FAILED_PRECONDITION for a folder that
     * this server must not write to, and for a place that holds a snapshot.
     * </pre>
     */
    public com.google.longrunning.Operation exportCollection(dev.sightline.v1.ExportCollectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExportCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a snapshot into a collection, which is created where there is none, without embedding anything again.
     * All parts are checked before anything is shown. A record whose name the collection holds already stays as
     * it is: an import that was cancelled may be asked for again.
     * Errors: INVALID_ARGUMENT for a bad id, and for what is no place or no snapshot; FAILED_PRECONDITION for a
     * folder that this server must not read, a snapshot that is not whole, or damaged, and vectors of another
     * pack, or of another revision of it.
     * </pre>
     */
    public com.google.longrunning.Operation importCollection(dev.sightline.v1.ImportCollectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getImportCollectionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CollectionService.
   * <pre>
   * Creates, reads, changes and deletes collections.
   * </pre>
   */
  public static final class CollectionServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CollectionServiceBlockingStub> {
    private CollectionServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CollectionServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CollectionServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a collection.
     * Errors: ALREADY_EXISTS; INVALID_ARGUMENT for a bad id or a pack that the server does not have;
     * FAILED_PRECONDITION for `labels_vocabulary` where the embedder's pack has no text tower.
     * </pre>
     */
    public dev.sightline.v1.Collection createCollection(dev.sightline.v1.CreateCollectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a collection.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Collection getCollection(dev.sightline.v1.GetCollectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists collections by name.
     * Errors: INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public dev.sightline.v1.ListCollectionsResponse listCollections(dev.sightline.v1.ListCollectionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListCollectionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of a collection that the mask names.
     * Another `captioner` or `labels_vocabulary` is brought to the images that are there in the background.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public dev.sightline.v1.Collection updateCollection(dev.sightline.v1.UpdateCollectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a collection and, with `force`, all that it holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION when it holds images and `force` is false, and for
     * `collections/default`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteCollection(dev.sightline.v1.DeleteCollectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets what a collection's vector index holds, and how many images wait for labels or captions.
     * Errors: NOT_FOUND; UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public dev.sightline.v1.CollectionStatistics getCollectionStatistics(dev.sightline.v1.GetCollectionStatisticsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetCollectionStatisticsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Writes a collection as a snapshot: its records and vectors as Parquet, its pictures as files, and, last, a
     * manifest.
     * Each record is as it was at some moment of the export. It survives the loss of any process, and goes on
     * where it was.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a URI that names no place; FAILED_PRECONDITION for a folder that
     * this server must not write to, and for a place that holds a snapshot.
     * </pre>
     */
    public com.google.longrunning.Operation exportCollection(dev.sightline.v1.ExportCollectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExportCollectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a snapshot into a collection, which is created where there is none, without embedding anything again.
     * All parts are checked before anything is shown. A record whose name the collection holds already stays as
     * it is: an import that was cancelled may be asked for again.
     * Errors: INVALID_ARGUMENT for a bad id, and for what is no place or no snapshot; FAILED_PRECONDITION for a
     * folder that this server must not read, a snapshot that is not whole, or damaged, and vectors of another
     * pack, or of another revision of it.
     * </pre>
     */
    public com.google.longrunning.Operation importCollection(dev.sightline.v1.ImportCollectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getImportCollectionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CollectionService.
   * <pre>
   * Creates, reads, changes and deletes collections.
   * </pre>
   */
  public static final class CollectionServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CollectionServiceFutureStub> {
    private CollectionServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CollectionServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CollectionServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a collection.
     * Errors: ALREADY_EXISTS; INVALID_ARGUMENT for a bad id or a pack that the server does not have;
     * FAILED_PRECONDITION for `labels_vocabulary` where the embedder's pack has no text tower.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Collection> createCollection(
        dev.sightline.v1.CreateCollectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateCollectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a collection.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Collection> getCollection(
        dev.sightline.v1.GetCollectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetCollectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists collections by name.
     * Errors: INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ListCollectionsResponse> listCollections(
        dev.sightline.v1.ListCollectionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListCollectionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the fields of a collection that the mask names.
     * Another `captioner` or `labels_vocabulary` is brought to the images that are there in the background.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Collection> updateCollection(
        dev.sightline.v1.UpdateCollectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateCollectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a collection and, with `force`, all that it holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION when it holds images and `force` is false, and for
     * `collections/default`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteCollection(
        dev.sightline.v1.DeleteCollectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteCollectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets what a collection's vector index holds, and how many images wait for labels or captions.
     * Errors: NOT_FOUND; UNAVAILABLE when the index does not answer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.CollectionStatistics> getCollectionStatistics(
        dev.sightline.v1.GetCollectionStatisticsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetCollectionStatisticsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Writes a collection as a snapshot: its records and vectors as Parquet, its pictures as files, and, last, a
     * manifest.
     * Each record is as it was at some moment of the export. It survives the loss of any process, and goes on
     * where it was.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a URI that names no place; FAILED_PRECONDITION for a folder that
     * this server must not write to, and for a place that holds a snapshot.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.longrunning.Operation> exportCollection(
        dev.sightline.v1.ExportCollectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExportCollectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a snapshot into a collection, which is created where there is none, without embedding anything again.
     * All parts are checked before anything is shown. A record whose name the collection holds already stays as
     * it is: an import that was cancelled may be asked for again.
     * Errors: INVALID_ARGUMENT for a bad id, and for what is no place or no snapshot; FAILED_PRECONDITION for a
     * folder that this server must not read, a snapshot that is not whole, or damaged, and vectors of another
     * pack, or of another revision of it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.longrunning.Operation> importCollection(
        dev.sightline.v1.ImportCollectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getImportCollectionMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_COLLECTION = 0;
  private static final int METHODID_GET_COLLECTION = 1;
  private static final int METHODID_LIST_COLLECTIONS = 2;
  private static final int METHODID_UPDATE_COLLECTION = 3;
  private static final int METHODID_DELETE_COLLECTION = 4;
  private static final int METHODID_GET_COLLECTION_STATISTICS = 5;
  private static final int METHODID_EXPORT_COLLECTION = 6;
  private static final int METHODID_IMPORT_COLLECTION = 7;

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
        case METHODID_CREATE_COLLECTION:
          serviceImpl.createCollection((dev.sightline.v1.CreateCollectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Collection>) responseObserver);
          break;
        case METHODID_GET_COLLECTION:
          serviceImpl.getCollection((dev.sightline.v1.GetCollectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Collection>) responseObserver);
          break;
        case METHODID_LIST_COLLECTIONS:
          serviceImpl.listCollections((dev.sightline.v1.ListCollectionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ListCollectionsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_COLLECTION:
          serviceImpl.updateCollection((dev.sightline.v1.UpdateCollectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Collection>) responseObserver);
          break;
        case METHODID_DELETE_COLLECTION:
          serviceImpl.deleteCollection((dev.sightline.v1.DeleteCollectionRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        case METHODID_GET_COLLECTION_STATISTICS:
          serviceImpl.getCollectionStatistics((dev.sightline.v1.GetCollectionStatisticsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.CollectionStatistics>) responseObserver);
          break;
        case METHODID_EXPORT_COLLECTION:
          serviceImpl.exportCollection((dev.sightline.v1.ExportCollectionRequest) request,
              (io.grpc.stub.StreamObserver<com.google.longrunning.Operation>) responseObserver);
          break;
        case METHODID_IMPORT_COLLECTION:
          serviceImpl.importCollection((dev.sightline.v1.ImportCollectionRequest) request,
              (io.grpc.stub.StreamObserver<com.google.longrunning.Operation>) responseObserver);
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
          getCreateCollectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.CreateCollectionRequest,
              dev.sightline.v1.Collection>(
                service, METHODID_CREATE_COLLECTION)))
        .addMethod(
          getGetCollectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetCollectionRequest,
              dev.sightline.v1.Collection>(
                service, METHODID_GET_COLLECTION)))
        .addMethod(
          getListCollectionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ListCollectionsRequest,
              dev.sightline.v1.ListCollectionsResponse>(
                service, METHODID_LIST_COLLECTIONS)))
        .addMethod(
          getUpdateCollectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.UpdateCollectionRequest,
              dev.sightline.v1.Collection>(
                service, METHODID_UPDATE_COLLECTION)))
        .addMethod(
          getDeleteCollectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.DeleteCollectionRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_COLLECTION)))
        .addMethod(
          getGetCollectionStatisticsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetCollectionStatisticsRequest,
              dev.sightline.v1.CollectionStatistics>(
                service, METHODID_GET_COLLECTION_STATISTICS)))
        .addMethod(
          getExportCollectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ExportCollectionRequest,
              com.google.longrunning.Operation>(
                service, METHODID_EXPORT_COLLECTION)))
        .addMethod(
          getImportCollectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ImportCollectionRequest,
              com.google.longrunning.Operation>(
                service, METHODID_IMPORT_COLLECTION)))
        .build();
  }

  private static abstract class CollectionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CollectionServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.CollectionServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CollectionService");
    }
  }

  private static final class CollectionServiceFileDescriptorSupplier
      extends CollectionServiceBaseDescriptorSupplier {
    CollectionServiceFileDescriptorSupplier() {}
  }

  private static final class CollectionServiceMethodDescriptorSupplier
      extends CollectionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CollectionServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CollectionServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CollectionServiceFileDescriptorSupplier())
              .addMethod(getCreateCollectionMethod())
              .addMethod(getGetCollectionMethod())
              .addMethod(getListCollectionsMethod())
              .addMethod(getUpdateCollectionMethod())
              .addMethod(getDeleteCollectionMethod())
              .addMethod(getGetCollectionStatisticsMethod())
              .addMethod(getExportCollectionMethod())
              .addMethod(getImportCollectionMethod())
              .build();
        }
      }
    }
    return result;
  }
}
