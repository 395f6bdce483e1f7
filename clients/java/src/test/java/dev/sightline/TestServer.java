package dev.sightline;

import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import java.io.IOException;

/** A server of some services on a free port of the loopback. */
final class TestServer implements AutoCloseable {
    private final Server server;

    TestServer(BindableService service) throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .maxInboundMessageSize(64 << 20)
                .addService(service)
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    Sightline connect() {
        return Sightline.connect(address());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
