package dev.sightline.script;

import static dev.sightline.script.Script.PARENT;
import static dev.sightline.script.Script.PICTURES;
import static dev.sightline.script.Script.say;

import com.google.longrunning.Operation;
import dev.sightline.Sightline;
import dev.sightline.v1.ImportCounts;
import dev.sightline.v1.ImportImagesRequest;
import dev.sightline.v1.ImportSource;
import dev.sightline.v1.ImportSummary;
import java.time.Duration;
import java.util.Map;

/** The step that waits for an operation. */
final class Waiting {
    private Waiting() {}

    static void run(Sightline sightline) throws Exception {
        ImportSource.Files files = ImportSource.Files.newBuilder()
                .setUri("file://" + PICTURES)
                .setPattern("fire.jpg")
                .build();
        Operation begun = sightline
                .imports()
                .importImages(ImportImagesRequest.newBuilder()
                        .setParent(PARENT)
                        .setSource(ImportSource.newBuilder().setFiles(files))
                        .build());
        Operation done = sightline.waitOperation(begun.getName(), Duration.ofMinutes(1));
        ImportCounts counts = done.getResponse().unpack(ImportSummary.class).getCounts();
        say(
                "operation",
                Map.of(
                        "name", done.getName(),
                        "begun", begun.getName(),
                        "items", counts.getDone() + counts.getDuplicate(),
                        "failed", counts.getFailed()));
    }
}
