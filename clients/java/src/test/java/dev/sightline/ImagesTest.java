package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.sightline.v1.CreateImageRequest;
import dev.sightline.v1.GetImageRequest;
import dev.sightline.v1.Image;
import dev.sightline.v1.ImageServiceGrpc.ImageServiceImplBase;
import dev.sightline.v1.UploadImageRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Images that are created, and files that are uploaded. */
final class ImagesTest {
    private static final UploadImageRequest.Start START = UploadImageRequest.Start.getDefaultInstance();

    /** Refuses, or else takes what it is sent and keeps it. */
    private static final class Images extends ImageServiceImplBase {
        private final boolean refuses;
        private final int failures;
        final List<CreateImageRequest> created = new CopyOnWriteArrayList<>();
        final ByteArrayOutputStream uploaded = new ByteArrayOutputStream();
        volatile int checksum;
        final CompletableFuture<Status.Code> ended = new CompletableFuture<>();

        Images(boolean refuses, int failures) {
            this.refuses = refuses;
            this.failures = failures;
        }

        @Override
        public void getImage(GetImageRequest request, StreamObserver<Image> answer) {
            answer.onError(Refusal.thrown());
        }

        @Override
        public void createImage(CreateImageRequest request, StreamObserver<Image> answer) {
            created.add(request);
            if (created.size() <= failures) {
                answer.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            answer.onNext(Image.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public StreamObserver<UploadImageRequest> uploadImage(StreamObserver<Image> answer) {
            if (refuses) {
                answer.onError(Refusal.thrown());
            }
            return new StreamObserver<>() {
                @Override
                public void onNext(UploadImageRequest part) {
                    assertTrue(part.getChunk().size() <= 64 << 10);
                    uploaded.writeBytes(part.getChunk().toByteArray());
                    checksum = part.getFinish().getCrc32C();
                }

                @Override
                public void onError(Throwable thrown) {
                    ended.complete(Status.fromThrowable(thrown).getCode());
                }

                @Override
                public void onCompleted() {
                    answer.onNext(Image.newBuilder().setName("uploaded").build());
                    answer.onCompleted();
                }
            };
        }
    }

    @Test
    void aLargeCreateIsRetriedUnderOneRequestId() throws Exception {
        Images service = new Images(false, 2);
        ByteString content = ByteString.copyFrom(new byte[3 << 20]);
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            sightline
                    .images()
                    .createImage(CreateImageRequest.newBuilder()
                            .setParent("p")
                            .setContent(content)
                            .build());
        }
        assertEquals(3, service.created.size());
        Set<String> ids =
                service.created.stream().map(CreateImageRequest::getRequestId).collect(Collectors.toSet());
        assertEquals(1, ids.size());
        assertEquals(36, ids.iterator().next().length());
        assertEquals("p", service.created.get(2).getParent());
        assertEquals(content, service.created.get(2).getContent());
    }

    @Test
    void aRequestIdOfTheCallersStays() throws Exception {
        Images service = new Images(false, 0);
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            sightline
                    .images()
                    .createImage(
                            CreateImageRequest.newBuilder().setRequestId("mine").build());
        }
        assertEquals("mine", service.created.get(0).getRequestId());
    }

    @Test
    void anUploadSendsAllBytesAndTheirChecksum() throws Exception {
        byte[] content = "0123456789abcde".repeat(10_000).getBytes();
        CRC32C checksum = new CRC32C();
        checksum.update(content);
        Images service = new Images(false, 0);
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            assertEquals(
                    "uploaded",
                    sightline
                            .uploadImage(START, new ByteArrayInputStream(content))
                            .getName());
        }
        assertArrayEquals(content, service.uploaded.toByteArray());
        assertEquals((int) checksum.getValue(), service.checksum);
    }

    @Test
    void anUploadWhoseFileBreaksIsCancelled() throws Exception {
        Images service = new Images(false, 0);
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new EOFException("cut off");
            }
        };
        InputStream file = new SequenceInputStream(new ByteArrayInputStream(new byte[100_000]), broken);
        try (TestServer server = new TestServer(service);
                Sightline sightline = server.connect()) {
            assertThrows(EOFException.class, () -> sightline.uploadImage(START, file));
            assertEquals(Status.Code.CANCELLED, service.ended.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void anUploadFailsAsTheServerSays() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }
        };
        try (TestServer server = new TestServer(new Images(true, 0));
                Sightline sightline = server.connect()) {
            Refusal.check(CallError.of(
                    assertThrows(StatusRuntimeException.class, () -> sightline.uploadImage(START, endless))));
        }
    }

    @Test
    void aCallFailsWithDetails() throws Exception {
        try (TestServer server = new TestServer(new Images(false, 0));
                Sightline sightline = server.connect()) {
            Refusal.check(CallError.of(assertThrows(
                    StatusRuntimeException.class,
                    () -> sightline.images().getImage(GetImageRequest.getDefaultInstance()))));
        }
    }

    @Test
    void theErrorOfOneItem() {
        Refusal.check(CallError.of(Refusal.STATUS));
    }
}
