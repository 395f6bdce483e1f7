package sightline

import (
	"cmp"
	"context"
	_ "embed"
	"net"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"sightline.dev/go/sightlinev1"
)

// Version of this package.
const Version = "0.1.0"

const (
	defaultTimeout  = 60 * time.Second
	keepaliveTime   = 60 * time.Second
	maxMessageBytes = 64 << 20
)

//go:embed service_config.json
var serviceConfig string

// Client is a connection to one server, safe for concurrent use. Close it when it is no longer used.
type Client struct {
	Collections  sightlinev1.CollectionServiceClient
	Images       sightlinev1.ImageServiceClient
	Segmentation sightlinev1.SegmentationServiceClient
	Texts        sightlinev1.TextServiceClient
	Searches     sightlinev1.SearchServiceClient
	Embeddings   sightlinev1.EmbeddingServiceClient
	Models       sightlinev1.ModelServiceClient
	Imports      sightlinev1.ImportServiceClient
	Operations   longrunningpb.OperationsClient
	Health       grpc_health_v1.HealthClient

	connection *grpc.ClientConn
	timeout    time.Duration
}

// NewClient makes a client for the server at address, HOST:PORT, and connects at the first call.
//
// An empty address is that of the environment: SIGHTLINE_ORCHESTRATOR_ADDRESS, else SIGHTLINE_ORCHESTRATOR_HOST
// and SIGHTLINE_ORCHESTRATOR_PORT, else 127.0.0.1:50051.
func NewClient(address string, options ...Option) (*Client, error) {
	chosen := settings{credentials: insecure.NewCredentials(), timeout: defaultTimeout}
	for _, option := range options {
		option(&chosen)
	}
	client := &Client{timeout: chosen.timeout}
	dial := append([]grpc.DialOption{
		grpc.WithTransportCredentials(chosen.credentials),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithUserAgent("sightline-go/" + Version),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime}),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes),
			grpc.MaxCallSendMsgSize(maxMessageBytes),
			grpc.MaxRetryRPCBufferSize(maxMessageBytes), // gRPC's own 256 KiB would leave most pictures unretried
		),
		grpc.WithChainUnaryInterceptor(client.interceptUnary),
		grpc.WithChainStreamInterceptor(interceptStream),
	}, chosen.dial...)
	connection, err := grpc.NewClient(cmp.Or(address, environmentAddress()), dial...)
	if err != nil {
		return nil, err
	}
	client.connection = connection
	client.Collections = sightlinev1.NewCollectionServiceClient(connection)
	client.Images = sightlinev1.NewImageServiceClient(connection)
	client.Segmentation = sightlinev1.NewSegmentationServiceClient(connection)
	client.Texts = sightlinev1.NewTextServiceClient(connection)
	client.Searches = sightlinev1.NewSearchServiceClient(connection)
	client.Embeddings = sightlinev1.NewEmbeddingServiceClient(connection)
	client.Models = sightlinev1.NewModelServiceClient(connection)
	client.Imports = sightlinev1.NewImportServiceClient(connection)
	client.Operations = longrunningpb.NewOperationsClient(connection)
	client.Health = grpc_health_v1.NewHealthClient(connection)
	return client, nil
}

// Close ends the connection; calls under way are cancelled.
func (c *Client) Close() error {
	return c.connection.Close()
}

// withTimeout gives a context without a deadline the client's.
func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has || c.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

func environmentAddress() string {
	host := cmp.Or(os.Getenv("SIGHTLINE_ORCHESTRATOR_HOST"), "127.0.0.1")
	port := cmp.Or(os.Getenv("SIGHTLINE_ORCHESTRATOR_PORT"), "50051")
	return cmp.Or(os.Getenv("SIGHTLINE_ORCHESTRATOR_ADDRESS"), net.JoinHostPort(strings.Trim(host, "[]"), port))
}
