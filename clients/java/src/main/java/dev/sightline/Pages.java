package dev.sightline;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The items of all pages of a list. A page is fetched when its first item is asked for; each iteration begins anew.
 * Where fetching fails, the iteration throws {@link io.grpc.StatusRuntimeException}.
 *
 * @param <Item> what is listed
 */
public final class Pages<Item> implements Iterable<Item> {
    private final Function<String, Page<Item>> fetch;
    private final String first;

    private record Page<Item>(List<Item> items, String nextToken) {}

    <Answer> Pages(
            String first,
            Function<String, Answer> list,
            Function<Answer, List<Item>> items,
            Function<Answer, String> nextToken) {
        this.first = first;
        this.fetch = token -> {
            Answer answer = list.apply(token);
            return new Page<>(items.apply(answer), nextToken.apply(answer));
        };
    }

    /**
     * The items, one after the other.
     *
     * @return an iterator that fetches pages as it goes
     */
    @Override
    public Iterator<Item> iterator() {
        return new Iterator<>() {
            private Iterator<Item> items = Collections.emptyIterator();
            private String token = first;
            private boolean last;

            @Override
            public boolean hasNext() {
                while (!items.hasNext() && !last) {
                    Page<Item> page = fetch.apply(token);
                    items = page.items().iterator();
                    token = page.nextToken();
                    last = token.isEmpty();
                }
                return items.hasNext();
            }

            @Override
            public Item next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return items.next();
            }
        };
    }

    /**
     * The items as a stream, which fetches pages as they are read.
     *
     * @return the stream
     */
    public Stream<Item> stream() {
        return StreamSupport.stream(spliterator(), false);
    }
}
