package sightline_test

import (
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

func TestHealthIsWatchedUntilTheCallerStops(t *testing.T) {
	server := health.NewServer()
	register := func(to *grpc.Server) { grpc_health_v1.RegisterHealthServer(to, server) }
	var seen []grpc_health_v1.HealthCheckResponse_ServingStatus
	for answer, err := range serve(t, register).WatchHealth(t.Context(), "") {
		must(t, err)
		seen = append(seen, answer)
		if len(seen) == 2 {
			break
		}
		server.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	}
	if seen[0] != grpc_health_v1.HealthCheckResponse_SERVING || seen[1] != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("saw %v", seen)
	}
}

func TestAWatchThatCannotBeginFails(t *testing.T) {
	var seen []codes.Code
	for _, err := range serve(t, func(*grpc.Server) {}).WatchHealth(t.Context(), "") {
		seen = append(seen, status.Code(err))
	}
	if !slices.Equal(seen, []codes.Code{codes.Unimplemented}) {
		t.Errorf("saw %v", seen)
	}
}
