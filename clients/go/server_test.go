package sightline_test

import (
	"net"
	"testing"

	"google.golang.org/grpc"

	"sightline.dev/go"
)

// serve runs a server with what register adds on a free port, and gives a client of it. Both end with the test.
func serve(t *testing.T, register func(*grpc.Server), options ...sightline.Option) *sightline.Client {
	t.Helper()
	return connect(t, listen(t, register), options...)
}

// listen runs a server with what register adds, and gives its address.
func listen(t *testing.T, register func(*grpc.Server), options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := grpc.NewServer(options...)
	register(server)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func connect(t *testing.T, address string, options ...sightline.Option) *sightline.Client {
	t.Helper()
	client, err := sightline.NewClient(address, options...)
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
