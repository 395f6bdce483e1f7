package dev.sightline.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
 * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
 * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
 * process at any instant: in the end each item is imported once, and several servers share the work.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ImportServiceGrpc {

  private ImportServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "sightline.v1.ImportService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ImportImagesRequest,
      com.google.longrunning.Operation> getImportImagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ImportImages",
      requestType = dev.sightline.v1.ImportImagesRequest.class,
      responseType = com.google.longrunning.Operation.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ImportImagesRequest,
      com.google.longrunning.Operation> getImportImagesMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ImportImagesRequest, com.google.longrunning.Operation> getImportImagesMethod;
    if ((getImportImagesMethod = ImportServiceGrpc.getImportImagesMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getImportImagesMethod = ImportServiceGrpc.getImportImagesMethod) == null) {
          ImportServiceGrpc.getImportImagesMethod = getImportImagesMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ImportImagesRequest, com.google.longrunning.Operation>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ImportImages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ImportImagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.longrunning.Operation.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("ImportImages"))
              .build();
        }
      }
    }
    return getImportImagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ListImportItemsRequest,
      dev.sightline.v1.ListImportItemsResponse> getListImportItemsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListImportItems",
      requestType = dev.sightline.v1.ListImportItemsRequest.class,
      responseType = dev.sightline.v1.ListImportItemsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ListImportItemsRequest,
      dev.sightline.v1.ListImportItemsResponse> getListImportItemsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ListImportItemsRequest, dev.sightline.v1.ListImportItemsResponse> getListImportItemsMethod;
    if ((getListImportItemsMethod = ImportServiceGrpc.getListImportItemsMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getListImportItemsMethod = ImportServiceGrpc.getListImportItemsMethod) == null) {
          ImportServiceGrpc.getListImportItemsMethod = getListImportItemsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ListImportItemsRequest, dev.sightline.v1.ListImportItemsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListImportItems"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListImportItemsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListImportItemsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("ListImportItems"))
              .build();
        }
      }
    }
    return getListImportItemsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.RetryImportItemsRequest,
      dev.sightline.v1.RetryImportItemsResponse> getRetryImportItemsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryImportItems",
      requestType = dev.sightline.v1.RetryImportItemsRequest.class,
      responseType = dev.sightline.v1.RetryImportItemsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.RetryImportItemsRequest,
      dev.sightline.v1.RetryImportItemsResponse> getRetryImportItemsMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.RetryImportItemsRequest, dev.sightline.v1.RetryImportItemsResponse> getRetryImportItemsMethod;
    if ((getRetryImportItemsMethod = ImportServiceGrpc.getRetryImportItemsMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getRetryImportItemsMethod = ImportServiceGrpc.getRetryImportItemsMethod) == null) {
          ImportServiceGrpc.getRetryImportItemsMethod = getRetryImportItemsMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.RetryImportItemsRequest, dev.sightline.v1.RetryImportItemsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryImportItems"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.RetryImportItemsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.RetryImportItemsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("RetryImportItems"))
              .build();
        }
      }
    }
    return getRetryImportItemsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.PauseImportRequest,
      dev.sightline.v1.ImportMetadata> getPauseImportMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PauseImport",
      requestType = dev.sightline.v1.PauseImportRequest.class,
      responseType = dev.sightline.v1.ImportMetadata.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.PauseImportRequest,
      dev.sightline.v1.ImportMetadata> getPauseImportMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.PauseImportRequest, dev.sightline.v1.ImportMetadata> getPauseImportMethod;
    if ((getPauseImportMethod = ImportServiceGrpc.getPauseImportMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getPauseImportMethod = ImportServiceGrpc.getPauseImportMethod) == null) {
          ImportServiceGrpc.getPauseImportMethod = getPauseImportMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.PauseImportRequest, dev.sightline.v1.ImportMetadata>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PauseImport"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.PauseImportRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ImportMetadata.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("PauseImport"))
              .build();
        }
      }
    }
    return getPauseImportMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ResumeImportRequest,
      dev.sightline.v1.ImportMetadata> getResumeImportMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResumeImport",
      requestType = dev.sightline.v1.ResumeImportRequest.class,
      responseType = dev.sightline.v1.ImportMetadata.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ResumeImportRequest,
      dev.sightline.v1.ImportMetadata> getResumeImportMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ResumeImportRequest, dev.sightline.v1.ImportMetadata> getResumeImportMethod;
    if ((getResumeImportMethod = ImportServiceGrpc.getResumeImportMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getResumeImportMethod = ImportServiceGrpc.getResumeImportMethod) == null) {
          ImportServiceGrpc.getResumeImportMethod = getResumeImportMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ResumeImportRequest, dev.sightline.v1.ImportMetadata>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResumeImport"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ResumeImportRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ImportMetadata.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("ResumeImport"))
              .build();
        }
      }
    }
    return getResumeImportMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.WatchImportRequest,
      dev.sightline.v1.ImportMetadata> getWatchImportMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchImport",
      requestType = dev.sightline.v1.WatchImportRequest.class,
      responseType = dev.sightline.v1.ImportMetadata.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.WatchImportRequest,
      dev.sightline.v1.ImportMetadata> getWatchImportMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.WatchImportRequest, dev.sightline.v1.ImportMetadata> getWatchImportMethod;
    if ((getWatchImportMethod = ImportServiceGrpc.getWatchImportMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getWatchImportMethod = ImportServiceGrpc.getWatchImportMethod) == null) {
          ImportServiceGrpc.getWatchImportMethod = getWatchImportMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.WatchImportRequest, dev.sightline.v1.ImportMetadata>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchImport"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.WatchImportRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ImportMetadata.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("WatchImport"))
              .build();
        }
      }
    }
    return getWatchImportMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.CreateScheduleRequest,
      dev.sightline.v1.Schedule> getCreateScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSchedule",
      requestType = dev.sightline.v1.CreateScheduleRequest.class,
      responseType = dev.sightline.v1.Schedule.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.CreateScheduleRequest,
      dev.sightline.v1.Schedule> getCreateScheduleMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.CreateScheduleRequest, dev.sightline.v1.Schedule> getCreateScheduleMethod;
    if ((getCreateScheduleMethod = ImportServiceGrpc.getCreateScheduleMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getCreateScheduleMethod = ImportServiceGrpc.getCreateScheduleMethod) == null) {
          ImportServiceGrpc.getCreateScheduleMethod = getCreateScheduleMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.CreateScheduleRequest, dev.sightline.v1.Schedule>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.CreateScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Schedule.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("CreateSchedule"))
              .build();
        }
      }
    }
    return getCreateScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.GetScheduleRequest,
      dev.sightline.v1.Schedule> getGetScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSchedule",
      requestType = dev.sightline.v1.GetScheduleRequest.class,
      responseType = dev.sightline.v1.Schedule.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.GetScheduleRequest,
      dev.sightline.v1.Schedule> getGetScheduleMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.GetScheduleRequest, dev.sightline.v1.Schedule> getGetScheduleMethod;
    if ((getGetScheduleMethod = ImportServiceGrpc.getGetScheduleMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getGetScheduleMethod = ImportServiceGrpc.getGetScheduleMethod) == null) {
          ImportServiceGrpc.getGetScheduleMethod = getGetScheduleMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.GetScheduleRequest, dev.sightline.v1.Schedule>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSchedule"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.GetScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Schedule.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("GetSchedule"))
              .build();
        }
      }
    }
    return getGetScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.ListSchedulesRequest,
      dev.sightline.v1.ListSchedulesResponse> getListSchedulesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSchedules",
      requestType = dev.sightline.v1.ListSchedulesRequest.class,
      responseType = dev.sightline.v1.ListSchedulesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.ListSchedulesRequest,
      dev.sightline.v1.ListSchedulesResponse> getListSchedulesMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.ListSchedulesRequest, dev.sightline.v1.ListSchedulesResponse> getListSchedulesMethod;
    if ((getListSchedulesMethod = ImportServiceGrpc.getListSchedulesMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getListSchedulesMethod = ImportServiceGrpc.getListSchedulesMethod) == null) {
          ImportServiceGrpc.getListSchedulesMethod = getListSchedulesMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.ListSchedulesRequest, dev.sightline.v1.ListSchedulesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSchedules"))
              .setSafe(true)
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListSchedulesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.ListSchedulesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("ListSchedules"))
              .build();
        }
      }
    }
    return getListSchedulesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.UpdateScheduleRequest,
      dev.sightline.v1.Schedule> getUpdateScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSchedule",
      requestType = dev.sightline.v1.UpdateScheduleRequest.class,
      responseType = dev.sightline.v1.Schedule.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.UpdateScheduleRequest,
      dev.sightline.v1.Schedule> getUpdateScheduleMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.UpdateScheduleRequest, dev.sightline.v1.Schedule> getUpdateScheduleMethod;
    if ((getUpdateScheduleMethod = ImportServiceGrpc.getUpdateScheduleMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getUpdateScheduleMethod = ImportServiceGrpc.getUpdateScheduleMethod) == null) {
          ImportServiceGrpc.getUpdateScheduleMethod = getUpdateScheduleMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.UpdateScheduleRequest, dev.sightline.v1.Schedule>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.UpdateScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.Schedule.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("UpdateSchedule"))
              .build();
        }
      }
    }
    return getUpdateScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.DeleteScheduleRequest,
      com.google.protobuf.Empty> getDeleteScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSchedule",
      requestType = dev.sightline.v1.DeleteScheduleRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.DeleteScheduleRequest,
      com.google.protobuf.Empty> getDeleteScheduleMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.DeleteScheduleRequest, com.google.protobuf.Empty> getDeleteScheduleMethod;
    if ((getDeleteScheduleMethod = ImportServiceGrpc.getDeleteScheduleMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getDeleteScheduleMethod = ImportServiceGrpc.getDeleteScheduleMethod) == null) {
          ImportServiceGrpc.getDeleteScheduleMethod = getDeleteScheduleMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.DeleteScheduleRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.DeleteScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("DeleteSchedule"))
              .build();
        }
      }
    }
    return getDeleteScheduleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.sightline.v1.RunScheduleRequest,
      com.google.longrunning.Operation> getRunScheduleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RunSchedule",
      requestType = dev.sightline.v1.RunScheduleRequest.class,
      responseType = com.google.longrunning.Operation.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.sightline.v1.RunScheduleRequest,
      com.google.longrunning.Operation> getRunScheduleMethod() {
    io.grpc.MethodDescriptor<dev.sightline.v1.RunScheduleRequest, com.google.longrunning.Operation> getRunScheduleMethod;
    if ((getRunScheduleMethod = ImportServiceGrpc.getRunScheduleMethod) == null) {
      synchronized (ImportServiceGrpc.class) {
        if ((getRunScheduleMethod = ImportServiceGrpc.getRunScheduleMethod) == null) {
          ImportServiceGrpc.getRunScheduleMethod = getRunScheduleMethod =
              io.grpc.MethodDescriptor.<dev.sightline.v1.RunScheduleRequest, com.google.longrunning.Operation>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RunSchedule"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.sightline.v1.RunScheduleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.longrunning.Operation.getDefaultInstance()))
              .setSchemaDescriptor(new ImportServiceMethodDescriptorSupplier("RunSchedule"))
              .build();
        }
      }
    }
    return getRunScheduleMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ImportServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImportServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImportServiceStub>() {
        @java.lang.Override
        public ImportServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImportServiceStub(channel, callOptions);
        }
      };
    return ImportServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ImportServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImportServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImportServiceBlockingV2Stub>() {
        @java.lang.Override
        public ImportServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImportServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ImportServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ImportServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImportServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImportServiceBlockingStub>() {
        @java.lang.Override
        public ImportServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImportServiceBlockingStub(channel, callOptions);
        }
      };
    return ImportServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ImportServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ImportServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ImportServiceFutureStub>() {
        @java.lang.Override
        public ImportServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ImportServiceFutureStub(channel, callOptions);
        }
      };
    return ImportServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
   * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
   * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
   * process at any instant: in the end each item is imported once, and several servers share the work.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Imports what a source holds.
     * A second import of the same source costs a listing: unchanged items are left out, changed ones take the
     * place of what they had become.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a source that makes no sense;
     * FAILED_PRECONDITION for one that this server must not read.
     * </pre>
     */
    default void importImages(dev.sightline.v1.ImportImagesRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getImportImagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the items of an import, in the order of its source.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    default void listImportItems(dev.sightline.v1.ListImportItemsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListImportItemsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListImportItemsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tries the failed items of an import again. An import that had ended goes on with them.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that was cancelled.
     * </pre>
     */
    default void retryImportItems(dev.sightline.v1.RetryImportItemsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.RetryImportItemsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryImportItemsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Pauses an import: what is under way is dropped, and nothing is begun.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    default void pauseImport(dev.sightline.v1.PauseImportRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPauseImportMethod(), responseObserver);
    }

    /**
     * <pre>
     * Goes on with an import that was paused.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    default void resumeImport(dev.sightline.v1.ResumeImportRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResumeImportMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams an import's progress: at once, whenever it changes, at most twice a second, and a last time when it
     * has ended.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void watchImport(dev.sightline.v1.WatchImportRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchImportMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a schedule.
     * Errors: ALREADY_EXISTS; NOT_FOUND for the collection; INVALID_ARGUMENT for a cron expression, a time zone or
     * a source that makes no sense; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    default void createSchedule(dev.sightline.v1.CreateScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a schedule.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void getSchedule(dev.sightline.v1.GetScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the schedules of a collection by name.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    default void listSchedules(dev.sightline.v1.ListSchedulesRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListSchedulesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSchedulesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of a schedule that the mask names. `paused` pauses and resumes it; one that is resumed
     * runs at its next time.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT as of `CreateSchedule`.
     * </pre>
     */
    default void updateSchedule(dev.sightline.v1.UpdateScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a schedule. Its operations, and what they imported, stay.
     * Errors: NOT_FOUND; ABORTED for a stale etag.
     * </pre>
     */
    default void deleteSchedule(dev.sightline.v1.DeleteScheduleRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteScheduleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Runs a schedule now, paused or not, beside its times. While a run is under way: that run.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    default void runSchedule(dev.sightline.v1.RunScheduleRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRunScheduleMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ImportService.
   * <pre>
   * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
   * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
   * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
   * process at any instant: in the end each item is imported once, and several servers share the work.
   * </pre>
   */
  public static abstract class ImportServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ImportServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ImportService.
   * <pre>
   * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
   * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
   * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
   * process at any instant: in the end each item is imported once, and several servers share the work.
   * </pre>
   */
  public static final class ImportServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ImportServiceStub> {
    private ImportServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImportServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImportServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Imports what a source holds.
     * A second import of the same source costs a listing: unchanged items are left out, changed ones take the
     * place of what they had become.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a source that makes no sense;
     * FAILED_PRECONDITION for one that this server must not read.
     * </pre>
     */
    public void importImages(dev.sightline.v1.ImportImagesRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getImportImagesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the items of an import, in the order of its source.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public void listImportItems(dev.sightline.v1.ListImportItemsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListImportItemsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListImportItemsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tries the failed items of an import again. An import that had ended goes on with them.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that was cancelled.
     * </pre>
     */
    public void retryImportItems(dev.sightline.v1.RetryImportItemsRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.RetryImportItemsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryImportItemsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Pauses an import: what is under way is dropped, and nothing is begun.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public void pauseImport(dev.sightline.v1.PauseImportRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPauseImportMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Goes on with an import that was paused.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public void resumeImport(dev.sightline.v1.ResumeImportRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResumeImportMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams an import's progress: at once, whenever it changes, at most twice a second, and a last time when it
     * has ended.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void watchImport(dev.sightline.v1.WatchImportRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchImportMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a schedule.
     * Errors: ALREADY_EXISTS; NOT_FOUND for the collection; INVALID_ARGUMENT for a cron expression, a time zone or
     * a source that makes no sense; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public void createSchedule(dev.sightline.v1.CreateScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a schedule.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void getSchedule(dev.sightline.v1.GetScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the schedules of a collection by name.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public void listSchedules(dev.sightline.v1.ListSchedulesRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.ListSchedulesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSchedulesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the fields of a schedule that the mask names. `paused` pauses and resumes it; one that is resumed
     * runs at its next time.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT as of `CreateSchedule`.
     * </pre>
     */
    public void updateSchedule(dev.sightline.v1.UpdateScheduleRequest request,
        io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a schedule. Its operations, and what they imported, stay.
     * Errors: NOT_FOUND; ABORTED for a stale etag.
     * </pre>
     */
    public void deleteSchedule(dev.sightline.v1.DeleteScheduleRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteScheduleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Runs a schedule now, paused or not, beside its times. While a run is under way: that run.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public void runSchedule(dev.sightline.v1.RunScheduleRequest request,
        io.grpc.stub.StreamObserver<com.google.longrunning.Operation> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRunScheduleMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ImportService.
   * <pre>
   * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
   * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
   * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
   * process at any instant: in the end each item is imported once, and several servers share the work.
   * </pre>
   */
  public static final class ImportServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ImportServiceBlockingV2Stub> {
    private ImportServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImportServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImportServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Imports what a source holds.
     * A second import of the same source costs a listing: unchanged items are left out, changed ones take the
     * place of what they had become.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a source that makes no sense;
     * FAILED_PRECONDITION for one that this server must not read.
     * </pre>
     */
    public com.google.longrunning.Operation importImages(dev.sightline.v1.ImportImagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getImportImagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the items of an import, in the order of its source.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public dev.sightline.v1.ListImportItemsResponse listImportItems(dev.sightline.v1.ListImportItemsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListImportItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tries the failed items of an import again. An import that had ended goes on with them.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that was cancelled.
     * </pre>
     */
    public dev.sightline.v1.RetryImportItemsResponse retryImportItems(dev.sightline.v1.RetryImportItemsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryImportItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Pauses an import: what is under way is dropped, and nothing is begun.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public dev.sightline.v1.ImportMetadata pauseImport(dev.sightline.v1.PauseImportRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPauseImportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Goes on with an import that was paused.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public dev.sightline.v1.ImportMetadata resumeImport(dev.sightline.v1.ResumeImportRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResumeImportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams an import's progress: at once, whenever it changes, at most twice a second, and a last time when it
     * has ended.
     * Errors: NOT_FOUND.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.sightline.v1.ImportMetadata>
        watchImport(dev.sightline.v1.WatchImportRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchImportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a schedule.
     * Errors: ALREADY_EXISTS; NOT_FOUND for the collection; INVALID_ARGUMENT for a cron expression, a time zone or
     * a source that makes no sense; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public dev.sightline.v1.Schedule createSchedule(dev.sightline.v1.CreateScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a schedule.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Schedule getSchedule(dev.sightline.v1.GetScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the schedules of a collection by name.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public dev.sightline.v1.ListSchedulesResponse listSchedules(dev.sightline.v1.ListSchedulesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSchedulesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of a schedule that the mask names. `paused` pauses and resumes it; one that is resumed
     * runs at its next time.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT as of `CreateSchedule`.
     * </pre>
     */
    public dev.sightline.v1.Schedule updateSchedule(dev.sightline.v1.UpdateScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a schedule. Its operations, and what they imported, stay.
     * Errors: NOT_FOUND; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteSchedule(dev.sightline.v1.DeleteScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Runs a schedule now, paused or not, beside its times. While a run is under way: that run.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public com.google.longrunning.Operation runSchedule(dev.sightline.v1.RunScheduleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRunScheduleMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ImportService.
   * <pre>
   * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
   * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
   * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
   * process at any instant: in the end each item is imported once, and several servers share the work.
   * </pre>
   */
  public static final class ImportServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ImportServiceBlockingStub> {
    private ImportServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImportServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImportServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Imports what a source holds.
     * A second import of the same source costs a listing: unchanged items are left out, changed ones take the
     * place of what they had become.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a source that makes no sense;
     * FAILED_PRECONDITION for one that this server must not read.
     * </pre>
     */
    public com.google.longrunning.Operation importImages(dev.sightline.v1.ImportImagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getImportImagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the items of an import, in the order of its source.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public dev.sightline.v1.ListImportItemsResponse listImportItems(dev.sightline.v1.ListImportItemsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListImportItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tries the failed items of an import again. An import that had ended goes on with them.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that was cancelled.
     * </pre>
     */
    public dev.sightline.v1.RetryImportItemsResponse retryImportItems(dev.sightline.v1.RetryImportItemsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryImportItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Pauses an import: what is under way is dropped, and nothing is begun.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public dev.sightline.v1.ImportMetadata pauseImport(dev.sightline.v1.PauseImportRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPauseImportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Goes on with an import that was paused.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public dev.sightline.v1.ImportMetadata resumeImport(dev.sightline.v1.ResumeImportRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResumeImportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams an import's progress: at once, whenever it changes, at most twice a second, and a last time when it
     * has ended.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public java.util.Iterator<dev.sightline.v1.ImportMetadata> watchImport(
        dev.sightline.v1.WatchImportRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchImportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a schedule.
     * Errors: ALREADY_EXISTS; NOT_FOUND for the collection; INVALID_ARGUMENT for a cron expression, a time zone or
     * a source that makes no sense; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public dev.sightline.v1.Schedule createSchedule(dev.sightline.v1.CreateScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a schedule.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public dev.sightline.v1.Schedule getSchedule(dev.sightline.v1.GetScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the schedules of a collection by name.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public dev.sightline.v1.ListSchedulesResponse listSchedules(dev.sightline.v1.ListSchedulesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSchedulesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the fields of a schedule that the mask names. `paused` pauses and resumes it; one that is resumed
     * runs at its next time.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT as of `CreateSchedule`.
     * </pre>
     */
    public dev.sightline.v1.Schedule updateSchedule(dev.sightline.v1.UpdateScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a schedule. Its operations, and what they imported, stay.
     * Errors: NOT_FOUND; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.protobuf.Empty deleteSchedule(dev.sightline.v1.DeleteScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteScheduleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Runs a schedule now, paused or not, beside its times. While a run is under way: that run.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public com.google.longrunning.Operation runSchedule(dev.sightline.v1.RunScheduleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRunScheduleMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ImportService.
   * <pre>
   * Fills collections from folders, buckets, archives, data sets, lists of URLs and feeds; once, or on a schedule.
   * An import is an operation: `google.longrunning.Operations` gets, lists, waits for, cancels and deletes it.
   * `ListOperations` filters by `collection`, `schedule`, `kind`, `state` and `done`. It survives the loss of any
   * process at any instant: in the end each item is imported once, and several servers share the work.
   * </pre>
   */
  public static final class ImportServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ImportServiceFutureStub> {
    private ImportServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ImportServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ImportServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Imports what a source holds.
     * A second import of the same source costs a listing: unchanged items are left out, changed ones take the
     * place of what they had become.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a source that makes no sense;
     * FAILED_PRECONDITION for one that this server must not read.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.longrunning.Operation> importImages(
        dev.sightline.v1.ImportImagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getImportImagesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the items of an import, in the order of its source.
     * Errors: NOT_FOUND; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ListImportItemsResponse> listImportItems(
        dev.sightline.v1.ListImportItemsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListImportItemsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tries the failed items of an import again. An import that had ended goes on with them.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that was cancelled.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.RetryImportItemsResponse> retryImportItems(
        dev.sightline.v1.RetryImportItemsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryImportItemsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Pauses an import: what is under way is dropped, and nothing is begun.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ImportMetadata> pauseImport(
        dev.sightline.v1.PauseImportRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPauseImportMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Goes on with an import that was paused.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for one that has ended.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ImportMetadata> resumeImport(
        dev.sightline.v1.ResumeImportRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResumeImportMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a schedule.
     * Errors: ALREADY_EXISTS; NOT_FOUND for the collection; INVALID_ARGUMENT for a cron expression, a time zone or
     * a source that makes no sense; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Schedule> createSchedule(
        dev.sightline.v1.CreateScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a schedule.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Schedule> getSchedule(
        dev.sightline.v1.GetScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the schedules of a collection by name.
     * Errors: NOT_FOUND for the collection; INVALID_ARGUMENT for a page token of another list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.ListSchedulesResponse> listSchedules(
        dev.sightline.v1.ListSchedulesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSchedulesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the fields of a schedule that the mask names. `paused` pauses and resumes it; one that is resumed
     * runs at its next time.
     * Errors: NOT_FOUND; ABORTED for a stale etag; INVALID_ARGUMENT as of `CreateSchedule`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.sightline.v1.Schedule> updateSchedule(
        dev.sightline.v1.UpdateScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a schedule. Its operations, and what they imported, stay.
     * Errors: NOT_FOUND; ABORTED for a stale etag.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteSchedule(
        dev.sightline.v1.DeleteScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteScheduleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Runs a schedule now, paused or not, beside its times. While a run is under way: that run.
     * Errors: NOT_FOUND; FAILED_PRECONDITION for a source that this server must not read.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.longrunning.Operation> runSchedule(
        dev.sightline.v1.RunScheduleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRunScheduleMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_IMPORT_IMAGES = 0;
  private static final int METHODID_LIST_IMPORT_ITEMS = 1;
  private static final int METHODID_RETRY_IMPORT_ITEMS = 2;
  private static final int METHODID_PAUSE_IMPORT = 3;
  private static final int METHODID_RESUME_IMPORT = 4;
  private static final int METHODID_WATCH_IMPORT = 5;
  private static final int METHODID_CREATE_SCHEDULE = 6;
  private static final int METHODID_GET_SCHEDULE = 7;
  private static final int METHODID_LIST_SCHEDULES = 8;
  private static final int METHODID_UPDATE_SCHEDULE = 9;
  private static final int METHODID_DELETE_SCHEDULE = 10;
  private static final int METHODID_RUN_SCHEDULE = 11;

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
        case METHODID_IMPORT_IMAGES:
          serviceImpl.importImages((dev.sightline.v1.ImportImagesRequest) request,
              (io.grpc.stub.StreamObserver<com.google.longrunning.Operation>) responseObserver);
          break;
        case METHODID_LIST_IMPORT_ITEMS:
          serviceImpl.listImportItems((dev.sightline.v1.ListImportItemsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ListImportItemsResponse>) responseObserver);
          break;
        case METHODID_RETRY_IMPORT_ITEMS:
          serviceImpl.retryImportItems((dev.sightline.v1.RetryImportItemsRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.RetryImportItemsResponse>) responseObserver);
          break;
        case METHODID_PAUSE_IMPORT:
          serviceImpl.pauseImport((dev.sightline.v1.PauseImportRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata>) responseObserver);
          break;
        case METHODID_RESUME_IMPORT:
          serviceImpl.resumeImport((dev.sightline.v1.ResumeImportRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata>) responseObserver);
          break;
        case METHODID_WATCH_IMPORT:
          serviceImpl.watchImport((dev.sightline.v1.WatchImportRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ImportMetadata>) responseObserver);
          break;
        case METHODID_CREATE_SCHEDULE:
          serviceImpl.createSchedule((dev.sightline.v1.CreateScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule>) responseObserver);
          break;
        case METHODID_GET_SCHEDULE:
          serviceImpl.getSchedule((dev.sightline.v1.GetScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule>) responseObserver);
          break;
        case METHODID_LIST_SCHEDULES:
          serviceImpl.listSchedules((dev.sightline.v1.ListSchedulesRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.ListSchedulesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SCHEDULE:
          serviceImpl.updateSchedule((dev.sightline.v1.UpdateScheduleRequest) request,
              (io.grpc.stub.StreamObserver<dev.sightline.v1.Schedule>) responseObserver);
          break;
        case METHODID_DELETE_SCHEDULE:
          serviceImpl.deleteSchedule((dev.sightline.v1.DeleteScheduleRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        case METHODID_RUN_SCHEDULE:
          serviceImpl.runSchedule((dev.sightline.v1.RunScheduleRequest) request,
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
          getImportImagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ImportImagesRequest,
              com.google.longrunning.Operation>(
                service, METHODID_IMPORT_IMAGES)))
        .addMethod(
          getListImportItemsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ListImportItemsRequest,
              dev.sightline.v1.ListImportItemsResponse>(
                service, METHODID_LIST_IMPORT_ITEMS)))
        .addMethod(
          getRetryImportItemsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.RetryImportItemsRequest,
              dev.sightline.v1.RetryImportItemsResponse>(
                service, METHODID_RETRY_IMPORT_ITEMS)))
        .addMethod(
          getPauseImportMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.PauseImportRequest,
              dev.sightline.v1.ImportMetadata>(
                service, METHODID_PAUSE_IMPORT)))
        .addMethod(
          getResumeImportMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ResumeImportRequest,
              dev.sightline.v1.ImportMetadata>(
                service, METHODID_RESUME_IMPORT)))
        .addMethod(
          getWatchImportMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.sightline.v1.WatchImportRequest,
              dev.sightline.v1.ImportMetadata>(
                service, METHODID_WATCH_IMPORT)))
        .addMethod(
          getCreateScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.CreateScheduleRequest,
              dev.sightline.v1.Schedule>(
                service, METHODID_CREATE_SCHEDULE)))
        .addMethod(
          getGetScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.GetScheduleRequest,
              dev.sightline.v1.Schedule>(
                service, METHODID_GET_SCHEDULE)))
        .addMethod(
          getListSchedulesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.ListSchedulesRequest,
              dev.sightline.v1.ListSchedulesResponse>(
                service, METHODID_LIST_SCHEDULES)))
        .addMethod(
          getUpdateScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.UpdateScheduleRequest,
              dev.sightline.v1.Schedule>(
                service, METHODID_UPDATE_SCHEDULE)))
        .addMethod(
          getDeleteScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.DeleteScheduleRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_SCHEDULE)))
        .addMethod(
          getRunScheduleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.sightline.v1.RunScheduleRequest,
              com.google.longrunning.Operation>(
                service, METHODID_RUN_SCHEDULE)))
        .build();
  }

  private static abstract class ImportServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ImportServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.sightline.v1.ImportServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ImportService");
    }
  }

  private static final class ImportServiceFileDescriptorSupplier
      extends ImportServiceBaseDescriptorSupplier {
    ImportServiceFileDescriptorSupplier() {}
  }

  private static final class ImportServiceMethodDescriptorSupplier
      extends ImportServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ImportServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ImportServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ImportServiceFileDescriptorSupplier())
              .addMethod(getImportImagesMethod())
              .addMethod(getListImportItemsMethod())
              .addMethod(getRetryImportItemsMethod())
              .addMethod(getPauseImportMethod())
              .addMethod(getResumeImportMethod())
              .addMethod(getWatchImportMethod())
              .addMethod(getCreateScheduleMethod())
              .addMethod(getGetScheduleMethod())
              .addMethod(getListSchedulesMethod())
              .addMethod(getUpdateScheduleMethod())
              .addMethod(getDeleteScheduleMethod())
              .addMethod(getRunScheduleMethod())
              .build();
        }
      }
    }
    return result;
  }
}
