package main

import (
	"context"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/proto"

	"peer/gen"
)

// canned answers every search with the same response.
type canned struct {
	gen.UnimplementedSearchServiceServer
	answer *gen.SearchResponse
}

func (c canned) Search(context.Context, *gen.SearchRequest) (*gen.SearchResponse, error) {
	return c.answer, nil
}

// serve ANSWER: a gRPC server whose searches all find the SearchResponse that the file ANSWER holds.
func serve(arguments []string) error {
	data, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	answer := &gen.SearchResponse{}
	if err := proto.Unmarshal(data, answer); err != nil {
		return err
	}
	listener, err := listen()
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	gen.RegisterSearchServiceServer(server, canned{answer: answer})
	reflection.Register(server)
	return server.Serve(listener)
}
