package dev.sightline.script;

import com.google.gson.Gson;
import dev.sightline.CallError;
import dev.sightline.Sightline;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The calls that every Sightline client is tested by (tests/clients): prints what they answered, one JSON object a
 * line.
 */
public final class Script {
    static final Path PICTURES = Path.of(variable("SIGHTLINE_PICTURES"));
    static final String COLLECTION = variable("SIGHTLINE_COLLECTION");
    static final String TARGET = variable("SIGHTLINE_TARGET");
    static final String PARENT = "collections/" + COLLECTION;

    private static final Metadata.Key<String> REQUEST_ID =
            Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

    private Script() {}

    /** Runs all steps. */
    public static void main(String[] arguments) throws Exception {
        try (Sightline sightline = Sightline.connect(TARGET)) {
            Images.run(sightline);
            Searches.run(sightline);
            Failures.run(sightline);
            Waiting.run(sightline);
        }
    }

    static String variable(String name) {
        return System.getenv(name);
    }

    static String image(String id) {
        return PARENT + "/images/" + id;
    }

    /** A client whose calls the server's log knows again. */
    static Sightline tagged(String step) {
        Metadata metadata = new Metadata();
        metadata.put(REQUEST_ID, COLLECTION + "-" + step);
        ClientInterceptor attach = MetadataUtils.newAttachHeadersInterceptor(metadata);
        return Sightline.builder().address(TARGET).intercept(attach).build();
    }

    /** Prints a step's answer. */
    static void say(String step, Map<String, ?> answer) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("step", step);
        said.putAll(answer);
        System.out.println(new Gson().toJson(said));
    }

    static Map<String, Object> told(CallError error) {
        List<String> fields = error.fieldViolations().stream()
                .map(violation -> violation.getField())
                .toList();
        return Map.of(
                "code", error.code().name(), "message", error.message(), "reason", error.reason(), "fields", fields);
    }
}
