package sightline_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"sightline.dev/go"
	"sightline.dev/go/sightlinev1"
)

// collections answers after as many UNAVAILABLE as it has failures, and keeps what it was asked.
type collections struct {
	sightlinev1.UnimplementedCollectionServiceServer
	failures, calls int
	left            time.Duration
}

func (c *collections) register(server *grpc.Server) {
	sightlinev1.RegisterCollectionServiceServer(server, c)
}

func (c *collections) answer(ctx context.Context) (*sightlinev1.Collection, error) {
	c.calls++
	if deadline, has := ctx.Deadline(); has {
		c.left = time.Until(deadline)
	}
	if c.calls <= c.failures {
		return nil, status.Error(codes.Unavailable, "not yet")
	}
	return &sightlinev1.Collection{Name: "collections/default"}, nil
}

func (c *collections) GetCollection(
	ctx context.Context, _ *sightlinev1.GetCollectionRequest,
) (*sightlinev1.Collection, error) {
	return c.answer(ctx)
}

func (c *collections) CreateCollection(
	ctx context.Context, _ *sightlinev1.CreateCollectionRequest,
) (*sightlinev1.Collection, error) {
	return c.answer(ctx)
}

func get(ctx context.Context, client *sightline.Client) error {
	_, err := client.Collections.GetCollection(ctx, &sightlinev1.GetCollectionRequest{Name: "collections/default"})
	return err
}

func TestAReadIsRetriedWhileTheServerIsAway(t *testing.T) {
	server := &collections{failures: 2}
	must(t, get(t.Context(), serve(t, server.register)))
	if server.calls != 3 {
		t.Errorf("%d calls", server.calls)
	}
}

func TestAWriteThatCannotBeRepeatedIsNotRetried(t *testing.T) {
	server := &collections{failures: 2}
	client := serve(t, server.register)
	_, err := client.Collections.CreateCollection(t.Context(), &sightlinev1.CreateCollectionRequest{})
	if status.Code(err) != codes.Unavailable || server.calls != 1 {
		t.Errorf("%v after %d calls", err, server.calls)
	}
}

func TestAfterAllRetriesTheErrorIsTheServers(t *testing.T) {
	server := &collections{failures: 4}
	var failed *sightline.Error
	if err := get(t.Context(), serve(t, server.register)); !errors.As(err, &failed) {
		t.Fatalf("failed with %v", err)
	}
	if failed.Code != codes.Unavailable || failed.Message != "not yet" || server.calls != 4 {
		t.Errorf("%+v after %d calls", failed, server.calls)
	}
}

func TestDeadlines(t *testing.T) {
	hasty := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, 10*time.Second)
	}
	for name, each := range map[string]struct {
		options     []sightline.Option
		context     func(context.Context) (context.Context, context.CancelFunc)
		least, most time.Duration
	}{
		"of the client":      {nil, context.WithCancel, 30 * time.Second, time.Minute},
		"as set":             {[]sightline.Option{sightline.WithTimeout(time.Hour)}, context.WithCancel, time.Minute, time.Hour},
		"none":               {[]sightline.Option{sightline.WithTimeout(0)}, context.WithCancel, 0, 0},
		"the context's own":  {nil, hasty, time.Millisecond, 10 * time.Second},
		"the context's wins": {[]sightline.Option{sightline.WithTimeout(time.Hour)}, hasty, time.Millisecond, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			server := &collections{}
			ctx, cancel := each.context(t.Context())
			defer cancel()
			must(t, get(ctx, serve(t, server.register, each.options...)))
			if server.left < each.least || server.left > each.most {
				t.Errorf("%v are left", server.left)
			}
		})
	}
}

func TestTheEnvironmentSaysTheAddress(t *testing.T) {
	address := listen(t, (&collections{}).register)
	host, port, err := net.SplitHostPort(address)
	must(t, err)
	t.Setenv("SIGHTLINE_ORCHESTRATOR_ADDRESS", "")
	t.Setenv("SIGHTLINE_ORCHESTRATOR_HOST", host)
	t.Setenv("SIGHTLINE_ORCHESTRATOR_PORT", port)
	must(t, get(t.Context(), connect(t, "")))

	t.Setenv("SIGHTLINE_ORCHESTRATOR_ADDRESS", address)
	t.Setenv("SIGHTLINE_ORCHESTRATOR_PORT", "1")
	must(t, get(t.Context(), connect(t, "")))
}

func TestAnIPv6HostOfTheEnvironmentHasOnePairOfBrackets(t *testing.T) {
	server := listen(t, (&collections{}).register)
	t.Setenv("SIGHTLINE_ORCHESTRATOR_ADDRESS", "")
	t.Setenv("SIGHTLINE_ORCHESTRATOR_PORT", "5")
	for _, host := range []string{"::1", "[::1]"} {
		t.Setenv("SIGHTLINE_ORCHESTRATOR_HOST", host)
		dialled := make(chan string, 1)
		dial := grpc.WithContextDialer(func(_ context.Context, address string) (net.Conn, error) {
			dialled <- address
			return net.Dial("tcp", server)
		})
		must(t, get(t.Context(), connect(t, "", sightline.WithDialOptions(dial))))
		if address := <-dialled; address != "[::1]:5" {
			t.Errorf("%s became %s", host, address)
		}
	}
}

func TestTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(certified.Certificate())
	secure := grpc.Creds(credentials.NewServerTLSFromCert(&certified.TLS.Certificates[0]))
	address := listen(t, (&collections{}).register, secure)

	must(t, get(t.Context(), connect(t, address, sightline.WithTLS(&tls.Config{RootCAs: trusted}))))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := get(ctx, connect(t, address, sightline.WithTLS(nil))); err == nil {
		t.Error("a certificate of nobody's was taken")
	}
}
