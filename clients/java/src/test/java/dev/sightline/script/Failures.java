package dev.sightline.script;

import static dev.sightline.script.Script.image;
import static dev.sightline.script.Script.say;
import static dev.sightline.script.Script.variable;

import dev.sightline.CallError;
import dev.sightline.Sightline;
import dev.sightline.v1.CreateCollectionRequest;
import dev.sightline.v1.GetCollectionRequest;
import dev.sightline.v1.GetImageRequest;
import dev.sightline.v1.Prompt;
import dev.sightline.v1.SegmentImageRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The steps that fail, or begin with failures. */
final class Failures {
    private static final GetCollectionRequest DEFAULT =
            GetCollectionRequest.newBuilder().setName("collections/default").build();

    private Failures() {}

    static void run(Sightline sightline) throws Exception {
        GetImageRequest missing =
                GetImageRequest.newBuilder().setName(image("missing")).build();
        say("not_found", errorOf(() -> sightline.images().getImage(missing)));
        var wrong = Searches.RAINBOW.toBuilder().setFilter("width >").build();
        say("bad_request", errorOf(() -> sightline.searches().search(wrong)));
        var hasty = sightline.searches().withDeadlineAfter(1, TimeUnit.MILLISECONDS);
        say("deadline", codeOf(() -> hasty.search(Searches.RAINBOW)));
        cancel();
        retry();
        tls();
    }

    private static Map<String, Object> errorOf(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException failed) {
            return Script.told(CallError.of(failed));
        }
        return Map.of("code", Status.Code.OK.name());
    }

    private static Map<String, Object> codeOf(Runnable call) {
        return Map.of("code", errorOf(call).get("code"));
    }

    private static void cancel() {
        Prompt everything = Prompt.newBuilder()
                .setEverything(Prompt.Everything.getDefaultInstance())
                .build();
        SegmentImageRequest request = SegmentImageRequest.newBuilder()
                .setName(image("dog"))
                .setPrompt(everything)
                .build();
        var timer = Executors.newSingleThreadScheduledExecutor();
        try (Sightline sightline = Script.tagged("cancel");
                Context.CancellableContext context = Context.current().withCancellation()) {
            timer.schedule(() -> context.cancel(null), 300, TimeUnit.MILLISECONDS);
            say(
                    "cancel",
                    codeOf(() -> context.run(() -> sightline.segmentation().segmentImage(request))));
        } finally {
            timer.shutdownNow();
        }
    }

    private static void retry() {
        CreateCollectionRequest other =
                CreateCollectionRequest.newBuilder().setCollectionId("other").build();
        try (Sightline sightline = Sightline.connect(variable("SIGHTLINE_FLAKY_TARGET"))) {
            String name = sightline.collections().getCollection(DEFAULT).getName();
            Object unretried = errorOf(() -> sightline.collections().createCollection(other))
                    .get("code");
            say("retry", Map.of("name", name, "unretried", unretried));
        }
    }

    private static void tls() throws Exception {
        ChannelCredentials trusted = TlsChannelCredentials.newBuilder()
                .trustManager(Path.of(variable("SIGHTLINE_TLS_CA")).toFile())
                .build();
        try (Sightline sightline = Sightline.builder()
                .address(variable("SIGHTLINE_TLS_TARGET"))
                .credentials(trusted)
                .build()) {
            String name = sightline.collections().getCollection(DEFAULT).getName();
            try (Sightline stranger = Sightline.builder()
                    .address(variable("SIGHTLINE_TLS_TARGET"))
                    .credentials(TlsChannelCredentials.create())
                    .build()) {
                Object untrusted = errorOf(() -> stranger.collections().getCollection(DEFAULT))
                        .get("code");
                say("tls", Map.of("name", name, "untrusted", untrusted));
            }
        }
    }
}
