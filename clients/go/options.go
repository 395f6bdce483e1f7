package sightline

import (
	"crypto/tls"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Option changes how a [Client] reaches its server.
type Option func(*settings)

type settings struct {
	credentials credentials.TransportCredentials
	timeout     time.Duration
	dial        []grpc.DialOption
}

// WithTLS connects by TLS; nil trusts what the system trusts. Without it the connection is plain.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.credentials = credentials.NewTLS(config) }
}

// WithTimeout sets how long a unary call or an upload may take whose context has no deadline: 60 seconds unless set,
// no limit when zero. Other streams last as long as their context.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// WithDialOptions adds options of gRPC's own, which win over the client's.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}
