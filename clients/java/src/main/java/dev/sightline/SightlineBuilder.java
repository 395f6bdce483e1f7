package dev.sightline;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** How a server is reached. What is not said has a default that works. */
public final class SightlineBuilder {
    private static final int MAX_MESSAGE_BYTES = 64 << 20;
    private static final long RETRY_BUFFER_BYTES = 8L * MAX_MESSAGE_BYTES;
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    private String address = environmentAddress(System.getenv()::get);
    private ChannelCredentials credentials = InsecureChannelCredentials.create();
    private Duration timeout = Duration.ofSeconds(60);
    private final List<ClientInterceptor> given = new ArrayList<>();

    SightlineBuilder() {}

    /**
     * The server's address. Unset: {@code SIGHTLINE_ORCHESTRATOR_ADDRESS} of the environment, else {@code
     * SIGHTLINE_ORCHESTRATOR_HOST} and {@code SIGHTLINE_ORCHESTRATOR_PORT}, else 127.0.0.1:50051.
     *
     * @param address HOST:PORT
     * @return this
     */
    public SightlineBuilder address(String address) {
        this.address = Objects.requireNonNull(address);
        return this;
    }

    /**
     * Who the server must be. Unset: whoever, without TLS.
     *
     * @param credentials such as {@link io.grpc.TlsChannelCredentials#create()}, which trusts what Java trusts
     * @return this
     */
    public SightlineBuilder credentials(ChannelCredentials credentials) {
        this.credentials = Objects.requireNonNull(credentials);
        return this;
    }

    /**
     * How long a call that answers once may take which has no deadline of its own, its retries included. Unset: 60
     * seconds. Other streams last as long as their caller wants.
     *
     * @param timeout positive
     * @return this
     */
    public SightlineBuilder timeout(Duration timeout) {
        this.timeout = Objects.requireNonNull(timeout);
        return this;
    }

    /**
     * Runs an interceptor around every call, such as {@link io.grpc.stub.MetadataUtils#newAttachHeadersInterceptor}.
     *
     * @param interceptor the interceptor
     * @return this
     */
    public SightlineBuilder intercept(ClientInterceptor interceptor) {
        given.add(Objects.requireNonNull(interceptor));
        return this;
    }

    /**
     * The client, which connects at its first call.
     *
     * @return the client
     */
    public Sightline build() {
        return new Sightline(this);
    }

    List<ClientInterceptor> interceptors() {
        List<ClientInterceptor> all = new ArrayList<>(given);
        all.add(new DeadlineInterceptor(timeout));
        all.add(new RequestIdInterceptor());
        return all;
    }

    ManagedChannel openChannel() {
        return Grpc.newChannelBuilder(address, credentials)
                .defaultServiceConfig(serviceConfig())
                .enableRetry()
                .perRpcBufferLimit(MAX_MESSAGE_BYTES) // gRPC's own 1 MiB would leave larger pictures unretried
                .retryBufferSize(RETRY_BUFFER_BYTES)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
                .userAgent("sightline-java/" + version())
                .build();
    }

    static String environmentAddress(UnaryOperator<String> environment) {
        String host = orElse(environment.apply("SIGHTLINE_ORCHESTRATOR_HOST"), "127.0.0.1");
        String port = orElse(environment.apply("SIGHTLINE_ORCHESTRATOR_PORT"), "50051");
        boolean bareIpv6 = host.contains(":") && !host.startsWith("[");
        String place = (bareIpv6 ? "[" + host + "]" : host) + ":" + port;
        return orElse(environment.apply("SIGHTLINE_ORCHESTRATOR_ADDRESS"), place);
    }

    private static String orElse(String found, String otherwise) {
        return found == null || found.isEmpty() ? otherwise : found;
    }

    private static Map<String, ?> serviceConfig() {
        try (Reader json =
                new InputStreamReader(SightlineBuilder.class.getResourceAsStream("service_config.json"), UTF_8)) {
            return new Gson().fromJson(json, new TypeToken<Map<String, ?>>() {}.getType());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** The package's version, as its jar says it. */
    private static String version() {
        return Objects.requireNonNullElse(SightlineBuilder.class.getPackage().getImplementationVersion(), "unreleased");
    }
}
