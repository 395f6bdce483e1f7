package dev.sightline;

import dev.sightline.v1.BulkCreateImagesRequest;
import dev.sightline.v1.BulkCreateImagesResponse;
import dev.sightline.v1.CreateImageRequest;
import dev.sightline.v1.ImageServiceGrpc;
import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Images on their way to the server over one stream, and what becomes of each, in any order. An iterator that sends
 * as many as may be in flight and then waits for an answer; to close it cancels what has none. Throws {@link
 * io.grpc.StatusRuntimeException} where the call itself fails.
 */
public final class BulkCreate implements Iterator<CreateResult>, AutoCloseable {
    private final BlockingClientCall<BulkCreateImagesRequest, BulkCreateImagesResponse> call;
    private final Iterator<CreateImageRequest> images;
    private final int inFlight;
    private long sent;
    private long answered;
    private boolean ended;

    BulkCreate(Channel channel, Iterator<CreateImageRequest> images, int inFlight) {
        if (inFlight < 1) {
            throw new IllegalArgumentException("inFlight is " + inFlight + ", and must be at least 1");
        }
        this.images = images;
        this.inFlight = inFlight;
        call = ImageServiceGrpc.newBlockingV2Stub(channel).bulkCreateImages();
    }

    /** Whether there is another result; sends what may be in flight, and waits for it. */
    @Override
    public boolean hasNext() {
        try {
            send();
            return call.hasNext();
        } catch (StatusException failed) {
            throw Failures.unchecked(failed);
        } catch (InterruptedException interrupted) {
            throw Failures.unchecked(interrupted);
        }
    }

    /** The next result; waits for it. */
    @Override
    public CreateResult next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            BulkCreateImagesResponse answer = call.read();
            answered++;
            return answer.hasError()
                    ? new CreateResult(
                            answer.getIndex(), Optional.empty(), Optional.of(CallError.of(answer.getError())))
                    : new CreateResult(answer.getIndex(), Optional.of(answer.getImage()), Optional.empty());
        } catch (StatusException failed) {
            throw Failures.unchecked(failed);
        } catch (InterruptedException interrupted) {
            throw Failures.unchecked(interrupted);
        }
    }

    private void send() throws StatusException, InterruptedException {
        while (!ended && sent - answered < inFlight) {
            if (!images.hasNext()) {
                ended = true;
                call.halfClose();
                return;
            }
            BulkCreateImagesRequest item = BulkCreateImagesRequest.newBuilder()
                    .setIndex(sent)
                    .setRequest(RequestIdInterceptor.repeatable(images.next()))
                    .build();
            if (!call.write(item)) {
                ended = true; // the call is over: reading says why
                return;
            }
            sent++;
        }
    }

    /** Ends the call. */
    @Override
    public void close() {
        call.cancel("the bulk create is closed", null); // changes nothing where all was answered
    }
}
