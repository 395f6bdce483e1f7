package dev.sightline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sightline.v1.Image;
import dev.sightline.v1.ImageServiceGrpc.ImageServiceImplBase;
import dev.sightline.v1.ListImagesRequest;
import dev.sightline.v1.ListImagesResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists of several pages. */
final class PagesTest {
    private static final ListImagesRequest ALL =
            ListImagesRequest.newBuilder().setParent("p").build();

    /** Pages of two images, by their first; "refused" is one that fails, "empty" one without images. */
    private static final class Images extends ImageServiceImplBase {
        final List<String> asked = new CopyOnWriteArrayList<>();

        @Override
        public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> answer) {
            String token = request.getPageToken();
            asked.add(request.getParent() + token);
            switch (token) {
                case "" -> answer(answer, "2", "0", "1");
                case "2" -> answer(answer, "empty", "2", "3");
                case "empty" -> answer(answer, "4");
                case "4" -> answer(answer, "", "4");
                case "before" -> answer(answer, "refused", "0");
                default -> answer.onError(Refusal.thrown());
            }
        }

        private static void answer(StreamObserver<ListImagesResponse> answer, String next, String... names) {
            ListImagesResponse.Builder page = ListImagesResponse.newBuilder().setNextPageToken(next);
            for (String name : names) {
                page.addImages(Image.newBuilder().setName(name));
            }
            answer.onNext(page.build());
            answer.onCompleted();
        }
    }

    private final Images service = new Images();
    private TestServer server;
    private Sightline sightline;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(service);
        sightline = server.connect();
    }

    @AfterEach
    void stop() {
        sightline.close();
        server.close();
    }

    @Test
    void allPagesAreFetchedEachTime() {
        Pages<Image> images = sightline.listImages(ALL);
        for (int time = 0; time < 2; time++) {
            assertEquals(
                    List.of("0", "1", "2", "3", "4"),
                    images.stream().map(Image::getName).toList());
        }
        assertEquals(List.of("p", "p2", "pempty", "p4", "p", "p2", "pempty", "p4"), service.asked);
    }

    @Test
    void noPageIsFetchedBeforeItIsNeeded() {
        Pages<Image> images = sightline.listImages(ALL);
        assertEquals(List.of(), service.asked);
        assertEquals(2, images.stream().limit(2).count());
        assertEquals(List.of("p"), service.asked);
    }

    @Test
    void aLaterPageCanBeTheFirst() {
        Iterator<Image> images =
                sightline.listImages(ALL.toBuilder().setPageToken("4").build()).iterator();
        assertEquals("4", images.next().getName());
        assertFalse(images.hasNext());
        assertThrows(NoSuchElementException.class, images::next);
    }

    @Test
    void aPageThatFailsEndsTheIteration() {
        Iterator<Image> images = sightline
                .listImages(ALL.toBuilder().setPageToken("before").build())
                .iterator();
        assertEquals("0", images.next().getName());
        Refusal.check(CallError.of(assertThrows(StatusRuntimeException.class, images::next)));
    }
}
