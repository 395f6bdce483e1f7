package main

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"

	"peer/gen"
)

// gateway TARGET: grpc-gateway in front of the gRPC server TARGET. What it prints of a message is what Sightline's
// gateway prints: fields without presence always, others where they are set.
func gateway(arguments []string) error {
	marshaler := &runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{EmitDefaultValues: true}}
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, marshaler))
	insecurely := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	err := gen.RegisterSearchServiceHandlerFromEndpoint(context.Background(), mux, arguments[0], insecurely)
	if err != nil {
		return err
	}
	listener, err := listen()
	if err != nil {
		return err
	}
	return http.Serve(listener, mux)
}
