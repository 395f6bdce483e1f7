package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Puts images into collections, reads, changes and deletes them.
 * An image that was answered survives the loss of any process at any instant, and is found by the next
 * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ImageServiceGrpc {

  private ImageServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.ImageService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.CreateImageRequest,
      dev.sightline.v1.Image> getCreateImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateImage",
      requestType = dev.sightline.v1.CreateImageRequest.class,
      responseType = dev.sightline.v1.Image.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.CreateImageRequest,
      dev.sightline.v1.Image> getCreateImageMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.CreateImageRequest, dev.sightline.v1.Image> getCreateImageMethod;
    if ((getCreateImageMethod = ImageServiceGrpc.getCreateImageMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getCreateImageMethod = ImageServiceGrpc.getCreateImageMethod) == null) {
          ImageServiceGrpc.getCreateImageMethod = getCreateImageMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.CreateImageRequest, dev.sightline.v1.Image>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateImage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CreateImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Image.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("CreateImage"))
              .build();
        }
      }
    }
    return getCreateImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.UploadImageRequest,
      dev.sightline.v1.Image> getUploadImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UploadImage",
      requestType = dev.sightline.v1.UploadImageRequest.class,
      responseType = dev.sightline.v1.Image.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.UploadImageRequest,
      dev.sightline.v1.Image> getUploadImageMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.UploadImageRequest, dev.sightline.v1.Image> getUploadImageMethod;
    if ((getUploadImageMethod = ImageServiceGrpc.getUploadImageMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getUploadImageMethod = ImageServiceGrpc.getUploadImageMethod) == null) {
          ImageServiceGrpc.getUploadImageMethod = getUploadImageMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.UploadImageRequest, dev.sightline.v1.Image>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UploadImage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.UploadImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Image.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("UploadImage"))
              .build();
        }
      }
    }
    return getUploadImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.BulkCreateImagesRequest,
      dev.sightline.v1.BulkCreateImagesResponse> getBulkCreateImagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BulkCreateImages",
      requestType = dev.sightline.v1.BulkCreateImagesRequest.class,
      responseType = dev.sightline.v1.BulkCreateImagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.BulkCreateImagesRequest,
      dev.sightline.v1.BulkCreateImagesResponse> getBulkCreateImagesMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.BulkCreateImagesRequest, dev.sightline.v1.BulkCreateImagesResponse> getBulkCreateImagesMethod;
    if ((getBulkCreateImagesMethod = ImageServiceGrpc.getBulkCreateImagesMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getBulkCreateImagesMethod = ImageServiceGrpc.getBulkCreateImagesMethod) == null) {
          ImageServiceGrpc.getBulkCreateImagesMethod = getBulkCreateImagesMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.BulkCreateImagesRequest, dev.sightline.v1.BulkCreateImagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BulkCreateImages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.BulkCreateImagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.BulkCreateImagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("BulkCreateImages"))
              .build();
        }
      }
    }
    return getBulkCreateImagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetImageRequest,
      dev.sightline.v1.Image> getGetImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetImage",
      requestType = dev.sightline.v1.GetImageRequest.class,
      responseType = dev.sightline.v1.Image.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetImageRequest,
      dev.sightline.v1.Image> getGetImageMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetImageRequest, dev.sightline.v1.Image> getGetImageMethod;
    if ((getGetImageMethod = ImageServiceGrpc.getGetImageMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getGetImageMethod = ImageServiceGrpc.getGetImageMethod) == null) {
          ImageServiceGrpc.getGetImageMethod = getGetImageMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetImageRequest, dev.sightline.v1.Image>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetImage"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Image.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("GetImage"))
              .build();
        }
      }
    }
    return getGetImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ListImagesRequest,
      dev.sightline.v1.ListImagesResponse> getListImagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListImages",
      requestType = dev.sightline.v1.ListImagesRequest.class,
      responseType = dev.sightline.v1.ListImagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ListImagesRequest,
      dev.sightline.v1.ListImagesResponse> getListImagesMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ListImagesRequest, dev.sightline.v1.ListImagesResponse> getListImagesMethod;
    if ((getListImagesMethod = ImageServiceGrpc.getListImagesMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getListImagesMethod = ImageServiceGrpc.getListImagesMethod) == null) {
          ImageServiceGrpc.getListImagesMethod = getListImagesMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ListImagesRequest, dev.sightline.v1.ListImagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListImages"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListImagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListImagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("ListImages"))
              .build();
        }
      }
    }
    return getListImagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.UpdateImageRequest,
      dev.sightline.v1.Image> getUpdateImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateImage",
      requestType = dev.sightline.v1.UpdateImageRequest.class,
      responseType = dev.sightline.v1.Image.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.UpdateImageRequest,
      dev.sightline.v1.Image> getUpdateImageMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.UpdateImageRequest, dev.sightline.v1.Image> getUpdateImageMethod;
    if ((getUpdateImageMethod = ImageServiceGrpc.getUpdateImageMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getUpdateImageMethod = ImageServiceGrpc.getUpdateImageMethod) == null) {
          ImageServiceGrpc.getUpdateImageMethod = getUpdateImageMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.UpdateImageRequest, dev.sightline.v1.Image>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateImage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.UpdateImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Image.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("UpdateImage"))
              .build();
        }
      }
    }
    return getUpdateImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.DeleteImageRequest,
      com.google.protobuf.Empty> getDeleteImageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteImage",
      requestType = dev.sightline.v1.DeleteImageRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.DeleteImageRequest,
      com.google.protobuf.Empty> getDeleteImageMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.DeleteImageRequest, com.google.protobuf.Empty> getDeleteImageMethod;
    if ((getDeleteImageMethod = ImageServiceGrpc.getDeleteImageMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getDeleteImageMethod = ImageServiceGrpc.getDeleteImageMethod) == null) {
          ImageServiceGrpc.getDeleteImageMethod = getDeleteImageMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.DeleteImageRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteImage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.DeleteImageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("DeleteImage"))
              .build();
        }
      }
    }
    return getDeleteImageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetImageContentRequest,
      com.google.api.HttpBody> getGetImageContentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetImageContent",
      requestType = dev.sightline.v1.GetImageContentRequest.class,
      responseType = com.google.api.HttpBody.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetImageContentRequest,
      com.google.api.HttpBody> getGetImageContentMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetImageContentRequest, com.google.api.HttpBody> getGetImageContentMethod;
    if ((getGetImageContentMethod = ImageServiceGrpc.getGetImageContentMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getGetImageContentMethod = ImageServiceGrpc.getGetImageContentMethod) == null) {
          ImageServiceGrpc.getGetImageContentMethod = getGetImageContentMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetImageContentRequest, com.google.api.HttpBody>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetImageContent"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetImageContentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.api.HttpBody.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("GetImageContent"))
              .build();
        }
      }
    }
    return getGetImageContentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GenerateImageUriRequest,
      dev.sightline.v1.GenerateImageUriResponse> getGenerateImageUriMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GenerateImageUri",
      requestType = dev.sightline.v1.GenerateImageUriRequest.class,
      responseType = dev.sightline.v1.GenerateImageUriResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GenerateImageUriRequest,
      dev.sightline.v1.GenerateImageUriResponse> getGenerateImageUriMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GenerateImageUriRequest, dev.sightline.v1.GenerateImageUriResponse> getGenerateImageUriMethod;
    if ((getGenerateImageUriMethod = ImageServiceGrpc.getGenerateImageUriMethod) == null) {
      synchronized (ImageServiceGrpc.class) {
        if ((getGenerateImageUriMethod = ImageServiceGrpc.getGenerateImageUriMethod) == null) {
          ImageServiceGrpc.getGenerateImageUriMethod = getGenerateImageUriMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GenerateImageUriRequest, dev.sightline.v1.GenerateImageUriResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GenerateImageUri"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GenerateImageUriRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GenerateImageUriResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ImageServiceMethodDescriptorSupplier("GenerateImageUri"))
              .build();
        }
      }
    }
    return getGenerateImageUriMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ImageServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImageServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImageServiceStub>() {
        @java.lang.Override
        public ImageServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImageServiceStub(channel, callOptions);
        }
      };
    return ImageServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ImageServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImageServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImageServiceBlockingV2Stub>() {
        @java.lang.Override
        public ImageServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImageServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ImageServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ImageServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImageServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImageServiceBlockingStub>() {
        @java.lang.Override
        public ImageServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImageServiceBlockingStub(channel, callOptions);
        }
      };
    return ImageServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ImageServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImageServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImageServiceFutureStub>() {
        @java.lang.Override
        public ImageServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImageServiceFutureStub(channel, callOptions);
        }
      };
    return ImageServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Puts images into collections, reads, changes and deletes them.
   * An image that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Stores an image, segments it as its collection says, embeds it and its regions, and indexes them.
     * Errors: INVALID_ARGUMENT for bytes that are no picture, or one above the limits (32 MiB, 100 megapixels);
     * NOT_FOUND for the collection; ALREADY_EXISTS for the image's id; UNAVAILABLE when the models or the index
     * do not answer; RESOURCE_EXHAUSTED when too many are under way. For `source_uri` also: INVALID_ARGUMENT for a
     * URL that must not be fetched, brings no picture or is not there; UNAVAILABLE for a host that is too slow or
     * fails, RESOURCE_EXHAUSTED for one that wants fewer requests, both with when to try again.
     * </pre>
     */
    default void createImage(dev.sightline.v1.CreateImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * As `CreateImage`, the bytes in chunks: `start`, any number of `chunk`, then `finish`.
     * Over HTTP the file is the body, or the part `file` of a form, and is passed on as it comes.
     * Errors: those of `CreateImage`; INVALID_ARGUMENT for parts out of order; DATA_LOSS when the checksum
     * differs.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.sightline.v1.UploadImageRequest> uploadImage(
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getUploadImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * As `CreateImage` for many images, each answered by itself as soon as it is done, in any order.
     * An item that fails is answered with its error, and the others go on. Errors of the stream itself:
     * those of a connection only.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<dev.sightline.v1.BulkCreateImagesRequest> bulkCreateImages(
        io.grpc.stub.StreamObserver<dev.sightline.v1.BulkCreateImagesResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getBulkCreateImagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets an image.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void getImage(dev.sightline.v1.GetImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the images of a collection.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter, an order or a page token that makes
     * no sense.
     * </pre>
     */
    default void listImages(dev.sightline.v1.ListImagesRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListImagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListImagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of an image that the mask names. Searches see the change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    default void updateImage(dev.sightline.v1.UpdateImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes an image, its regions, its vectors and its file.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    default void deleteImage(dev.sightline.v1.DeleteImageRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteImageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets an image's file as it was stored, or a smaller or cropped upright picture of it.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a crop that lies outside the picture.
     * </pre>
     */
    default void getImageContent(dev.sightline.v1.GetImageContentRequest request,
        io.grpc.stub.StreamObserver<com.google.api.HttpBody> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetImageContentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a URL of the bucket from which anybody can fetch an image's file, until it expires.
     * The file then comes from the bucket itself, as it was stored. An image that is deleted takes its URLs with
     * it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION where the server keeps pictures in a directory, to which no URL
     * leads: `GetImageContent` then.
     * </pre>
     */
    default void generateImageUri(dev.sightline.v1.GenerateImageUriRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.GenerateImageUriResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGenerateImageUriMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ImageService.
   * <pre>
   * Puts images into collections, reads, changes and deletes them.
   * An image that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static abstract class ImageServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ImageServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ImageService.
   * <pre>
   * Puts images into collections, reads, changes and deletes them.
   * An image that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class ImageServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ImageServiceStub> {
    private ImageServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImageServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImageServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an image, segments it as its collection says, embeds it and its regions, and indexes them.
     * Errors: INVALID_ARGUMENT for bytes that are no picture, or one above the limits (32 MiB, 100 megapixels);
     * NOT_FOUND for the collection; ALREADY_EXISTS for the image's id; UNAVAILABLE when the models or the index
     * do not answer; RESOURCE_EXHAUSTED when too many are under way. For `source_uri` also: INVALID_ARGUMENT for a
     * URL that must not be fetched, brings no picture or is not there; UNAVAILABLE for a host that is too slow or
     * fails, RESOURCE_EXHAUSTED for one that wants fewer requests, both with when to try again.
     * </pre>
     */
    public void createImage(dev.sightline.v1.CreateImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateImageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * As `CreateImage`, the bytes in chunks: `start`, any number of `chunk`, then `finish`.
     * Over HTTP the file is the body, or the part `file` of a form, and is passed on as it comes.
     * Errors: those of `CreateImage`; INVALID_ARGUMENT for parts out of order; DATA_LOSS when the checksum
     * differs.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.sightline.v1.UploadImageRequest> uploadImage(
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getUploadImageMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * As `CreateImage` for many images, each answered by itself as soon as it is done, in any order.
     * An item that fails is answered with its error, and the others go on. Errors of the stream itself:
     * those of a connection only.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<dev.sightline.v1.BulkCreateImagesRequest> bulkCreateImages(
        io.grpc.stub.StreamObserver<dev.sightline.v1.BulkCreateImagesResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getBulkCreateImagesMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Gets an image.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void getImage(dev.sightline.v1.GetImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetImageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the images of a collection.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter, an order or a page token that makes
     * no sense.
     * </pre>
     */
    public void listImages(dev.sightline.v1.ListImagesRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListImagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListImagesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of an image that the mask names. Searches see the change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public void updateImage(dev.sightline.v1.UpdateImageRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Image> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateImageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes an image, its regions, its vectors and its file.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public void deleteImage(dev.sightline.v1.DeleteImageRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteImageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets an image's file as it was stored, or a smaller or cropped upright picture of it.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a crop that lies outside the picture.
     * </pre>
     */
    public void getImageContent(dev.sightline.v1.GetImageContentRequest request,
        io.grpc.stub.StreamObserver<com.google.api.HttpBody> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetImageContentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a URL of the bucket from which anybody can fetch an image's file, until it expires.
     * The file then comes from the bucket itself, as it was stored. An image that is deleted takes its URLs with
     * it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION where the server keeps pictures in a directory, to which no URL
     * leads: `GetImageContent` then.
     * </pre>
     */
    public void generateImageUri(dev.sightline.v1.GenerateImageUriRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.GenerateImageUriResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGenerateImageUriMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ImageService.
   * <pre>
   * Puts images into collections, reads, changes and deletes them.
   * An image that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class ImageServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ImageServiceBlockingV2Stub> {
    private ImageServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImageServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImageServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an image, segments it as its collection says, embeds it and its regions, and indexes them.
     * Errors: INVALID_ARGUMENT for bytes that are no picture, or one above the limits (32 MiB, 100 megapixels);
     * NOT_FOUND for the collection; ALREADY_EXISTS for the image's id; UNAVAILABLE when the models or the index
     * do not answer; RESOURCE_EXHAUSTED when too many are under way. For `source_uri` also: INVALID_ARGUMENT for a
     * URL that must not be fetched, brings no picture or is not there; UNAVAILABLE for a host that is too slow or
     * fails, RESOURCE_EXHAUSTED for one that wants fewer requests, both with when to try again.
     * </pre>
     */
    public dev.sightline.v1.Image createImage(dev.sightline.v1.CreateImageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * As `CreateImage`, the bytes in chunks: `start`, any number of `chunk`, then `finish`.
     * Over HTTP the file is the body, or the part `file` of a form, and is passed on as it comes.
     * Errors: those of `CreateImage`; INVALID_ARGUMENT for parts out of order; DATA_LOSS when the checksum
     * differs.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.sightline.v1.UploadImageRequest, dev.sightline.v1.Image>
        uploadImage() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getUploadImageMethod(), getCallOptions());
    }

    /**
     * <pre>
     * As `CreateImage` for many images, each answered by itself as soon as it is done, in any order.
     * An item that fails is answered with its error, and the others go on. Errors of the stream itself:
     * those of a connection only.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<dev.sightline.v1.BulkCreateImagesRequest, dev.sightline.v1.BulkCreateImagesResponse>
        bulkCreateImages() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getBulkCreateImagesMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Gets an image.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Image getImage(dev.sightline.v1.GetImageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the images of a collection.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter, an order or a page token that makes
     * no sense.
     * </pre>
     */
    public dev.sightline.v1.ListImagesResponse listImages(dev.sightline.v1.ListImagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListImagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of an image that the mask names. Searches see the change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public dev.sightline.v1.Image updateImage(dev.sightline.v1.UpdateImageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an image, its regions, its vectors and its file.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteImage(dev.sightline.v1.DeleteImageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets an image's file as it was stored, or a smaller or cropped upright picture of it.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a crop that lies outside the picture.
     * </pre>
     */
    public com.google.api.HttpBody getImageContent(dev.sightline.v1.GetImageContentRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetImageContentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a URL of the bucket from which anybody can fetch an image's file, until it expires.
     * The file then comes from the bucket itself, as it was stored. An image that is deleted takes its URLs with
     * it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION where the server keeps pictures in a directory, to which no URL
     * leads: `GetImageContent` then.
     * </pre>
     */
    public dev.sightline.v1.GenerateImageUriResponse generateImageUri(dev.sightline.v1.GenerateImageUriRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGenerateImageUriMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ImageService.
   * <pre>
   * Puts images into collections, reads, changes and deletes them.
   * An image that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class ImageServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ImageServiceBlockingStub> {
    private ImageServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImageServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImageServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an image, segments it as its collection says, embeds it and its regions, and indexes them.
     * Errors: INVALID_ARGUMENT for bytes that are no picture, or one above the limits (32 MiB, 100 megapixels);
     * NOT_FOUND for the collection; ALREADY_EXISTS for the image's id; UNAVAILABLE when the models or the index
     * do not answer; RESOURCE_EXHAUSTED when too many are under way. For `source_uri` also: INVALID_ARGUMENT for a
     * URL that must not be fetched, brings no picture or is not there; UNAVAILABLE for a host that is too slow or
     * fails, RESOURCE_EXHAUSTED for one that wants fewer requests, both with when to try again.
     * </pre>
     */
    public dev.sightline.v1.Image createImage(dev.sightline.v1.CreateImageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets an image.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Image getImage(dev.sightline.v1.GetImageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the images of a collection.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter, an order or a page token that makes
     * no sense.
     * </pre>
     */
    public dev.sightline.v1.ListImagesResponse listImages(dev.sightline.v1.ListImagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListImagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of an image that the mask names. Searches see the change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public dev.sightline.v1.Image updateImage(dev.sightline.v1.UpdateImageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an image, its regions, its vectors and its file.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteImage(dev.sightline.v1.DeleteImageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteImageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets an image's file as it was stored, or a smaller or cropped upright picture of it.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a crop that lies outside the picture.
     * </pre>
     */
    public com.google.api.HttpBody getImageContent(dev.sightline.v1.GetImageContentRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetImageContentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a URL of the bucket from which anybody can fetch an image's file, until it expires.
     * The file then comes from the bucket itself, as it was stored. An image that is deleted takes its URLs with
     * it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION where the server keeps pictures in a directory, to which no URL
     * leads: `GetImageContent` then.
     * </pre>
     */
    public dev.sightline.v1.GenerateImageUriResponse generateImageUri(dev.sightline.v1.GenerateImageUriRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGenerateImageUriMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ImageService.
   * <pre>
   * Puts images into collections, reads, changes and deletes them.
   * An image that was answered survives the loss of any process at any instant, and is found by the next
   * search. A call that failed left nothing half-visible and may be repeated with the same `request_id`.
   * </pre>
   */
  public static final class ImageServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ImageServiceFutureStub> {
    private ImageServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImageServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImageServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stores an image, segments it as its collection says, embeds it and its regions, and indexes them.
     * Errors: INVALID_ARGUMENT for bytes that are no picture, or one above the limits (32 MiB, 100 megapixels);
     * NOT_FOUND for the collection; ALREADY_EXISTS for the image's id; UNAVAILABLE when the models or the index
     * do not answer; RESOURCE_EXHAUSTED when too many are under way. For `source_uri` also: INVALID_ARGUMENT for a
     * URL that must not be fetched, brings no picture or is not there; UNAVAILABLE for a host that is too slow or
     * fails, RESOURCE_EXHAUSTED for one that wants fewer requests, both with when to try again.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Image> createImage(
        dev.sightline.v1.CreateImageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateImageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets an image.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Image> getImage(
        dev.sightline.v1.GetImageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetImageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the images of a collection.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a filter, an order or a page token that makes
     * no sense.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ListImagesResponse> listImages(
        dev.sightline.v1.ListImagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListImagesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the fields of an image that the mask names. Searches see the change at once.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT for a field that cannot change.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Image> updateImage(
        dev.sightline.v1.UpdateImageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateImageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes an image, its regions, its vectors and its file.
     * Errors: NOT_FOUND, unless `allow_missing`; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteImage(
        dev.sightline.v1.DeleteImageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteImageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets an image's file as it was stored, or a smaller or cropped upright picture of it.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a crop that lies outside the picture.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.api.HttpBody> getImageContent(
        dev.sightline.v1.GetImageContentRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetImageContentMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a URL of the bucket from which anybody can fetch an image's file, until it expires.
     * The file then comes from the bucket itself, as it was stored. An image that is deleted takes its URLs with
     * it.
     * Errors: NOT_FOUND; FAILED_PRECONDITION where the server keeps pictures in a directory, to which no URL
     * leads: `GetImageContent` then.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.GenerateImageUriResponse> generateImageUri(
        dev.sightline.v1.GenerateImageUriRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGenerateImageUriMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_IMAGE = 0;
  private static final int METHODID_GET_IMAGE = 1;
  private static final int METHODID_LIST_IMAGES = 2;
  private static final int METHODID_UPDATE_IMAGE = 3;
  private static final int METHODID_DELETE_IMAGE = 4;
  private static final int METHODID_GET_IMAGE_CONTENT = 5;
  private static final int METHODID_GENERATE_IMAGE_URI = 6;
  private static final int METHODID_UPLOAD_IMAGE = 7;
  private static final int METHODID_BULK_CREATE_IMAGES = 8;

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
        case METHODID_CREATE_IMAGE:
          serviceImpl.createImage((dev.sightline.v1.CreateImageRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Image>) responseObserver);
          break;
        case METHODID_GET_IMAGE:
          serviceImpl.getImage((dev.sightline.v1.GetImageRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Image>) responseObserver);
          break;
        case METHODID_LIST_IMAGES:
          serviceImpl.listImages((dev.sightline.v1.ListImagesRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ListImagesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_IMAGE:
          serviceImpl.updateImage((dev.sightline.v1.UpdateImageRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Image>) responseObserver);
          break;
        case METHODID_DELETE_IMAGE:
          serviceImpl.deleteImage((dev.sightline.v1.DeleteImageRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        case METHODID_GET_IMAGE_CONTENT:
          serviceImpl.getImageContent((dev.sightline.v1.GetImageContentRequest) request,
              (io.grpc.stub.StreamObserver<com.google.api.HttpBody>) responseObserver);
          break;
        case METHODID_GENERATE_IMAGE_URI:
          serviceImpl.generateImageUri((dev.sightline.v1.GenerateImageUriRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.GenerateImageUriResponse>) responseObserver);
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
        case METHODID_UPLOAD_IMAGE:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.uploadImage(
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Image>) responseObserver);
        case METHODID_BULK_CREATE_IMAGES:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.bulkCreateImages(
              (io.grpc.stub.StreamObserver<dev.sightline.v1.BulkCreateImagesResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateImageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.CreateImageRequest,
              dev.sightline.v1.Image>(
                service, METHODID_CREATE_IMAGE)))
        .addMethod(
          getUploadImageMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              dev.sightline.v1.UploadImageRequest,
              dev.sightline.v1.Image>(
                service, METHODID_UPLOAD_IMAGE)))
        .addMethod(
          getBulkCreateImagesMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              dev.sightline.v1.BulkCreateImagesRequest,
              dev.sightline.v1.BulkCreateImagesResponse>(
                service, METHODID_BULK_CREATE_IMAGES)))
        .addMethod(
          getGetImageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetImageRequest,
              dev.sightline.v1.Image>(
                service, METHODID_GET_IMAGE)))
        .addMethod(
          getListImagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ListImagesRequest,
              dev.sightline.v1.ListImagesResponse>(
                service, METHODID_LIST_IMAGES)))
        .addMethod(
          getUpdateImageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.UpdateImageRequest,
              dev.sightline.v1.Image>(
                service, METHODID_UPDATE_IMAGE)))
        .addMethod(
          getDeleteImageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.DeleteImageRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_IMAGE)))
        .addMethod(
          getGetImageContentMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetImageContentRequest,
              com.google.api.HttpBody>(
                service, METHODID_GET_IMAGE_CONTENT)))
        .addMethod(
          getGenerateImageUriMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GenerateImageUriRequest,
              dev.sightline.v1.GenerateImageUriResponse>(
                service, METHODID_GENERATE_IMAGE_URI)))
        .build();
  }

  private static abstract class ImageServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ImageServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.ImageServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ImageService");
    }
  }

  private static final class ImageServiceFileDescriptorSupplier
      extends ImageServiceBaseDescriptorSupplier {
    ImageServiceFileDescriptorSupplier() {}
  }

  private static final class ImageServiceMethodDescriptorSupplier
      extends ImageServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ImageServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ImageServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ImageServiceFileDescriptorSupplier())
              .addMethod(getCreateImageMethod())
              .addMethod(getUploadImageMethod())
              .addMethod(getBulkCreateImagesMethod())
              .addMethod(getGetImageMethod())
              .addMethod(getListImagesMethod())
              .addMethod(getUpdateImageMethod())
              .addMethod(getDeleteImageMethod())
              .addMethod(getGetImageContentMethod())
              .addMethod(getGenerateImageUriMethod())
              .build();
        }
      }
    }
    return result;
  }
}
