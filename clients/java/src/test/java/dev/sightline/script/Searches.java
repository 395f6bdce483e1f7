package dev.sightline.script;

import static dev.sightline.script.Script.PARENT;
import static dev.sightline.script.Script.say;

import dev.sightline.Sightline;
import dev.sightline.v1.Box;
import dev.sightline.v1.Hit;
import dev.sightline.v1.SearchRequest;
import dev.sightline.v1.SearchResponse;
import dev.sightline.v1.Stage;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The steps that search. */
final class Searches {
    static final SearchRequest RAINBOW = request().setText("a rainbow").build();

    private Searches() {}

    static void run(Sightline sightline) throws IOException {
        SearchResponse answer = sightline.searches().search(RAINBOW);
        List<String> stages =
                answer.getStagesList().stream().map(Stage::getName).toList();
        say("search_text", Map.of("hits", hitsOf(answer), "stages", stages));

        SearchRequest.InlineImage picture = SearchRequest.InlineImage.newBuilder()
                .setContent(Images.read("dog.jpg"))
                .build();
        answer = sightline.searches().search(request().setImage(picture).build());
        say("search_picture", Map.of("hits", hitsOf(answer)));

        SearchRequest regions = request()
                .setText("a dog")
                .setTarget(SearchRequest.Target.REGIONS)
                .build();
        say("search_regions", Map.of("hits", hitsOf(sightline.searches().search(regions))));
    }

    private static SearchRequest.Builder request() {
        return SearchRequest.newBuilder().setParent(PARENT).setPageSize(3);
    }

    private static List<Map<String, Object>> hitsOf(SearchResponse answer) {
        return answer.getHitsList().stream().map(Searches::hitOf).toList();
    }

    private static Map<String, Object> hitOf(Hit hit) {
        Map<String, Object> found = new HashMap<>();
        found.put("image", hit.getImage());
        found.put("score", hit.getScore());
        found.put("relevance", hit.getRelevance());
        if (!hit.getRegion().isEmpty()) {
            Box box = hit.getBox();
            found.put("region", hit.getRegion());
            found.put("box", List.of(box.getXMin(), box.getYMin(), box.getXMax(), box.getYMax()));
        }
        return found;
    }
}
