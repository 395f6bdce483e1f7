package sightline

import (
	"context"
	"errors"
	"io"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// WatchHealth gives whether the server, or one of its services such as "sightline.v1.SearchService", answers: now,
// and at every change, until the caller stops or the context ends.
func (c *Client) WatchHealth(
	ctx context.Context, service string, options ...grpc.CallOption,
) iter.Seq2[grpc_health_v1.HealthCheckResponse_ServingStatus, error] {
	return func(yield func(grpc_health_v1.HealthCheckResponse_ServingStatus, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		answers, err := c.Health.Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: service}, options...)
		for err == nil {
			var answer *grpc_health_v1.HealthCheckResponse
			if answer, err = answers.Recv(); err == nil && !yield(answer.GetStatus(), nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(grpc_health_v1.HealthCheckResponse_UNKNOWN, err)
		}
	}
}
