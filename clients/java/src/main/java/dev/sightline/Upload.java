package dev.sightline;

import com.google.protobuf.ByteString;
import dev.sightline.v1.Image;
import dev.sightline.v1.ImageServiceGrpc;
import dev.sightline.v1.UploadImageRequest;
import dev.sightline.v1.UploadImageRequest.Finish;
import dev.sightline.v1.UploadImageRequest.Start;
import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;

/** A file on its way to the server, in chunks. */
final class Upload {
    private static final int CHUNK_BYTES = 64 << 10;

    private Upload() {}

    static Image run(Channel channel, Start start, InputStream file) throws IOException {
        BlockingClientCall<UploadImageRequest, Image> call =
                ImageServiceGrpc.newBlockingV2Stub(channel).uploadImage();
        try {
            send(call, start, file);
            return call.read();
        } catch (StatusException failed) {
            throw Failures.unchecked(failed);
        } catch (InterruptedException interrupted) {
            throw Failures.unchecked(interrupted);
        } finally {
            call.cancel("the upload has ended", null); // changes nothing where it was answered
        }
    }

    /** Sends all parts, or as many as the server takes. */
    private static void send(BlockingClientCall<UploadImageRequest, Image> call, Start start, InputStream file)
            throws IOException, StatusException, InterruptedException {
        CRC32C checksum = new CRC32C();
        byte[] chunk = new byte[CHUNK_BYTES];
        boolean wanted =
                call.write(UploadImageRequest.newBuilder().setStart(start).build());
        for (int read; wanted && (read = file.readNBytes(chunk, 0, CHUNK_BYTES)) > 0; ) {
            checksum.update(chunk, 0, read);
            ByteString bytes = ByteString.copyFrom(chunk, 0, read);
            wanted = call.write(UploadImageRequest.newBuilder().setChunk(bytes).build());
        }
        if (wanted) {
            Finish finish =
                    Finish.newBuilder().setCrc32C((int) checksum.getValue()).build();
            call.write(UploadImageRequest.newBuilder().setFinish(finish).build());
            call.halfClose();
        }
    }
}
