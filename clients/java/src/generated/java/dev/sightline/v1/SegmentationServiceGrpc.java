package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Cuts images into regions, and keeps, reads and deletes these.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SegmentationServiceGrpc {

  private SegmentationServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.SegmentationService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.SegmentImageRequest,
      dev.sightline.v1.SegmentImageResponse> getSegmentImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SegmentImage",
      requestType = dev.sightline.v1.SegmentImageRequest.class,
      responseType = dev.sightline.v1.SegmentImageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.SegmentImageRequest,
      dev.sightline.v1.SegmentImageResponse> getSegmentImageMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.SegmentImageRequest, dev.sightline.v1.SegmentImageResponse> getSegmentImageMethod;
    if ((getSegmentImageMethod = SegmentationServiceGrpc.getSegmentImageMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getSegmentImageMethod = SegmentationServiceGrpc.getSegmentImageMethod) == null) {
          SegmentationServiceGrpc.getSegmentImageMethod = getSegmentImageMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.SegmentImageRequest, dev.sightline.v1.SegmentImageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SegmentImage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.SegmentImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.SegmentImageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("SegmentImage"))
              .build();
        }
      }
    }
    return getSegmentImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.SegmentContentRequest,
      dev.sightline.v1.SegmentImageResponse> getSegmentContentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SegmentContent",
      requestType = dev.sightline.v1.SegmentContentRequest.class,
      responseType = dev.sightline.v1.SegmentImageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.SegmentContentRequest,
      dev.sightline.v1.SegmentImageResponse> getSegmentContentMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.SegmentContentRequest, dev.sightline.v1.SegmentImageResponse> getSegmentContentMethod;
    if ((getSegmentContentMethod = SegmentationServiceGrpc.getSegmentContentMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getSegmentContentMethod = SegmentationServiceGrpc.getSegmentContentMethod) == null) {
          SegmentationServiceGrpc.getSegmentContentMethod = getSegmentContentMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.SegmentContentRequest, dev.sightline.v1.SegmentImageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SegmentContent"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.SegmentContentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.SegmentImageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("SegmentContent"))
              .build();
        }
      }
    }
    return getSegmentContentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ListRegionsRequest,
      dev.sightline.v1.ListRegionsResponse> getListRegionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRegions",
      requestType = dev.sightline.v1.ListRegionsRequest.class,
      responseType = dev.sightline.v1.ListRegionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ListRegionsRequest,
      dev.sightline.v1.ListRegionsResponse> getListRegionsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ListRegionsRequest, dev.sightline.v1.ListRegionsResponse> getListRegionsMethod;
    if ((getListRegionsMethod = SegmentationServiceGrpc.getListRegionsMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getListRegionsMethod = SegmentationServiceGrpc.getListRegionsMethod) == null) {
          SegmentationServiceGrpc.getListRegionsMethod = getListRegionsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ListRegionsRequest, dev.sightline.v1.ListRegionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRegions"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListRegionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListRegionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("ListRegions"))
              .build();
        }
      }
    }
    return getListRegionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetRegionRequest,
      dev.sightline.v1.Region> getGetRegionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRegion",
      requestType = dev.sightline.v1.GetRegionRequest.class,
      responseType = dev.sightline.v1.Region.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetRegionRequest,
      dev.sightline.v1.Region> getGetRegionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetRegionRequest, dev.sightline.v1.Region> getGetRegionMethod;
    if ((getGetRegionMethod = SegmentationServiceGrpc.getGetRegionMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getGetRegionMethod = SegmentationServiceGrpc.getGetRegionMethod) == null) {
          SegmentationServiceGrpc.getGetRegionMethod = getGetRegionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetRegionRequest, dev.sightline.v1.Region>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRegion"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetRegionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Region.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("GetRegion"))
              .build();
        }
      }
    }
    return getGetRegionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.CreateRegionRequest,
      dev.sightline.v1.Region> getCreateRegionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRegion",
      requestType = dev.sightline.v1.CreateRegionRequest.class,
      responseType = dev.sightline.v1.Region.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.CreateRegionRequest,
      dev.sightline.v1.Region> getCreateRegionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.CreateRegionRequest, dev.sightline.v1.Region> getCreateRegionMethod;
    if ((getCreateRegionMethod = SegmentationServiceGrpc.getCreateRegionMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getCreateRegionMethod = SegmentationServiceGrpc.getCreateRegionMethod) == null) {
          SegmentationServiceGrpc.getCreateRegionMethod = getCreateRegionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.CreateRegionRequest, dev.sightline.v1.Region>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRegion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CreateRegionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Region.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("CreateRegion"))
              .build();
        }
      }
    }
    return getCreateRegionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.DeleteRegionRequest,
      com.google.protobuf.Empty> getDeleteRegionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRegion",
      requestType = dev.sightline.v1.DeleteRegionRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.DeleteRegionRequest,
      com.google.protobuf.Empty> getDeleteRegionMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.DeleteRegionRequest, com.google.protobuf.Empty> getDeleteRegionMethod;
    if ((getDeleteRegionMethod = SegmentationServiceGrpc.getDeleteRegionMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getDeleteRegionMethod = SegmentationServiceGrpc.getDeleteRegionMethod) == null) {
          SegmentationServiceGrpc.getDeleteRegionMethod = getDeleteRegionMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.DeleteRegionRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRegion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.DeleteRegionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("DeleteRegion"))
              .build();
        }
      }
    }
    return getDeleteRegionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetRegionContentRequest,
      com.google.api.HttpBody> getGetRegionContentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRegionContent",
      requestType = dev.sightline.v1.GetRegionContentRequest.class,
      responseType = com.google.api.HttpBody.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetRegionContentRequest,
      com.google.api.HttpBody> getGetRegionContentMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetRegionContentRequest, com.google.api.HttpBody> getGetRegionContentMethod;
    if ((getGetRegionContentMethod = SegmentationServiceGrpc.getGetRegionContentMethod) == null) {
      synchronized (SegmentationServiceGrpc.class) {
        if ((getGetRegionContentMethod = SegmentationServiceGrpc.getGetRegionContentMethod) == null) {
          SegmentationServiceGrpc.getGetRegionContentMethod = getGetRegionContentMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetRegionContentRequest, com.google.api.HttpBody>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRegionContent"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetRegionContentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.api.HttpBody.getDefaultInstance()))
              .setSchemaDescriptor(new SegmentationServiceMethodDescriptorSupplier("GetRegionContent"))
              .build();
        }
      }
    }
    return getGetRegionContentMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SegmentationServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceStub>() {
        @java.lang.Override
        public SegmentationServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SegmentationServiceStub(channel, callOptions);
        }
      };
    return SegmentationServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SegmentationServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceBlockingV2Stub>() {
        @java.lang.Override
        public SegmentationServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SegmentationServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SegmentationServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SegmentationServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceBlockingStub>() {
        @java.lang.Override
        public SegmentationServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SegmentationServiceBlockingStub(channel, callOptions);
        }
      };
    return SegmentationServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SegmentationServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SegmentationServiceFutureStub>() {
        @java.lang.Override
        public SegmentationServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SegmentationServiceFutureStub(channel, callOptions);
        }
      };
    return SegmentationServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Cuts images into regions, and keeps, reads and deletes these.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Segments a stored image: everything in it, or what lies under points or in boxes.
     * A second prompt on the same image is answered without encoding it again.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a point or box outside the picture; FAILED_PRECONDITION when the
     * collection has no segmenter; UNAVAILABLE when the models do not answer; UNIMPLEMENTED for `text`.
     * </pre>
     */
    default void segmentImage(dev.sightline.v1.SegmentImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.SegmentImageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSegmentImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Segments a picture that is not stored, with a collection's segmenter.
     * Errors: those of `SegmentImage`; INVALID_ARGUMENT for bytes that are no picture.
     * </pre>
     */
    default void segmentContent(dev.sightline.v1.SegmentContentRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.SegmentImageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSegmentContentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the regions of an image, the largest first.
     * Errors: NOT_FOUND for the image.
     * </pre>
     */
    default void listRegions(dev.sightline.v1.ListRegionsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListRegionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRegionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a region.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void getRegion(dev.sightline.v1.GetRegionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Region> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRegionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Keeps a region that the caller drew, embeds it and makes it searchable.
     * Errors: NOT_FOUND for the image; ALREADY_EXISTS; INVALID_ARGUMENT for a box outside the picture or a mask
     * of another size; UNAVAILABLE when the models or the index do not answer.
     * </pre>
     */
    default void createRegion(dev.sightline.v1.CreateRegionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Region> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRegionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a region and its vector.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void deleteRegion(dev.sightline.v1.DeleteRegionRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRegionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a region as a picture: its box, its pixels alone, or its mask.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void getRegionContent(dev.sightline.v1.GetRegionContentRequest request,
        io.grpc.stub.StreamObserver<com.google.api.HttpBody> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRegionContentMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SegmentationService.
   * <pre>
   * Cuts images into regions, and keeps, reads and deletes these.
   * </pre>
   */
  public static abstract class SegmentationServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SegmentationServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SegmentationService.
   * <pre>
   * Cuts images into regions, and keeps, reads and deletes these.
   * </pre>
   */
  public static final class SegmentationServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SegmentationServiceStub> {
    private SegmentationServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SegmentationServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SegmentationServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Segments a stored image: everything in it, or what lies under points or in boxes.
     * A second prompt on the same image is answered without encoding it again.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a point or box outside the picture; FAILED_PRECONDITION when the
     * collection has no segmenter; UNAVAILABLE when the models do not answer; UNIMPLEMENTED for `text`.
     * </pre>
     */
    public void segmentImage(dev.sightline.v1.SegmentImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.SegmentImageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSegmentImageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Segments a picture that is not stored, with a collection's segmenter.
     * Errors: those of `SegmentImage`; INVALID_ARGUMENT for bytes that are no picture.
     * </pre>
     */
    public void segmentContent(dev.sightline.v1.SegmentContentRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.SegmentImageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSegmentContentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the regions of an image, the largest first.
     * Errors: NOT_FOUND for the image.
     * </pre>
     */
    public void listRegions(dev.sightline.v1.ListRegionsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListRegionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRegionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a region.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void getRegion(dev.sightline.v1.GetRegionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Region> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRegionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Keeps a region that the caller drew, embeds it and makes it searchable.
     * Errors: NOT_FOUND for the image; ALREADY_EXISTS; INVALID_ARGUMENT for a box outside the picture or a mask
     * of another size; UNAVAILABLE when the models or the index do not answer.
     * </pre>
     */
    public void createRegion(dev.sightline.v1.CreateRegionRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Region> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRegionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a region and its vector.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void deleteRegion(dev.sightline.v1.DeleteRegionRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRegionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a region as a picture: its box, its pixels alone, or its mask.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void getRegionContent(dev.sightline.v1.GetRegionContentRequest request,
        io.grpc.stub.StreamObserver<com.google.api.HttpBody> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRegionContentMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SegmentationService.
   * <pre>
   * Cuts images into regions, and keeps, reads and deletes these.
   * </pre>
   */
  public static final class SegmentationServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SegmentationServiceBlockingV2Stub> {
    private SegmentationServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SegmentationServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SegmentationServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Segments a stored image: everything in it, or what lies under points or in boxes.
     * A second prompt on the same image is answered without encoding it again.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a point or box outside the picture; FAILED_PRECONDITION when the
     * collection has no segmenter; UNAVAILABLE when the models do not answer; UNIMPLEMENTED for `text`.
     * </pre>
     */
    public dev.sightline.v1.SegmentImageResponse segmentImage(dev.sightline.v1.SegmentImageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSegmentImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Segments a picture that is not stored, with a collection's segmenter.
     * Errors: those of `SegmentImage`; INVALID_ARGUMENT for bytes that are no picture.
     * </pre>
     */
    public dev.sightline.v1.SegmentImageResponse segmentContent(dev.sightline.v1.SegmentContentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSegmentContentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the regions of an image, the largest first.
     * Errors: NOT_FOUND for the image.
     * </pre>
     */
    public dev.sightline.v1.ListRegionsResponse listRegions(dev.sightline.v1.ListRegionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRegionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a region.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Region getRegion(dev.sightline.v1.GetRegionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRegionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Keeps a region that the caller drew, embeds it and makes it searchable.
     * Errors: NOT_FOUND for the image; ALREADY_EXISTS; INVALID_ARGUMENT for a box outside the picture or a mask
     * of another size; UNAVAILABLE when the models or the index do not answer.
     * </pre>
     */
    public dev.sightline.v1.Region createRegion(dev.sightline.v1.CreateRegionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRegionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a region and its vector.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.protobuf.Empty deleteRegion(dev.sightline.v1.DeleteRegionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRegionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a region as a picture: its box, its pixels alone, or its mask.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.api.HttpBody getRegionContent(dev.sightline.v1.GetRegionContentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRegionContentMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SegmentationService.
   * <pre>
   * Cuts images into regions, and keeps, reads and deletes these.
   * </pre>
   */
  public static final class SegmentationServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SegmentationServiceBlockingStub> {
    private SegmentationServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SegmentationServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SegmentationServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Segments a stored image: everything in it, or what lies under points or in boxes.
     * A second prompt on the same image is answered without encoding it again.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a point or box outside the picture; FAILED_PRECONDITION when the
     * collection has no segmenter; UNAVAILABLE when the models do not answer; UNIMPLEMENTED for `text`.
     * </pre>
     */
    public dev.sightline.v1.SegmentImageResponse segmentImage(dev.sightline.v1.SegmentImageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSegmentImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Segments a picture that is not stored, with a collection's segmenter.
     * Errors: those of `SegmentImage`; INVALID_ARGUMENT for bytes that are no picture.
     * </pre>
     */
    public dev.sightline.v1.SegmentImageResponse segmentContent(dev.sightline.v1.SegmentContentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSegmentContentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the regions of an image, the largest first.
     * Errors: NOT_FOUND for the image.
     * </pre>
     */
    public dev.sightline.v1.ListRegionsResponse listRegions(dev.sightline.v1.ListRegionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRegionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a region.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Region getRegion(dev.sightline.v1.GetRegionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRegionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Keeps a region that the caller drew, embeds it and makes it searchable.
     * Errors: NOT_FOUND for the image; ALREADY_EXISTS; INVALID_ARGUMENT for a box outside the picture or a mask
     * of another size; UNAVAILABLE when the models or the index do not answer.
     * </pre>
     */
    public dev.sightline.v1.Region createRegion(dev.sightline.v1.CreateRegionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRegionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a region and its vector.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.protobuf.Empty deleteRegion(dev.sightline.v1.DeleteRegionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRegionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a region as a picture: its box, its pixels alone, or its mask.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.api.HttpBody getRegionContent(dev.sightline.v1.GetRegionContentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRegionContentMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SegmentationService.
   * <pre>
   * Cuts images into regions, and keeps, reads and deletes these.
   * </pre>
   */
  public static final class SegmentationServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SegmentationServiceFutureStub> {
    private SegmentationServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SegmentationServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SegmentationServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Segments a stored image: everything in it, or what lies under points or in boxes.
     * A second prompt on the same image is answered without encoding it again.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a point or box outside the picture; FAILED_PRECONDITION when the
     * collection has no segmenter; UNAVAILABLE when the models do not answer; UNIMPLEMENTED for `text`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.SegmentImageResponse> segmentImage(
        dev.sightline.v1.SegmentImageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSegmentImageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Segments a picture that is not stored, with a collection's segmenter.
     * Errors: those of `SegmentImage`; INVALID_ARGUMENT for bytes that are no picture.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.SegmentImageResponse> segmentContent(
        dev.sightline.v1.SegmentContentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSegmentContentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the regions of an image, the largest first.
     * Errors: NOT_FOUND for the image.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ListRegionsResponse> listRegions(
        dev.sightline.v1.ListRegionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRegionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a region.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Region> getRegion(
        dev.sightline.v1.GetRegionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRegionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Keeps a region that the caller drew, embeds it and makes it searchable.
     * Errors: NOT_FOUND for the image; ALREADY_EXISTS; INVALID_ARGUMENT for a box outside the picture or a mask
     * of another size; UNAVAILABLE when the models or the index do not answer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Region> createRegion(
        dev.sightline.v1.CreateRegionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRegionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a region and its vector.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteRegion(
        dev.sightline.v1.DeleteRegionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRegionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a region as a picture: its box, its pixels alone, or its mask.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.api.HttpBody> getRegionContent(
        dev.sightline.v1.GetRegionContentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRegionContentMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_SEGMENT_IMAGE = 0;
  private static final int METHODID_SEGMENT_CONTENT = 1;
  private static final int METHODID_LIST_REGIONS = 2;
  private static final int METHODID_GET_REGION = 3;
  private static final int METHODID_CREATE_REGION = 4;
  private static final int METHODID_DELETE_REGION = 5;
  private static final int METHODID_GET_REGION_CONTENT = 6;

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
        case METHODID_SEGMENT_IMAGE:
          serviceImpl.segmentImage((dev.sightline.v1.SegmentImageRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.SegmentImageResponse>) responseObserver);
          break;
        case METHODID_SEGMENT_CONTENT:
          serviceImpl.segmentContent((dev.sightline.v1.SegmentContentRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.SegmentImageResponse>) responseObserver);
          break;
        case METHODID_LIST_REGIONS:
          serviceImpl.listRegions((dev.sightline.v1.ListRegionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ListRegionsResponse>) responseObserver);
          break;
        case METHODID_GET_REGION:
          serviceImpl.getRegion((dev.sightline.v1.GetRegionRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Region>) responseObserver);
          break;
        case METHODID_CREATE_REGION:
          serviceImpl.createRegion((dev.sightline.v1.CreateRegionRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Region>) responseObserver);
          break;
        case METHODID_DELETE_REGION:
          serviceImpl.deleteRegion((dev.sightline.v1.DeleteRegionRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        case METHODID_GET_REGION_CONTENT:
          serviceImpl.getRegionContent((dev.sightline.v1.GetRegionContentRequest) request,
              (io.grpc.stub.StreamObserver<com.google.api.HttpBody>) responseObserver);
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
          getSegmentImageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.SegmentImageRequest,
              dev.sightline.v1.SegmentImageResponse>(
                service, METHODID_SEGMENT_IMAGE)))
        .addMethod(
          getSegmentContentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.SegmentContentRequest,
              dev.sightline.v1.SegmentImageResponse>(
                service, METHODID_SEGMENT_CONTENT)))
        .addMethod(
          getListRegionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ListRegionsRequest,
              dev.sightline.v1.ListRegionsResponse>(
                service, METHODID_LIST_REGIONS)))
        .addMethod(
          getGetRegionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetRegionRequest,
              dev.sightline.v1.Region>(
                service, METHODID_GET_REGION)))
        .addMethod(
          getCreateRegionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.CreateRegionRequest,
              dev.sightline.v1.Region>(
                service, METHODID_CREATE_REGION)))
        .addMethod(
          getDeleteRegionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.DeleteRegionRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_REGION)))
        .addMethod(
          getGetRegionContentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetRegionContentRequest,
              com.google.api.HttpBody>(
                service, METHODID_GET_REGION_CONTENT)))
        .build();
  }

  private static abstract class SegmentationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SegmentationServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.SegmentationServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SegmentationService");
    }
  }

  private static final class SegmentationServiceFileDescriptorSupplier
      extends SegmentationServiceBaseDescriptorSupplier {
    SegmentationServiceFileDescriptorSupplier() {}
  }

  private static final class SegmentationServiceMethodDescriptorSupplier
      extends SegmentationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SegmentationServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SegmentationServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SegmentationServiceFileDescriptorSupplier())
              .addMethod(getSegmentImageMethod())
              .addMethod(getSegmentContentMethod())
              .addMethod(getListRegionsMethod())
              .addMethod(getGetRegionMethod())
              .addMethod(getCreateRegionMethod())
              .addMethod(getDeleteRegionMethod())
              .addMethod(getGetRegionContentMethod())
              .build();
        }
      }
    }
    return result;
  }
}
