package dev.sightline.script;

import static dev.sightline.script.Script.PARENT;
import static dev.sightline.script.Script.PICTURES;
import static dev.sightline.script.Script.image;
import static dev.sightline.script.Script.say;

import com.google.api.HttpBody;
import com.google.protobuf.ByteString;
import dev.sightline.CallError;
import dev.sightline.HealthWatch;
import dev.sightline.Sightline;
import dev.sightline.v1.BulkCreateImagesRequest;
import dev.sightline.v1.BulkCreateImagesResponse;
import dev.sightline.v1.CreateImageRequest;
import dev.sightline.v1.GetImageContentRequest;
import dev.sightline.v1.Image;
import dev.sightline.v1.ImageServiceGrpc;
import dev.sightline.v1.Label;
import dev.sightline.v1.ListImagesRequest;
import dev.sightline.v1.UploadImageRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The steps that create images and read them back. */
final class Images {
    private static final List<String> BULK = List.of("chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg");

    private Images() {}

    static void run(Sightline sightline) throws Exception {
        health(sightline);
        create(sightline);
        upload(sightline);
        bulk(sightline);
        content(sightline);
        pages();
    }

    static ByteString read(String file) throws IOException {
        return ByteString.copyFrom(Files.readAllBytes(PICTURES.resolve(file)));
    }

    private static void health(Sightline sightline) {
        try (HealthWatch watch = sightline.watchHealth("sightline.v1.SearchService")) {
            say("health", Map.of("status", watch.next().name()));
        }
    }

    private static void create(Sightline sightline) throws IOException {
        Image described = Image.newBuilder()
                .setDisplayName("dog.jpg")
                .setFolder("script/animals")
                .addLabels(Label.newBuilder().setLabel("pet"))
                .build();
        CreateImageRequest.Builder request =
                CreateImageRequest.newBuilder().setParent(PARENT).setImageId("dog");
        Image image = sightline
                .images()
                .createImage(
                        request.setImage(described).setContent(read("dog.jpg")).build());
        Map<String, Object> answer = fileOf(image);
        answer.put("display_name", image.getDisplayName());
        answer.put("folder", image.getFolder());
        answer.put("labels", image.getLabelsList().stream().map(Label::getLabel).toList());
        answer.put("width", image.getWidth());
        answer.put("height", image.getHeight());
        say("create", answer);
    }

    private static void upload(Sightline sightline) throws IOException {
        UploadImageRequest.Start start = UploadImageRequest.Start.newBuilder()
                .setParent(PARENT)
                .setImageId("tractor")
                .build();
        try (InputStream file = Files.newInputStream(PICTURES.resolve("tractor.bmp"))) {
            say("upload", fileOf(sightline.uploadImage(start, file)));
        }
    }

    private static Map<String, Object> fileOf(Image image) {
        return new HashMap<>(
                Map.of("name", image.getName(), "size_bytes", image.getSizeBytes(), "sha256", image.getSha256()));
    }

    private static void bulk(Sightline sightline) throws Exception {
        Results results = new Results();
        StreamObserver<BulkCreateImagesRequest> items =
                ImageServiceGrpc.newStub(sightline.channel()).bulkCreateImages(results);
        for (int index = 0; index < BULK.size(); index++) {
            String file = BULK.get(index);
            String id = file.substring(0, file.lastIndexOf('.'));
            CreateImageRequest.Builder request = CreateImageRequest.newBuilder()
                    .setParent(PARENT)
                    .setImageId(id)
                    .setContent(read(file));
            items.onNext(BulkCreateImagesRequest.newBuilder()
                    .setIndex(index)
                    .setRequest(request)
                    .build());
        }
        items.onCompleted();
        say("bulk", Map.of("results", results.all.get()));
    }

    /** The results, by index, once all have come. */
    private static final class Results implements StreamObserver<BulkCreateImagesResponse> {
        final CompletableFuture<Iterable<?>> all = new CompletableFuture<>();
        private final Map<Long, Map<String, Object>> come = new TreeMap<>();

        @Override
        public void onNext(BulkCreateImagesResponse answer) {
            Map<String, Object> result = new HashMap<>();
            if (answer.hasError()) {
                result.putAll(Script.told(CallError.of(answer.getError())));
            } else {
                result.put("name", answer.getImage().getName());
            }
            result.put("index", answer.getIndex());
            come.put(answer.getIndex(), result);
        }

        @Override
        public void onError(Throwable thrown) {
            all.completeExceptionally(thrown);
        }

        @Override
        public void onCompleted() {
            all.complete(come.values());
        }
    }

    private static void content(Sightline sightline) throws Exception {
        HttpBody body = sightline
                .images()
                .getImageContent(GetImageContentRequest.newBuilder()
                        .setName(image("dog"))
                        .build());
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(body.getData().toByteArray());
        say(
                "content",
                Map.of(
                        "content_type",
                        body.getContentType(),
                        "sha256",
                        HexFormat.of().formatHex(digest)));
    }

    private static void pages() {
        ListImagesRequest request = ListImagesRequest.newBuilder()
                .setParent(PARENT)
                .setOrderBy("name")
                .setPageSize(2)
                .build();
        try (Sightline sightline = Script.tagged("pages")) {
            say(
                    "pages",
                    Map.of(
                            "names",
                            sightline.listImages(request).stream()
                                    .map(Image::getName)
                                    .toList()));
        }
    }
}
