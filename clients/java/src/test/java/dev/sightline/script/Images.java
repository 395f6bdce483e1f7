package dev.sightline.script;

import static dev.sightline.script.Script.PARENT;
import static dev.sightline.script.Script.PICTURES;
import static dev.sightline.script.Script.image;
import static dev.sightline.script.Script.say;

import com.google.api.HttpBody;
import com.google.protobuf.ByteString;
import dev.sightline.BulkCreate;
import dev.sightline.HealthWatch;
import dev.sightline.Sightline;
import dev.sightline.v1.CreateImageRequest;
import dev.sightline.v1.GetImageContentRequest;
import dev.sightline.v1.Image;
import dev.sightline.v1.Label;
import dev.sightline.v1.ListImagesRequest;
import dev.sightline.v1.UploadImageRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
        List<CreateImageRequest> requests = new ArrayList<>();
        for (String file : BULK) {
            requests.add(CreateImageRequest.newBuilder()
                    .setParent(PARENT)
                    .setImageId(file.substring(0, file.lastIndexOf('.')))
                    .setContent(read(file))
                    .build());
        }
        Map<Long, Map<String, Object>> results = new TreeMap<>();
        try (BulkCreate created = sightline.createImages(requests.iterator(), 2)) {
            created.forEachRemaining(result -> {
                Map<String, Object> answer = new HashMap<>(result.error()
                        .map(Script::told)
                        .orElseGet(() ->
                                Map.of("name", result.image().orElseThrow().getName())));
                answer.put("index", result.index());
                results.put(result.index(), answer);
            });
        }
        say("bulk", Map.of("results", results.values()));
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
